use std::cmp::Ordering;
use std::fmt;

use ecow::EcoString;

use super::Value;

/// A key of a map. `1` and `1u` are the same key.
///
/// The order is the one in which maps iterate: false, true, numbers by size, then text by code point.
#[derive(Clone, Debug)]
pub enum Key {
    /// A boolean key.
    Bool(bool),
    /// A signed key.
    Int(i64),
    /// An unsigned key.
    Uint(u64),
    /// A text key.
    String(EcoString),
}

impl Key {
    /// The key that finds `value` in a map: a double finds the integer that it equals. `None` for what can't be a
    /// key, and for a double that equals no 64-bit integer.
    #[must_use]
    pub fn finding(value: &Value) -> Option<Self> {
        match value {
            Value::Double(double) => Self::from_double(*double),
            other => Self::of(other),
        }
    }

    /// The key that stands in a map literal as `value`, which must be a bool, an integer or a text.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Int(value) => Some(Self::Int(*value)),
            Value::Uint(value) => Some(Self::Uint(*value)),
            Value::String(text) => Some(Self::String(text.clone())),
            _ => None,
        }
    }

    fn from_double(double: f64) -> Option<Self> {
        if double.fract() != 0.0 {
            return None;
        }
        if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&double) {
            return Some(Self::Int(double as i64));
        }
        (0.0..18_446_744_073_709_551_616.0).contains(&double).then_some(Self::Uint(double as u64))
    }

    fn as_number(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some(i128::from(*value)),
            Self::Uint(value) => Some(i128::from(*value)),
            Self::Bool(_) | Self::String(_) => None,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) | Self::Uint(_) => 1,
            Self::String(_) => 2,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::String(a), Self::String(b)) => a.as_str().cmp(b.as_str()),
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()).then_with(|| self.as_number().cmp(&other.as_number())),
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// The key as the name of a JSON member.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Uint(value) => value.fmt(f),
            Self::String(text) => f.write_str(text),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Value};

    #[test]
    fn numbers_that_are_equal_are_one_key() {
        assert_eq!(Key::Int(1), Key::Uint(1));
        assert_eq!(Key::finding(&Value::Double(1.0)), Some(Key::Uint(1)));
        assert_eq!(Key::finding(&Value::Double(1.5)), None);
        assert_eq!(Key::finding(&Value::Double(f64::NAN)), None);
        assert_eq!(Key::finding(&Value::Double(18_446_744_073_709_551_616.0)), None);
    }

    #[test]
    fn keys_are_ordered_by_kind_then_by_size() {
        let mut keys = [Key::from("a"), Key::Uint(u64::MAX), Key::Int(-1), Key::Bool(true), Key::Uint(0)];
        keys.sort();
        assert_eq!(keys, [Key::Bool(true), Key::Int(-1), Key::Int(0), Key::Uint(u64::MAX), Key::from("a")]);
    }
}
