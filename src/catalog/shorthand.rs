//! Types that the catalogue names again and again.

use super::Form;
use crate::types::Type;

pub(super) fn text() -> Form {
    Form::Value(Type::String)
}

/// One text or a list of them.
pub(super) fn texts() -> Form {
    Form::OneOf(vec![Type::String, Type::list(Type::String)])
}

pub(super) fn string_map() -> Type {
    Type::map(Type::String, Type::String)
}

pub(super) fn header_map() -> Type {
    string_map()
}

/// What can be written into an address or a form.
pub(super) fn scalars() -> Vec<Type> {
    vec![Type::String, Type::Int, Type::Uint, Type::Double, Type::Bool]
}

pub(super) fn record(fields: &[(&str, Type)]) -> Type {
    Type::record(fields.iter().map(|(name, ty)| (*name, ty.clone())))
}
