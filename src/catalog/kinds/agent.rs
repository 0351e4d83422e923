use crate::catalog::shorthand::{record, text};
use crate::catalog::{Ability, Class, ErrorInfo, Field, Form, Kind, Output, Part, Secrecy};
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
        .field(
            Field::new("max_tokens", Form::Value(Type::Int), "How long an answer may be.")
                .at_least(1)
                .unit("tokens"),
        )
        .field(Field::new("temperature", Form::Value(Type::Double), "How much its answers vary."))
        .field(Field::new("budget", Form::Value(Type::Double), "What it may cost."))
        .output(output())
        .errors(errors())
        .can(Ability::Network)
        .can(Ability::CheckedOnly)
        .example(include_str!("../examples/ai_agent.citadel"))
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
        ErrorInfo::retryable("RateLimited").when("The provider asks to come later."),
        ErrorInfo::retryable("ProviderError").when("The provider is in trouble."),
        ErrorInfo::permanent("ContextTooLong").when("The model takes no conversation of that length."),
        ErrorInfo::permanent("Refused").when("The model refuses to answer."),
        ErrorInfo::permanent("InvalidOutput").when("The answer isn't what `returns` says."),
        ErrorInfo::permanent("BudgetExceeded").when("It would cost more than `budget`."),
        ErrorInfo::permanent("ToolDenied").when("The model asks for a tool that `tools` doesn't name."),
    ]
}
