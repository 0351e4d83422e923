use crate::nodes::NodeError;
use crate::value::Value;

/// That the database refused a statement. `code` is its own name of what was wrong, `position` the character of the
/// author's text, from 1.
pub(super) fn query_failed(
    message: impl Into<String>,
    code: Option<&str>,
    position: Option<usize>,
) -> NodeError {
    let position = position.and_then(|position| i64::try_from(position).ok());
    NodeError::new("QueryFailed", message).with([
        ("code", optional(code)),
        ("position", position.map_or(Value::NONE, |at| Value::some(at.into()))),
    ])
}

/// What a constraint is called, and what it is about, as far as the database says it.
#[derive(Default)]
pub(super) struct Constraint<'t> {
    pub(super) name: Option<&'t str>,
    pub(super) table: Option<&'t str>,
    pub(super) column: Option<&'t str>,
}

/// That the values of a statement break a constraint. Which values they are is not told.
pub(super) fn constraint_violation(kind: &str, code: &str, of: &Constraint<'_>) -> NodeError {
    let message = match (of.name, of.table, of.column) {
        (Some(name), Some(table), _) => format!("{kind}: `{name}` of `{table}`"),
        (Some(name), None, _) => format!("{kind}: `{name}`"),
        (None, Some(table), Some(column)) => format!("{kind}: `{table}.{column}`"),
        (None, Some(name), None) | (None, None, Some(name)) => format!("{kind}: `{name}`"),
        (None, None, None) => kind.to_owned(),
    };
    NodeError::new("ConstraintViolation", message).with([
        ("code", code.into()),
        ("constraint", optional(of.name)),
        ("table", optional(of.table)),
        ("column", optional(of.column)),
    ])
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::NONE, |text| Value::some(text.into()))
}

/// That a value can't be bound, or a column is not what the rows are declared to be.
pub(super) fn mismatch(message: impl Into<String>) -> NodeError {
    NodeError::new("TypeMismatch", message)
}

/// That the table of effects isn't there.
pub(super) fn no_effects_table(code: &str) -> NodeError {
    let message = format!(
        "the database has no table `{}`, which `transactional` needs: `citadel db init` makes it",
        super::effects::TABLE
    );
    query_failed(message, Some(code), None).before_effect()
}

/// That the connection was lost or never came to be.
pub(super) fn connection_failed(reason: impl std::fmt::Display) -> NodeError {
    NodeError::new("ConnectionFailed", format!("the connection to the database failed: {reason}"))
}

/// That the database gave way to another transaction.
pub(super) fn deadlock() -> NodeError {
    NodeError::new("Deadlock", "the transaction gave way to another one").before_effect()
}

/// That the server stopped the statement when its time was over.
pub(super) fn timeout() -> NodeError {
    NodeError::new("Timeout", "the database stopped the statement, whose time was over")
}

/// That the text of the connection can't be used. It is a secret and never shown.
pub(super) fn invalid(reason: impl std::fmt::Display) -> NodeError {
    NodeError::new("InvalidUrl", format!("the connection can't be used: {reason}")).before_effect()
}

/// The database's own name of what was wrong, in the details.
pub(super) fn code(error: &NodeError) -> Option<&str> {
    match error.details.field("code")? {
        Value::Optional(Some(code)) => match code.as_ref() {
            Value::String(code) => Some(code),
            _ => None,
        },
        _ => None,
    }
}
