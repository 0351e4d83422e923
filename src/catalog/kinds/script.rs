use crate::catalog::shorthand::{record, string_map};
use crate::catalog::{Ability, Block, Class, Effect, ErrorInfo, Field, Form, Kind, Meaning, Output, Part};
use crate::types::Type;

const SCRIPT_REASON: &str = "a script's text is fixed; data reaches it through `inputs` and `env`";
const FILE_REASON: &str = "the file is a part of the plan";

/// A program in a language of its own.
pub fn script_execution() -> Kind {
    Kind::new("script_execution", Class::Activity { progress: true }, "Runs a script or a command.")
        .field(Field::new(
            "language",
            Form::choice(&["bash", "python", "node"]),
            "What the script is written in.",
        ))
        .field(Field::new("command", Form::Value(Type::list(Type::String)), "A program and its arguments."))
        .one_of(&["language", "command"])
        .field(Field::new("script", Form::Literal(SCRIPT_REASON), "Its text.").meaning(Meaning::Script))
        .field(
            Field::new("file", Form::Literal(FILE_REASON), "The file with its text.")
                .meaning(Meaning::FileOf("script")),
        )
        .one_of_with("language", &["script", "file"])
        .field(Field::new("args", Form::Value(Type::list(Type::String)), "Its arguments."))
        .field(Field::new(
            "inputs",
            Form::Value(Type::Json),
            "JSON on its standard input and in `$CITADEL_INPUTS`.",
        ))
        .field(Field::new("env", Form::Value(string_map()), "Variables of its environment.").secret())
        .field(
            Field::new("format", Form::choice(&["text", "json", "lines"]), "What its standard output is.")
                .or_word("text"),
        )
        .field(Field::new("returns", Form::Type, "What `result` is.").or_told("by `format`"))
        .field(Field::new("limits", Form::Block(limits()), "What it may use."))
        .field(Field::new("network", Form::Value(Type::Bool), "Whether it may use the network.").or_told("false"))
        .output(output())
        .errors(errors())
        .effect(Effect::Unclear)
        .can(Ability::SendsKey)
        .note(
            "Data never becomes a part of the text: `inputs` arrive as JSON on standard input and in `$CITADEL_INPUTS`. \
             `$CITADEL_KEY` is the idempotency key. Beside `env` there is only what every program needs.",
        )
        .example(include_str!("../examples/script_execution.citadel"))
}

fn limits() -> Block {
    Block::new()
        .field(
            Field::new("memory", Form::Value(Type::Int), "Memory of all its processes together.")
                .at_least(1)
                .unit("bytes")
                .or_told("512 MiB"),
        )
        .field(
            Field::new(
                "cpu_time",
                Form::Value(Type::Duration),
                "Time of the processor, of all its processes together.",
            )
            .or_told("5m"),
        )
        .field(
            Field::new("output", Form::Value(Type::Int), "Standard output and error together.")
                .at_least(1)
                .unit("bytes")
                .or_told("1 MiB"),
        )
}

fn output() -> Output {
    let formats = [("text", Type::String), ("json", Type::Json), ("lines", Type::list(Type::String))];
    let record = |result: Type| {
        vec![
            ("result".into(), Part::Declared("returns".into(), result)),
            ("stdout".into(), Part::Is(Type::String)),
            ("stderr".into(), Part::Is(Type::String)),
            ("exit_code".into(), Part::Is(Type::Int)),
        ]
    };
    let records = formats.into_iter().map(|(word, result)| (word.into(), record(result))).collect();
    Output::ByWord { field: "format".into(), records }
}

fn errors() -> Vec<ErrorInfo> {
    let details = record(&[("exit_code", Type::Int), ("stderr", Type::String)]);
    let maybe = || Type::optional(Type::String);
    let killed = record(&[("signal", maybe()), ("limit", maybe()), ("stderr", Type::String)]);
    vec![
        ErrorInfo::retryable("ScriptFailed").with(details).when("It ended with an exit code other than 0."),
        ErrorInfo::retryable("ScriptKilled")
            .with(killed)
            .when("A signal ended it, or it went beyond a limit."),
        ErrorInfo::retryable("ScriptNotStarted").when("The system couldn't start it."),
        ErrorInfo::permanent("InterpreterMissing").when("The program isn't there."),
        ErrorInfo::permanent("OutputTooLarge").when("It wrote more than `limits.output`."),
        ErrorInfo::permanent("TypeMismatch")
            .when("Its output isn't what `returns` says, or it can't be given its input."),
    ]
}
