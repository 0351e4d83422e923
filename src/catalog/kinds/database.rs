use crate::catalog::shorthand::record;
use crate::catalog::{Class, Effect, ErrorInfo, Field, Form, Kind, Known, Meaning, Output, Part, Secrecy};
use crate::types::Type;

const QUERY_REASON: &str = "a query's text is fixed, so that no value can change what it does";

/// One SQL statement.
pub fn database_query() -> Kind {
    let sql = Meaning::Sql { params: "params", batch: "batch", mode: "mode" };
    Kind::new("database_query", Class::Activity { progress: false }, "Runs one SQL statement.")
        .field(
            Field::new("connection", Form::Value(Type::String), "The database's address.")
                .required()
                .secrecy(Secrecy::ExpectedInAddress),
        )
        .field(Field::new("query", Form::Literal(QUERY_REASON), "The statement.").required().meaning(sql))
        .field(Field::new(
            "params",
            Form::Entries(Vec::new()),
            "The values of the statement's `:name` parameters.",
        ))
        .field(
            Field::new("rows", Form::Type, "What a row is.").only_with("mode", &["rows", "one", "optional"]),
        )
        .field(
            Field::new(
                "mode",
                Form::choice(&["rows", "one", "optional", "execute"]),
                "What becomes of the rows.",
            )
            .or_word("rows"),
        )
        .field(
            Field::new("max_rows", Form::Value(Type::Int), "More rows than this are an error.")
                .at_least(1)
                .or_int(10_000),
        )
        .field(Field::new(
            "batch",
            Form::Value(Type::list(Type::Json)),
            "Runs the statement once for each record.",
        ))
        .field(
            Field::new(
                "transactional",
                Form::Known(Known::Bool),
                "Writes effect and key in one transaction.",
            )
            .or_bool(false),
        )
        .output(output())
        .errors(errors())
        .effect(Effect::UnclearWhere { field: "mode", words: &["execute"] })
}

fn output() -> Output {
    let affected = || ("affected".into(), Part::Is(Type::Int));
    let rows = Part::ListOf("rows".into(), Type::Json);
    let one = Part::Declared("rows".into(), Type::Json);
    let optional = Part::OptionalOf("rows".into(), Type::Json);
    Output::ByWord {
        field: "mode".into(),
        records: vec![
            ("rows".into(), vec![("rows".into(), rows), affected()]),
            ("one".into(), vec![("row".into(), one), affected()]),
            ("optional".into(), vec![("row".into(), optional), affected()]),
            ("execute".into(), vec![affected()]),
        ],
    }
}

fn errors() -> Vec<ErrorInfo> {
    let maybe = || Type::optional(Type::String);
    let constraint =
        record(&[("code", Type::String), ("constraint", maybe()), ("table", maybe()), ("column", maybe())]);
    let query = record(&[("code", maybe()), ("position", Type::optional(Type::Int))]);
    vec![
        ErrorInfo::retryable("ConnectionFailed"),
        ErrorInfo::retryable("Deadlock"),
        ErrorInfo::permanent("QueryFailed").with(query),
        ErrorInfo::permanent("ConstraintViolation").with(constraint),
        ErrorInfo::permanent("TooManyRows"),
        ErrorInfo::permanent("NoRow"),
        ErrorInfo::permanent("TypeMismatch"),
        ErrorInfo::permanent("TlsFailed"),
        ErrorInfo::permanent("EgressDenied"),
        ErrorInfo::permanent("InvalidUrl"),
    ]
}
