use std::fmt;

use ecow::EcoString;

use super::Type;
use crate::value::{Value, print_double};

/// A member of a union of literals.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"gold"`
    String(EcoString),
    /// `3`
    Int(i64),
    /// `3u`
    Uint(u64),
    /// `1.5`
    Double(f64),
    /// `true`
    Bool(bool),
}

impl Literal {
    /// The literal that a value is; `None` for what can't be a member of a union.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::String(text) => Self::String(text.clone()),
            Value::Int(number) => Self::Int(*number),
            Value::Uint(number) => Self::Uint(*number),
            Value::Double(number) => Self::Double(*number),
            Value::Bool(value) => Self::Bool(*value),
            _ => return None,
        })
    }

    /// The value that it stands for.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::String(text) => Value::String(text.clone()),
            Self::Int(number) => Value::Int(*number),
            Self::Uint(number) => Value::Uint(*number),
            Self::Double(number) => Value::Double(*number),
            Self::Bool(value) => Value::Bool(*value),
        }
    }

    /// The type of which it is one value.
    #[must_use]
    pub fn ty(&self) -> Type {
        match self {
            Self::String(_) => Type::String,
            Self::Int(_) => Type::Int,
            Self::Uint(_) => Type::Uint,
            Self::Double(_) => Type::Double,
            Self::Bool(_) => Type::Bool,
        }
    }
}

/// As it is written.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "{:?}", text.as_str()),
            Self::Int(number) => write!(f, "{number}"),
            Self::Uint(number) => write!(f, "{number}u"),
            Self::Double(number) => f.write_str(&print_double(*number)),
            Self::Bool(value) => write!(f, "{value}"),
        }
    }
}
