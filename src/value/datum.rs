use std::sync::Arc;

use ecow::{EcoString, EcoVec};

use super::{Duration, Key, Kind, Map, Template, Timestamp};

/// The elements of a list, in order. A clone shares them.
pub type List = EcoVec<Value>;

/// What an expression gives and a node's input, output and state are made of.
///
/// At most 24 bytes; a clone never copies text or elements. `==` is CEL's equality: numbers compare by what they
/// stand for (`1 == 1u == 1.0`) and NaN differs from itself.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// An unsigned 64-bit integer.
    Uint(u64),
    /// An IEEE 754 double.
    Double(f64),
    /// Unicode text.
    String(EcoString),
    /// Octets.
    Bytes(EcoVec<u8>),
    /// A span of time.
    Duration(Duration),
    /// A point in time.
    Timestamp(Timestamp),
    /// A list; its elements may be of several kinds.
    List(List),
    /// A map or a record.
    Map(Map),
    /// A value that may be missing.
    Optional(Option<Arc<Value>>),
    /// A type as a value, as `type(x)` gives it.
    Type(Kind),
    /// Text with references to secrets, filled where the node is executed.
    Template(Arc<Template>),
}

impl Value {
    /// The absent optional.
    pub const NONE: Self = Self::Optional(None);

    /// The optional that holds `value`.
    #[must_use]
    pub fn some(value: Self) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    /// The type of this value, as `type(x)` names it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Uint(_) => Kind::Uint,
            Self::Double(_) => Kind::Double,
            Self::String(_) => Kind::String,
            Self::Bytes(_) => Kind::Bytes,
            Self::Duration(_) => Kind::Duration,
            Self::Timestamp(_) => Kind::Timestamp,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
            Self::Optional(_) => Kind::Optional,
            Self::Type(_) => Kind::Type,
            Self::Template(_) => Kind::Secret,
        }
    }

    /// Whether this is its type's empty value: false, 0, "", an empty list, none, the zero duration.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null | Self::Optional(None) => true,
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => *value == 0.0,
            Self::String(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Duration(duration) => *duration == Duration::ZERO,
            Self::Timestamp(time) => *time == Timestamp::EPOCH,
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Optional(Some(_)) | Self::Type(_) | Self::Template(_) => false,
        }
    }

    /// The entry of a record, `None` when this is no map or has no such entry.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.field(name),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Uint(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<EcoString> for Value {
    fn from(text: EcoString) -> Self {
        Self::String(text)
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Bool(value) => Self::Bool(value),
            Key::Int(value) => Self::Int(value),
            Key::Uint(value) => Self::Uint(value),
            Key::String(text) => Self::String(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn a_value_is_small_and_crosses_threads() {
        fn crosses_threads<T: Send + Sync>() {}
        crosses_threads::<Value>();
        assert!(size_of::<Value>() <= 24, "{}", size_of::<Value>());
    }
}
