use std::sync::Arc;

use super::error::{Answer, Fault};
use super::{Budget, Failure};
use crate::value::{Template, Value};

/// A result within its range, or an overflow.
fn within<T>(result: Option<T>, make: impl FnOnce(T) -> Value) -> Answer {
    result.map(make).ok_or_else(|| Failure::Overflow.into())
}

pub(super) fn add(left: &Value, right: &Value, budget: &mut Budget) -> Answer {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => within(a.checked_add(*b), Value::Int),
        (Value::Uint(a), Value::Uint(b)) => within(a.checked_add(*b), Value::Uint),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a + b)),
        (Value::Duration(a), Value::Duration(b)) => within(a.checked_add(*b), Value::Duration),
        (Value::Timestamp(time), Value::Duration(span)) | (Value::Duration(span), Value::Timestamp(time)) => {
            within(time.checked_add(*span), Value::Timestamp)
        }
        _ => concatenate(left, right, budget),
    }
}

fn concatenate(left: &Value, right: &Value, budget: &mut Budget) -> Answer {
    match (left, right) {
        (Value::String(a), Value::String(b)) => {
            budget.octets(a.len() + b.len())?;
            let mut text = a.clone();
            text.push_str(b);
            Ok(Value::String(text))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.octets(a.len() + b.len())?;
            let mut bytes = a.clone();
            bytes.extend_from_slice(b);
            Ok(Value::Bytes(bytes))
        }
        (Value::List(a), Value::List(b)) => {
            budget.elements(a.len() + b.len())?;
            let mut list = a.clone();
            list.extend_from_slice(b);
            Ok(Value::List(list))
        }
        (Value::Template(_), Value::String(_) | Value::Template(_))
        | (Value::String(_), Value::Template(_)) => {
            let mut template = Template::default();
            append(&mut template, left, budget)?;
            append(&mut template, right, budget)?;
            Ok(Value::Template(Arc::new(template)))
        }
        _ => Err(Fault::Overload),
    }
}

/// Puts what interpolation writes for `value` at the end of `template`.
pub(super) fn append(template: &mut Template, value: &Value, budget: &mut Budget) -> Result<(), Fault> {
    if let Value::Template(inner) = value {
        budget.octets(inner.size())?;
        template.append(inner);
        return Ok(());
    }
    let text = value.print().ok_or(Fault::Overload)?;
    budget.octets(text.len())?;
    template.push_text(&text);
    Ok(())
}

pub(super) fn subtract(left: &Value, right: &Value) -> Answer {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => within(a.checked_sub(*b), Value::Int),
        (Value::Uint(a), Value::Uint(b)) => within(a.checked_sub(*b), Value::Uint),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a - b)),
        (Value::Duration(a), Value::Duration(b)) => within(a.checked_sub(*b), Value::Duration),
        (Value::Timestamp(a), Value::Timestamp(b)) => within(a.since(*b), Value::Duration),
        (Value::Timestamp(time), Value::Duration(span)) => within(time.checked_sub(*span), Value::Timestamp),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn multiply(left: &Value, right: &Value) -> Answer {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => within(a.checked_mul(*b), Value::Int),
        (Value::Uint(a), Value::Uint(b)) => within(a.checked_mul(*b), Value::Uint),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a * b)),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn divide(left: &Value, right: &Value) -> Answer {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::DivisionByZero.into())
        }
        (Value::Int(a), Value::Int(b)) => within(a.checked_div(*b), Value::Int),
        (Value::Uint(a), Value::Uint(b)) => within(a.checked_div(*b), Value::Uint),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a / b)),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn remainder(left: &Value, right: &Value) -> Answer {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::RemainderByZero.into())
        }
        (Value::Int(a), Value::Int(b)) => within(a.checked_rem(*b), Value::Int),
        (Value::Uint(a), Value::Uint(b)) => within(a.checked_rem(*b), Value::Uint),
        _ => Err(Fault::Overload),
    }
}
