use std::sync::Arc;

use ecow::EcoString;

use super::{Field, Literal, Record};

/// A static type. A clone shares what is inside.
#[derive(Debug, Clone, Default)]
pub enum Type {
    /// Not known, because of an error that was reported or because nothing says more (the elements of `[]`). It fits
    /// everywhere and everything fits it.
    #[default]
    Unknown,
    /// CEL's `dyn`: known only at run time, and every operation may be tried.
    Dyn,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `duration`
    Duration,
    /// `timestamp`
    Timestamp,
    /// `list<T>`
    List(Arc<Type>),
    /// `map<K, V>`
    Map(Arc<Type>, Arc<Type>),
    /// `{ f: T }`
    Record(Arc<Record>),
    /// `"gold" | "silver"`, at least one
    Literals(Arc<[Literal]>),
    /// `T?`; what is inside is none itself
    Optional(Arc<Type>),
    /// `json`: any JSON, which has to be converted before it is operated on
    Json,
    /// Text with secrets in it, filled where the node is executed
    Secret,
    /// The type of a type as a value, `type(x)`
    Kind(Arc<Type>),
    /// A type parameter of a signature, or a type that is being inferred
    Parameter(u32),
}

impl Type {
    /// `list<element>`
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// `map<key, value>`
    #[must_use]
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    /// `inner?`; an optional stays as it is, since optionals don't nest.
    #[must_use]
    pub fn optional(inner: Self) -> Self {
        match inner {
            Self::Optional(_) => inner,
            inner => Self::Optional(Arc::new(inner)),
        }
    }

    /// A record without a name of its own, whose fields have no defaults.
    #[must_use]
    pub fn record<N: Into<EcoString>>(fields: impl IntoIterator<Item = (N, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, ty)| Field::new(name, ty)).collect();
        Self::Record(Arc::new(Record::new(None, fields)))
    }

    /// One of these texts.
    #[must_use]
    pub fn one_of(texts: &[&str]) -> Self {
        Self::Literals(texts.iter().map(|text| Literal::String((*text).into())).collect())
    }

    /// Whether nothing is known of it, or nothing has to be.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The type inside an optional; any other as it is.
    #[must_use]
    pub fn unwrapped(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// What a union's members are; any other as it is.
    #[must_use]
    pub fn widened(&self) -> Self {
        match self {
            Self::Literals(members) => {
                let mut kinds = members.iter().map(Literal::ty);
                let first = kinds.next().unwrap_or_default();
                if kinds.all(|kind| kind == first) { first } else { Self::Dyn }
            }
            other => other.clone(),
        }
    }

    /// A field of a record.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        match self {
            Self::Record(record) => record.field(name),
            _ => None,
        }
    }

    /// Whether a secret is in it, at any depth.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        match self {
            Self::Secret => true,
            Self::List(inner) | Self::Optional(inner) => inner.has_secret(),
            Self::Map(_, value) => value.has_secret(),
            Self::Record(record) => record.has_secret(),
            _ => false,
        }
    }

    /// Whether it is `int`, `uint` or `double`.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }
}

/// The same structure; whether a record has a name of its own doesn't count.
impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(a), Self::List(b))
            | (Self::Optional(a), Self::Optional(b))
            | (Self::Kind(a), Self::Kind(b)) => a == b,
            (Self::Map(a, b), Self::Map(c, d)) => a == c && b == d,
            (Self::Record(_), Self::Record(_)) => self.fits(other) && other.fits(self),
            (Self::Literals(a), Self::Literals(b)) => a == b,
            (Self::Parameter(a), Self::Parameter(b)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}
