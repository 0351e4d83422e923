use crate::catalog::shorthand::{header_map, record, scalars, text};
use crate::catalog::{
    Ability, Class, Effect, ErrorInfo, Field, Form, Kind, Meaning, Output, Part, Signature,
};
use crate::types::Type;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// One HTTP request.
pub fn http_request() -> Kind {
    Kind::new("http_request", Class::Activity { progress: false }, "Sends one HTTP request.")
        .field(
            Field::new("url", text(), "The address; interpolated parts are percent-encoded.")
                .required()
                .meaning(Meaning::Url),
        )
        .field(Field::new("method", Form::choice(&METHODS), "The method.").or_word("GET"))
        .field(
            Field::new("headers", Form::Value(header_map()), "Headers by name.")
                .secret()
                .meaning(Meaning::Headers),
        )
        .field(Field::new("query", Form::Entries(scalars()), "Parameters that are added to the address."))
        .field(Field::new("json", Form::Value(Type::Json), "A body, sent as JSON.").secret())
        .field(
            Field::new("body", Form::OneOf(vec![Type::String, Type::Bytes]), "A body, sent as it is.")
                .secret(),
        )
        .field(Field::new("form", Form::Entries(scalars()), "A body, sent as a form.").secret())
        .at_most_one_of(&["json", "body", "form"])
        .field(Field::new("auth", Form::Call(auth()), "How the request proves who sends it.").secret())
        .field(Field::new("response", Form::Type, "What the body of the answer is.").or_told("json"))
        .field(Field::new("accept", Form::Statuses, "Statuses and classes (`404`, `\"2xx\"`) that are no error.").or_texts(&["2xx"]))
        .field(
            Field::new("follow_redirects", Form::Value(Type::Int), "How many redirects are followed.")
                .at_least(0)
                .or_int(5),
        )
        .field(
            Field::new("max_response", Form::Value(Type::Int), "The largest body.")
                .unit("bytes")
                .at_least(1)
                .or_int(1 << 20),
        )
        .field(Field::new("idempotency_key", text(), "A key of its own, sent as `Idempotency-Key`.")
            .or_told("the key of the execution"))
        .output(Output::Record(vec![
            ("status".into(), Part::Is(Type::Int)),
            ("headers".into(), Part::Is(header_map())),
            ("body".into(), Part::Declared("response".into(), Type::Json)),
        ]))
        .errors(errors())
        .effect(Effect::UnclearWhere { field: "method", words: &["POST", "PATCH"] })
        .can(Ability::Network)
        .can(Ability::SendsKey)
        .note(
            "`response: string` takes any text, `bytes` the raw body, every other type is read as JSON. Without it a JSON \
             body is parsed, an empty one is null, and any other is text. Names in `headers` of the output are in lower \
             case.",
        )
        .example(include_str!("../examples/http_request.citadel"))
}

fn auth() -> Vec<Signature> {
    vec![
        Signature::new("basic", &["~user", "*password"]),
        Signature::new("bearer", &["*token"]),
        Signature::new("api_key", &["header", "*value"]),
        Signature::new("oauth2", &["token_url", "~id", "*secret"])
            .optional("scopes", Type::list(Type::String)),
    ]
}

fn errors() -> Vec<ErrorInfo> {
    let answer = record(&[("status", Type::Int), ("headers", header_map()), ("body", Type::String)]);
    vec![
        ErrorInfo::retryable("HttpServerError").with(answer.clone()).when("A status from 500 on."),
        ErrorInfo::retryable("RateLimited")
            .with(answer.clone())
            .when("The status 429; the next attempt waits as long as `Retry-After` asks for."),
        ErrorInfo::retryable("ConnectionFailed").when("There is no connection, or it broke."),
        ErrorInfo::permanent("HttpClientError")
            .with(answer)
            .when("Any other status that `accept` doesn't name."),
        ErrorInfo::permanent("TlsFailed").when("The server doesn't prove who it is."),
        ErrorInfo::permanent("TypeMismatch").when("The body isn't what `response` says."),
        ErrorInfo::permanent("ResponseTooLarge").when("The body is larger than `max_response`."),
        ErrorInfo::permanent("EgressDenied")
            .when("The address, or that of a redirect, is private, and that isn't allowed."),
        ErrorInfo::permanent("TooManyRedirects").when("There are more redirects than `follow_redirects`."),
        ErrorInfo::permanent("InvalidUrl").when("The address, or that of a redirect, can't be read."),
    ]
}
