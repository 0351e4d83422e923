use std::borrow::Cow;
use std::cmp::Ordering;

use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{Value, compare};

pub(super) fn greatest(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    extreme(arguments, Ordering::Greater, context)
}

pub(super) fn least(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    extreme(arguments, Ordering::Less, context)
}

/// The number that is `wanted` beside all others, of the arguments or of the one list; the first of equal ones.
fn extreme(arguments: &Arguments<'_>, wanted: Ordering, context: &mut Context<'_>) -> Answer {
    if let [only] = arguments
        && let Value::List(list) = only.as_ref()
    {
        context.budget.elements(list.len())?;
        return extreme_of(list.iter(), wanted);
    }
    extreme_of(arguments.iter().map(Cow::as_ref), wanted)
}

fn extreme_of<'v>(mut numbers: impl Iterator<Item = &'v Value>, wanted: Ordering) -> Answer {
    let mut best = numbers.next().ok_or(Fault::Overload)?;
    if !is_number(best) {
        return Err(Fault::Overload);
    }
    for number in numbers {
        if !is_number(number) {
            return Err(Fault::Overload);
        }
        if compare(number, best) == Ok(Some(wanted)) {
            best = number;
        }
    }
    Ok(best.clone())
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Double(_))
}

fn double(arguments: &Arguments<'_>) -> Result<f64, Fault> {
    match arguments {
        [value] => match value.as_ref() {
            Value::Double(double) => Ok(*double),
            _ => Err(Fault::Overload),
        },
        _ => Err(Fault::Overload),
    }
}

pub(super) fn ceil(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Double(double(arguments)?.ceil()))
}

pub(super) fn floor(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Double(double(arguments)?.floor()))
}

pub(super) fn round(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Double(double(arguments)?.round()))
}

pub(super) fn trunc(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Double(double(arguments)?.trunc()))
}

pub(super) fn is_nan(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Bool(double(arguments)?.is_nan()))
}

pub(super) fn is_inf(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Bool(double(arguments)?.is_infinite()))
}

pub(super) fn is_finite(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Bool(double(arguments)?.is_finite()))
}

pub(super) fn sqrt(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let number = match value.as_ref() {
        Value::Int(int) => *int as f64,
        Value::Uint(uint) => *uint as f64,
        Value::Double(double) => *double,
        _ => return Err(Fault::Overload),
    };
    Ok(Value::Double(number.sqrt()))
}

pub(super) fn abs(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::Int(int) => int.checked_abs().map(Value::Int).ok_or_else(|| Failure::Overflow.into()),
        Value::Uint(uint) => Ok(Value::Uint(*uint)),
        Value::Double(double) => Ok(Value::Double(double.abs())),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn sign(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::Int(int) => Ok(Value::Int(int.signum())),
        Value::Uint(uint) => Ok(Value::Uint((*uint).min(1))),
        Value::Double(double) if *double == 0.0 => Ok(Value::Double(0.0)),
        Value::Double(double) if double.is_nan() => Ok(Value::Double(*double)),
        Value::Double(double) => Ok(Value::Double(double.signum())),
        _ => Err(Fault::Overload),
    }
}

fn bits(arguments: &Arguments<'_>, combine: fn(u64, u64) -> u64) -> Answer {
    let [left, right] = arguments else { return Err(Fault::Overload) };
    match (left.as_ref(), right.as_ref()) {
        (Value::Int(a), Value::Int(b)) => {
            Ok(Value::Int(combine(a.cast_unsigned(), b.cast_unsigned()).cast_signed()))
        }
        (Value::Uint(a), Value::Uint(b)) => Ok(Value::Uint(combine(*a, *b))),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn bit_and(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    bits(arguments, |a, b| a & b)
}

pub(super) fn bit_or(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    bits(arguments, |a, b| a | b)
}

pub(super) fn bit_xor(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    bits(arguments, |a, b| a ^ b)
}

pub(super) fn bit_not(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::Int(int) => Ok(Value::Int(!int)),
        Value::Uint(uint) => Ok(Value::Uint(!uint)),
        _ => Err(Fault::Overload),
    }
}

/// Bits that are moved out are gone, and those that come after are 0, also below a sign.
fn shift(arguments: &Arguments<'_>, shifted: fn(u64, u32) -> Option<u64>) -> Answer {
    let [value, by] = arguments else { return Err(Fault::Overload) };
    let Value::Int(by) = by.as_ref() else { return Err(Fault::Overload) };
    let all = |bits| u32::try_from(*by).ok().and_then(|by| shifted(bits, by)).unwrap_or(0);
    match value.as_ref() {
        Value::Int(_) | Value::Uint(_) if *by < 0 => Err(Failure::Shift(*by).into()),
        Value::Int(int) => Ok(Value::Int(all(int.cast_unsigned()).cast_signed())),
        Value::Uint(uint) => Ok(Value::Uint(all(*uint))),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn bit_shift_left(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    shift(arguments, u64::checked_shl)
}

pub(super) fn bit_shift_right(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    shift(arguments, u64::checked_shr)
}
