use std::borrow::Cow;

use super::evaluator::{Machine, Outcome};
use super::{EvalError, Failure};
use crate::plan::expr::{Access, ExprId};
use crate::value::{EcoString, Key, List, Value, eco_format};

/// An element that was looked for.
enum Found<'v> {
    There(&'v Value),
    Missing(Failure),
}

impl<'a> Machine<'a, '_> {
    /// `of.field` and its optional and `has` forms.
    pub(super) fn select(&mut self, of: ExprId, field: &EcoString, access: Access) -> Outcome<'a> {
        let of = self.eval(of)?;
        look_up(of, access, |value| match value {
            Value::Map(map) => {
                let found = map.field(field).map(Found::There);
                Ok(found.unwrap_or_else(|| Found::Missing(Failure::NoSuchKey(field.clone()))))
            }
            other => Err(EvalError::overload(".", [other])),
        })
    }

    /// `of[key]` and its optional form.
    pub(super) fn index(&mut self, of: ExprId, key: ExprId, access: Access) -> Outcome<'a> {
        let of = self.eval(of)?;
        let key = self.eval(key)?;
        look_up(of, access, |value| match value {
            Value::Map(map) => {
                let found = Key::finding(&key).and_then(|key| map.get(&key)).map(Found::There);
                Ok(found.unwrap_or_else(|| Found::Missing(Failure::NoSuchKey(print_key(&key)))))
            }
            Value::List(list) => element(list, &key),
            other => Err(EvalError::overload("[]", [other, key.as_ref()])),
        })
    }
}

fn print_key(key: &Value) -> EcoString {
    key.print().unwrap_or_else(|| eco_format!("{}", key.kind()))
}

fn element<'v>(list: &'v List, index: &Value) -> Result<Found<'v>, EvalError> {
    let at = match Key::finding(index) {
        Some(Key::Int(at)) => at,
        Some(Key::Uint(at)) => i64::try_from(at).unwrap_or(i64::MAX),
        _ => return Err(Failure::IndexKind(index.kind()).into()),
    };
    let element = usize::try_from(at).ok().and_then(|at| list.get(at));
    Ok(element.map_or(Found::Missing(Failure::Index(at)), Found::There))
}

/// Looks into `of`. An optional is looked through: what is missing in one is none, what is there is wrapped.
fn look_up<'a>(
    of: Cow<'a, Value>,
    access: Access,
    find: impl for<'v> Fn(&'v Value) -> Result<Found<'v>, EvalError>,
) -> Outcome<'a> {
    let (inner, access) = match of.as_ref() {
        Value::Optional(None) => return Ok(Cow::Owned(nothing(access))),
        Value::Optional(Some(inner)) if access == Access::Required => (inner.as_ref(), Access::Nesting),
        Value::Optional(Some(inner)) => (inner.as_ref(), access),
        _ => match (&of, access) {
            (Cow::Borrowed(value), Access::Required) => {
                return match find(value)? {
                    Found::There(value) => Ok(Cow::Borrowed(value)),
                    Found::Missing(failure) => Err(failure.into()),
                };
            }
            _ => (of.as_ref(), access),
        },
    };
    let found = find(inner)?;
    Ok(Cow::Owned(match (found, access) {
        (Found::There(value), Access::Required) => value.clone(),
        (Found::Missing(failure), Access::Required) => return Err(failure.into()),
        (Found::There(value @ Value::Optional(_)), Access::Optional) => value.clone(),
        (Found::There(value), Access::Optional | Access::Nesting) => Value::some(value.clone()),
        (Found::There(_), Access::Presence) => Value::Bool(true),
        (Found::Missing(_), access) => nothing(access),
    }))
}

fn nothing(access: Access) -> Value {
    match access {
        Access::Presence => Value::Bool(false),
        Access::Required | Access::Optional | Access::Nesting => Value::NONE,
    }
}
