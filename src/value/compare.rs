use std::cmp::Ordering;
use std::convert::Infallible;

use super::number::{compare_int_double, compare_int_uint, compare_uint_double};
use super::{Map, Value};

/// The two values have no order: CEL orders numbers, texts, bytes, bools, durations and timestamps, each among
/// their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Incomparable;

/// The order of two values; `None` beside NaN, which is neither less nor more.
///
/// # Errors
/// [`Incomparable`] when the kinds have no order.
pub fn compare(a: &Value, b: &Value) -> Result<Option<Ordering>, Incomparable> {
    if let Some(order) = compare_numbers(a, b) {
        return Ok(order);
    }
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(Some(a.cmp(b))),
        (Value::String(a), Value::String(b)) => Ok(Some(a.as_str().cmp(b.as_str()))),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(Some(a.cmp(b))),
        (Value::Duration(a), Value::Duration(b)) => Ok(Some(a.cmp(b))),
        (Value::Timestamp(a), Value::Timestamp(b)) => Ok(Some(a.cmp(b))),
        _ => Err(Incomparable),
    }
}

/// `None` when one of them is no number.
fn compare_numbers(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Uint(b)) => Some(compare_int_uint(*a, *b)),
        (Value::Uint(a), Value::Int(b)) => Some(compare_int_uint(*b, *a).reverse()),
        (Value::Int(a), Value::Double(b)) => compare_int_double(*a, *b),
        (Value::Double(a), Value::Int(b)) => compare_int_double(*b, *a).map(Ordering::reverse),
        (Value::Uint(a), Value::Double(b)) => compare_uint_double(*a, *b),
        (Value::Double(a), Value::Uint(b)) => compare_uint_double(*b, *a).map(Ordering::reverse),
        _ => return None,
    })
}

/// CEL's equality. `charge` hears of the octets and elements that are about to be compared, and may stop it.
///
/// # Errors
/// Whatever `charge` answers.
pub fn equal<E>(a: &Value, b: &Value, charge: &mut impl FnMut(Work) -> Result<(), E>) -> Result<bool, E> {
    if let Some(order) = compare_numbers(a, b) {
        return Ok(order == Some(Ordering::Equal));
    }
    Ok(match (a, b) {
        (Value::Null, Value::Null) | (Value::Optional(None), Value::Optional(None)) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::String(b)) => {
            charge(Work::Octets(a.len().min(b.len())))?;
            a == b
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            charge(Work::Octets(a.len().min(b.len())))?;
            a == b
        }
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => a == b,
        (Value::List(a), Value::List(b)) => equal_lists(a, b, charge)?,
        (Value::Map(a), Value::Map(b)) => equal_maps(a, b, charge)?,
        (Value::Optional(Some(a)), Value::Optional(Some(b))) => equal(a, b, charge)?,
        (Value::Template(a), Value::Template(b)) => a == b,
        _ => false,
    })
}

/// What a comparison is about to look at.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// That many bytes of text.
    Octets(usize),
    /// That many elements or entries.
    Elements(usize),
}

fn equal_lists<E>(
    a: &[Value],
    b: &[Value],
    charge: &mut impl FnMut(Work) -> Result<(), E>,
) -> Result<bool, E> {
    if a.len() != b.len() {
        return Ok(false);
    }
    charge(Work::Elements(a.len()))?;
    for (a, b) in a.iter().zip(b) {
        if !equal(a, b, charge)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn equal_maps<E>(a: &Map, b: &Map, charge: &mut impl FnMut(Work) -> Result<(), E>) -> Result<bool, E> {
    if a.len() != b.len() {
        return Ok(false);
    }
    charge(Work::Elements(a.len()))?;
    for ((key_a, value_a), (key_b, value_b)) in a.iter().zip(b.iter()) {
        if key_a != key_b || !equal(value_a, value_b, charge)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let free = &mut |_| Ok::<(), Infallible>(());
        match equal(self, other, free) {
            Ok(answer) => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Incomparable, Value, compare};
    use std::cmp::Ordering;

    #[test]
    fn numbers_compare_across_types() {
        assert_eq!(Value::Int(1), Value::Uint(1));
        assert_eq!(Value::Int(1), Value::Double(1.0));
        assert_ne!(Value::Double(f64::NAN), Value::Double(f64::NAN));
        assert_eq!(compare(&Value::Int(-1), &Value::Uint(0)), Ok(Some(Ordering::Less)));
        assert_eq!(compare(&Value::Int(1), &Value::Double(f64::NAN)), Ok(None));
        assert_eq!(compare(&Value::Null, &Value::Null), Err(Incomparable));
    }
}
