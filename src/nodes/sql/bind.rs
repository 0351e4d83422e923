use super::fault;
use crate::nodes::NodeError;
use crate::value::{Timestamp, Value};

/// Why a value can't be bound. It never says which value it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) String);

impl Unfit {
    /// That a value is of a type that isn't taken.
    pub(super) fn kind(value: &Value, wanted: &str) -> Self {
        Self(format!("{} where the database takes {wanted}", value.kind().word()))
    }

    /// The error, which names the parameter.
    pub(super) fn of(self, name: &str) -> NodeError {
        fault::mismatch(format!("the parameter `:{name}` can't be bound: {}", self.0)).before_effect()
    }
}

/// The value inside of optionals; none for null and what is missing.
pub(super) fn present(value: &Value) -> Option<&Value> {
    match value {
        Value::Null | Value::Optional(None) => None,
        Value::Optional(Some(inner)) => present(inner),
        value => Some(value),
    }
}

/// A list or record as JSON.
pub(super) fn json(value: &Value) -> Result<String, Unfit> {
    let json = value.to_json().map_err(|error| Unfit(format!("it can't be written as JSON: {error}")))?;
    Ok(json.to_string())
}

/// A time in UTC as databases without zones write it: `2024-01-02 03:04:05.5`.
pub(super) fn civil(time: Timestamp) -> String {
    time.print().trim_end_matches('Z').replacen('T', " ", 1)
}

/// Refuses a number that is none.
pub(super) fn finite(number: f64) -> Result<f64, Unfit> {
    if number.is_finite() { Ok(number) } else { Err(Unfit("the number is not finite".to_owned())) }
}
