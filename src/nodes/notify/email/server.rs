use reqwest::Url;

use crate::nodes::login::Login;
use crate::nodes::notify::failure::invalid;
use crate::nodes::{NodeError, login};

/// A mail server's address.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
}

/// When the conversation is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Security {
    /// From its first byte.
    Wrapped,
    /// After `STARTTLS`, without which there is none.
    Upgraded,
    /// The same, but to this machine without a password it may go on in clear.
    UpgradedUnlessLocal,
    /// Never, because the address says so.
    Clear,
}

impl Server {
    /// Reads `smtp://user:password@host:port?tls=…`; what is wrong is said without showing any of it.
    pub(super) fn read(text: &str) -> Result<Self, NodeError> {
        let url = Url::parse(text).map_err(|error| invalid(format!("`smtp` can't be read: {error}")))?;
        let login = Login::of(&url);
        let security = security(&url, login.is_some())?;
        let host = match url.host() {
            Some(host) => login::decoded(&host.to_string()),
            None => return Err(invalid("`smtp` has no host")),
        };
        let usual = if security == Security::Wrapped { 465 } else { 587 };
        if login.iter().any(|login| has_nul(&login.user) || has_nul(&login.password)) {
            return Err(invalid("the user or the password of `smtp` holds a NUL"));
        }
        Ok(Self { host, port: url.port().unwrap_or(usual), security, login })
    }
}

fn security(url: &Url, has_login: bool) -> Result<Security, NodeError> {
    let wish = wish(url)?;
    match (url.scheme(), wish.as_deref()) {
        ("smtps", None | Some("required")) => Ok(Security::Wrapped),
        ("smtp", None) if !has_login => Ok(Security::UpgradedUnlessLocal),
        ("smtp" | "smtp+starttls", None | Some("required")) => Ok(Security::Upgraded),
        ("smtp", Some("none")) => Ok(Security::Clear),
        ("smtp" | "smtps" | "smtp+starttls", _) => {
            Err(invalid("`tls` of `smtp` is `required`, or of `smtp://` also `none`"))
        }
        _ => Err(invalid("`smtp` must begin with smtp://, smtps:// or smtp+starttls://")),
    }
}

/// What `tls` says; no other parameter is known.
fn wish(url: &Url) -> Result<Option<String>, NodeError> {
    let mut wish = None;
    for (name, value) in url.query_pairs() {
        match (name.as_ref(), &wish) {
            ("tls", None) => wish = Some(value.into_owned()),
            _ => return Err(invalid("`smtp` has a parameter besides one `tls`")),
        }
    }
    Ok(wish)
}

fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::{Security, Server};

    #[test]
    fn an_address_says_when_it_is_encrypted() {
        for (text, port, security) in [
            ("smtps://mail.example.com", 465, Security::Wrapped),
            ("smtps://mail.example.com:4650?tls=required", 4_650, Security::Wrapped),
            ("smtp://mail.example.com", 587, Security::UpgradedUnlessLocal),
            ("smtp://u:p@mail.example.com", 587, Security::Upgraded),
            ("smtp://mail.example.com?tls=required", 587, Security::Upgraded),
            ("smtp+starttls://mail.example.com:25", 25, Security::Upgraded),
            ("smtp://u:p@mail.example.com:25/?tls=none", 25, Security::Clear),
        ] {
            let server = Server::read(text).expect(text);
            assert_eq!((server.port, server.security), (port, security), "{text}");
            assert_eq!(server.host, "mail.example.com");
        }
    }

    #[test]
    fn a_login_is_decoded() {
        let server = Server::read("smtps://me%40example.com:a%2Fb%3Ac@[::1]:25").expect("an address");
        let login = server.login.expect("a login");
        assert_eq!((login.user.as_str(), login.password.as_str()), ("me@example.com", "a/b:c"));
        assert_eq!(server.host, "[::1]");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_shown() {
        for text in [
            "hunter2",
            "http://hunter2@example.com",
            "smtp:hunter2",
            "smtp://u:hunter2@",
            "smtps://u:hunter2@example.com?tls=none",
            "smtp+starttls://u:hunter2@example.com?tls=none",
            "smtp://u:hunter2@example.com?tls=maybe",
            "smtp://u:hunter2@example.com?tls=none&tls=none",
            "smtp://u:hunter2@example.com?verify=no",
            "smtp://u:hunter2%00@example.com",
        ] {
            let error = Server::read(text).err().expect(text);
            assert_eq!((error.name.as_str(), error.before_effect), ("InvalidUrl", true), "{text}");
            assert!(!error.message.contains("hunter2"), "{}", error.message);
        }
    }
}
