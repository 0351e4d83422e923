use crate::catalog::shorthand::{record, text};
use crate::catalog::{Class, ErrorInfo, Field, Form, Kind, Output, Part, Secrecy};
use crate::types::Type;

const PROVIDERS: [&str; 12] = [
    "openai",
    "openai_compatible",
    "anthropic",
    "ollama",
    "gemini",
    "groq",
    "mistral",
    "deepseek",
    "cohere",
    "xai",
    "azure",
    "bedrock",
];

/// A conversation with a language model.
pub fn ai_agent() -> Kind {
    Kind::new("ai_agent", Class::Activity { progress: true }, "Asks a language model, which may use tools.")
        .field(Field::new("provider", Form::choice(&PROVIDERS), "Whose model it is."))
        .field(Field::new("model", text(), "The model's name.").required())
        .field(Field::new("base_url", text(), "The provider's address."))
        .field(Field::new("api_key", text(), "The provider's key.").secrecy(Secrecy::Expected))
        .field(Field::new("system", text(), "What the model is told first."))
        .field(Field::new("prompt", text(), "What it is asked.").required())
        .field(Field::new("tools", Form::Tools, "What it may use."))
        .field(Field::new(
            "returns",
            Form::Type,
            "What `value` is; the model's answer is validated against it.",
        ))
        .field(
            Field::new("max_turns", Form::Value(Type::Int), "How often it may answer.")
                .at_least(1)
                .or_int(10),
        )
        .field(Field::new("max_tokens", Form::Value(Type::Int), "How long an answer may be.").at_least(1))
        .field(Field::new("temperature", Form::Value(Type::Double), "How much its answers vary."))
        .field(Field::new("budget", Form::Value(Type::Double), "What it may cost."))
        .output(output())
        .errors(errors())
}

fn output() -> Output {
    let call = record(&[("name", Type::String), ("input", Type::Json), ("output", Type::Json)]);
    let usage = record(&[("input_tokens", Type::Int), ("output_tokens", Type::Int)]);
    Output::Record(vec![
        ("text".into(), Part::Is(Type::String)),
        ("value".into(), Part::Declared("returns".into(), Type::Json)),
        ("tool_calls".into(), Part::Is(Type::list(call))),
        ("usage".into(), Part::Is(usage)),
        ("turns".into(), Part::Is(Type::Int)),
    ])
}

fn errors() -> Vec<ErrorInfo> {
    vec![
        ErrorInfo::retryable("RateLimited"),
        ErrorInfo::retryable("ProviderError"),
        ErrorInfo::permanent("ContextTooLong"),
        ErrorInfo::permanent("Refused"),
        ErrorInfo::permanent("InvalidOutput"),
        ErrorInfo::permanent("BudgetExceeded"),
        ErrorInfo::permanent("ToolDenied"),
    ]
}
