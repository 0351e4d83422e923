use crate::catalog::shorthand::{text, texts};
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
    ]))
    .errors([
        ErrorInfo::retryable("DeliveryFailed"),
        ErrorInfo::retryable("RateLimited"),
        ErrorInfo::retryable("ConnectionFailed"),
        ErrorInfo::permanent("Rejected"),
    ])
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
            Field::new("text", text(), "The message.")
                .required_for(&["slack", "discord", "teams", "telegram"])
                .only_with("channel", &["slack", "discord", "teams", "telegram", "email"]),
        )
        .fields([
            email("smtp", text(), "The mail server's address.").secrecy(Secrecy::ExpectedInAddress),
            email("from", text(), "Who sends it."),
            email("to", texts(), "Who gets it.").required(),
            email("cc", texts(), "Who gets a copy."),
            email("subject", text(), "The subject."),
            email("html", text(), "The message, as HTML."),
            email("attachments", Form::Any, "Files that go with it."),
        ])
        .fields(webhook())
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
