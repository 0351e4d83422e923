use crate::catalog::shorthand::record;
use crate::catalog::{
    Ability, Class, Effect, ErrorInfo, Field, Form, Kind, Known, Meaning, Output, Part, Secrecy,
};
use crate::types::Type;

const QUERY_REASON: &str = "a query's text is fixed, so that no value can change what it does";

/// One SQL statement.
pub fn database_query() -> Kind {
    let sql = Meaning::Sql { params: "params", batch: "batch", mode: "mode" };
    Kind::new("database_query", Class::Activity { progress: false }, "Runs one SQL statement.")
        .field(
            Field::new("connection", Form::Value(Type::String), "The address of a PostgreSQL, MySQL, MariaDB or SQLite database.")
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
            Field::new("rows", Form::Type, "What a row is.").or_told("json").only_with("mode", &["rows", "one", "optional"]),
        )
        .field(
            Field::new(
                "mode",
                Form::choice(&["rows", "one", "optional", "execute"]),
                "What becomes of the rows: all, exactly one, at most one, or none.",
            )
            .or_word("rows"),
        )
        .field(
            Field::new("max_rows", Form::Value(Type::Int), "More rows than this are the error `TooManyRows`.")
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
        .can(Ability::Network)
        .can(Ability::ExactlyOnce)
        .note(
            "A value reaches the statement through `params` alone and is never a part of its text. `affected` counts the \
             rows that were changed, of modes with rows those that came.",
        )
        .note(
            "`transactional` needs the table `citadel_effects`, which `citadel db init` makes. See \
             [databases](databases.md) for engines, types and faults.",
        )
        .example(include_str!("../examples/database_query.citadel"))
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
        ErrorInfo::retryable("ConnectionFailed").when("There is no connection, or it broke."),
        ErrorInfo::retryable("Deadlock")
            .when("The database gave up this transaction for another, or a lock didn't come."),
        ErrorInfo::permanent("QueryFailed").with(query).when("The database refuses the statement."),
        ErrorInfo::permanent("ConstraintViolation")
            .with(constraint)
            .when("A key, a check, a reference or `not null` forbids it."),
        ErrorInfo::permanent("TooManyRows")
            .when("More rows came than `max_rows`, or than the one that `one` and `optional` take."),
        ErrorInfo::permanent("NoRow").when("No row came for `mode: one`."),
        ErrorInfo::permanent("TypeMismatch")
            .when("A column is nothing that `rows` says, or a value nothing that a parameter takes."),
        ErrorInfo::permanent("TlsFailed").when("The server doesn't prove who it is, or doesn't encrypt."),
        ErrorInfo::permanent("EgressDenied").when("The address is private, and that isn't allowed."),
        ErrorInfo::permanent("InvalidUrl").when("`connection` can't be read as an address."),
    ]
}
