use thiserror::Error;

use super::key::Form;

/// Why a text can't be a value of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("it is a URL, and an address is a host and a port")]
    Url,
    #[error("`{0}` has no port")]
    NoPort(String),
    #[error("`{0}` has no host")]
    NoHost(String),
    #[error("`{0}` is no port")]
    Port(String),
    #[error("`{0}` is no host")]
    Host(String),
    #[error("it is empty")]
    Empty,
    #[error("`{0}` is no time")]
    Time(String),
    #[error("`{0}` is longer than 10,000 years")]
    LongTime(String),
    #[error("`{0}` is not longer than no time")]
    NoTime(String),
    #[error("`{0}` is no positive whole number")]
    Count(String),
    #[error("`{0}` is neither `true` nor `false`")]
    Switch(String),
    #[error("`{0}` is no engine")]
    Engine(String),
    #[error("it is not written as {}", written(*.0))]
    Kind(Form),
    #[error("it is not written as a text")]
    NoText,
    #[error("it is no address with `{{run}}` and `{{node}}` in it")]
    Link,
    #[error("`{0}` is no store")]
    Store(String),
    #[error("it holds a password, which everybody can read here")]
    Password,
}

impl Problem {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Url | Self::NoPort(_) | Self::NoHost(_) => "write host and port: `localhost:7233`",
            Self::Port(_) => "a port is a number from 1 to 65535, as in `localhost:7233`",
            Self::Host(_) => {
                "a host is a name or an IP address; one of IPv6 stands in brackets: `[::1]:7233`"
            }
            Self::Empty => "write it, or leave it away and the default holds",
            Self::Time(_) | Self::LongTime(_) | Self::NoTime(_) => {
                "write a time such as `90s`, `10m` or `1h30m`"
            }
            Self::Count(_) => "write a number such as `3`",
            Self::Switch(_) => "write `true` or `false`",
            Self::Engine(_) => "an engine is \"embedded\" or \"temporal\"",
            Self::Kind(form) => kind_help(*form),
            Self::Store(_) => {
                "write `\"sqlite:PATH\"`, `\"postgres://USER@HOST/DATABASE\"`, or `\"env:NAME\"` for the variable that holds it"
            }
            Self::Password => "put the address into a variable, and write `\"env:NAME\"`",
            Self::NoText => "write it in quotation marks",
            Self::Link => "write an address such as `https://ops.example.com/{run}/{node}`",
        }
    }
}

fn written(form: Form) -> &'static str {
    match form {
        Form::Address | Form::Name | Form::Path => "a text",
        Form::Time => "a text with a time",
        Form::Count => "a whole number",
        Form::Switch => "`true` or `false`",
    }
}

fn kind_help(form: Form) -> &'static str {
    match form {
        Form::Address => "write `\"localhost:7233\"`",
        Form::Name | Form::Path => "write it in quotation marks",
        Form::Time => "write `\"10m\"`, with its unit and in quotation marks",
        Form::Count => "write a number such as `3`, without quotation marks",
        Form::Switch => "write `true` or `false`, without quotation marks",
    }
}
