use crate::catalog::shorthand::{record, text, texts};
use crate::catalog::{Block, Class, ErrorInfo, Field, Form, Kind, Meaning, Output, Part, Secrecy};
use crate::types::Type;

const CHANNELS: [&str; 6] = ["slack", "discord", "teams", "telegram", "email", "webhook"];
const CHAT: [&str; 3] = ["slack", "discord", "teams"];

/// A message to people.
pub fn notification() -> Kind {
    let mut kind = Kind::new("notification", Class::Activity { progress: false }, "Sends a message.");
    kind.block = message();
    kind.output(Output::Record(vec![
        ("id".into(), Part::Is(Type::String)),
        ("delivered_to".into(), Part::Is(Type::list(Type::String))),
        ("refused".into(), Part::Is(Type::list(Type::String))),
    ]))
    .errors(errors())
}

fn errors() -> [ErrorInfo; 7] {
    let answer = record(&[("status", Type::optional(Type::Int)), ("reply", Type::String)]);
    [
        ErrorInfo::retryable("DeliveryFailed").with(answer.clone()),
        ErrorInfo::retryable("RateLimited").with(answer.clone()),
        ErrorInfo::retryable("ConnectionFailed"),
        ErrorInfo::permanent("Rejected").with(answer),
        ErrorInfo::permanent("TlsFailed"),
        ErrorInfo::permanent("EgressDenied"),
        ErrorInfo::permanent("InvalidUrl"),
    ]
}

/// The fields of a message, which the invitation to an approval has too.
pub fn message() -> Block {
    let email =
        |name: &str, form: Form, doc: &str| Field::new(name, form, doc).only_with("channel", &["email"]);
    let telegram = |name: &str, form: Form, doc: &str| {
        Field::new(name, form, doc).only_with("channel", &["telegram"]).required()
    };
    Block::new()
        .field(Field::new("channel", Form::choice(&CHANNELS), "How it is sent.").required())
        .field(
            Field::new("webhook_url", text(), "The channel's address.")
                .secrecy(Secrecy::Expected)
                .required()
                .only_with("channel", &CHAT),
        )
        .field(telegram("bot_token", text(), "The bot's token.").secrecy(Secrecy::Expected))
        .field(telegram("chat_id", Form::OneOf(vec![Type::String, Type::Int]), "The chat."))
        .field(
            Field::new("base_url", text(), "A server of one's own in place of https://api.telegram.org.")
                .only_with("channel", &["telegram"]),
        )
        .field(
            Field::new("text", text(), "The message.")
                .required_for(&["slack", "discord", "teams", "telegram"])
                .only_with("channel", &["slack", "discord", "teams", "telegram", "email"]),
        )
        .fields([
            email("smtp", text(), "The mail server's address.")
                .secrecy(Secrecy::ExpectedInAddress)
                .required(),
            email("from", text(), "Who sends it.").required(),
            email("to", texts(), "Who gets it.").required(),
            email("cc", texts(), "Who gets a copy."),
            email("subject", text(), "The subject."),
            email("html", text(), "The message, as HTML."),
            email("attachments", attachments(), "Files that go with it."),
        ])
        .fields(webhook())
}

fn attachments() -> Form {
    let kind = Type::optional(Type::String);
    Form::Value(Type::list(record(&[
        ("name", Type::String),
        ("content_type", kind),
        ("content", Type::Bytes),
    ])))
}

fn webhook() -> [Field; 3] {
    let field =
        |name: &str, form: Form, doc: &str| Field::new(name, form, doc).only_with("channel", &["webhook"]);
    [
        field("url", text(), "The address.").required().meaning(Meaning::Url),
        field("json", Form::Value(Type::Json), "The body."),
        field("sign_with", text(), "The key of its signature.").secrecy(Secrecy::Expected),
    ]
}
