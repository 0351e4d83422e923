use ecow::EcoString;

use super::Type;
use crate::value::Value;

/// The fields of a record, in the order in which they were declared or written.
#[derive(Debug, Clone)]
pub struct Record {
    name: Option<EcoString>,
    fields: Vec<Field>,
    has_secret: bool,
}

/// A field of a record.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: EcoString,
    /// Its type.
    pub ty: Type,
    /// What it is where nothing is given.
    pub default: Option<Value>,
    /// A literal leaves it out where its value is none (`?"key": x`): where it is there, its value is no optional.
    pub left_out: bool,
}

impl Record {
    /// A record of fields of which no two share a name; `name` is its own, where it was declared with one.
    #[must_use]
    pub fn new(name: Option<EcoString>, fields: Vec<Field>) -> Self {
        let has_secret = fields.iter().any(|field| field.ty.has_secret());
        Self { name, fields, has_secret }
    }

    /// Its name, where it was declared with one.
    #[must_use]
    pub fn name(&self) -> Option<&EcoString> {
        self.name.as_ref()
    }

    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// What its fields are in a map: the type that fits all of them, if there is one.
    #[must_use]
    pub fn value_type(&self) -> Option<Type> {
        self.fields.iter().try_fold(Type::Unknown, |all, field| all.join(field.value_type()))
    }

    /// Known from the start: types share their parts, and walking them again and again would take for ever.
    pub(super) fn has_secret(&self) -> bool {
        self.has_secret
    }
}

impl Field {
    /// A field without a default.
    #[must_use]
    pub fn new(name: impl Into<EcoString>, ty: Type) -> Self {
        Self { name: name.into(), ty, default: None, left_out: false }
    }

    /// What it is in a map, in which it may be missing.
    #[must_use]
    pub fn value_type(&self) -> &Type {
        if self.left_out { self.ty.unwrapped() } else { &self.ty }
    }

    /// Whether a value of the record must give it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !matches!(self.ty, Type::Optional(_) | Type::Unknown)
    }
}
