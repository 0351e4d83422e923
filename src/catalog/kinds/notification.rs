use crate::catalog::shorthand::{record, text, texts};
use crate::catalog::{Ability, Block, Class, ErrorInfo, Field, Form, Kind, Meaning, Output, Part, Secrecy};
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
    .can(Ability::Network)
    .can(Ability::SendsKey)
    .note(
        "`id` is what the service calls the message, else the key that it was sent with; `delivered_to` has it, and a \
         mail server doesn't take mail for `refused`. See [messages](notifications.md) for the channels one by one.",
    )
    .example(include_str!("../examples/notification.citadel"))
}

fn errors() -> [ErrorInfo; 7] {
    let answer = record(&[("status", Type::optional(Type::Int)), ("reply", Type::String)]);
    [
        ErrorInfo::retryable("DeliveryFailed")
            .with(answer.clone())
            .when("The service can't now, or gives no clear answer."),
        ErrorInfo::retryable("RateLimited").with(answer.clone()).when("The service asks to come later."),
        ErrorInfo::retryable("ConnectionFailed").when("There is no connection, or it broke."),
        ErrorInfo::permanent("Rejected")
            .with(answer)
            .when("The service refuses the message for good, or it can't be sent as it is."),
        ErrorInfo::permanent("TlsFailed").when("The server doesn't prove who it is, or doesn't encrypt."),
        ErrorInfo::permanent("EgressDenied").when("The address is private, and that isn't allowed."),
        ErrorInfo::permanent("InvalidUrl").when("The address can't be read."),
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
        field("json", Form::Value(Type::Json), "The body, sent as JSON."),
        field("sign_with", text(), "The key of its signature.").secrecy(Secrecy::Expected),
    ]
}
