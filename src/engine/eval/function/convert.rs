use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{Duration, EcoString, Kind, Timestamp, Value, print_double};

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

fn converted(from: &Value, to: Kind, value: Option<Value>) -> Answer {
    value.ok_or_else(|| Failure::Conversion { from: from.kind(), to }.into())
}

fn only<'v>(arguments: &'v Arguments<'_>) -> Result<&'v Value, Fault> {
    match arguments {
        [value] => Ok(value.as_ref()),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn type_of(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Type(only(arguments)?.kind()))
}

pub(super) fn identity(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    only(arguments).cloned()
}

pub(super) fn to_bool(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    match only(arguments)? {
        Value::Bool(value) => Ok(Value::Bool(*value)),
        from @ Value::String(text) => {
            let value = match text.as_str() {
                "1" | "t" | "true" | "TRUE" | "True" => Some(true),
                "0" | "f" | "false" | "FALSE" | "False" => Some(false),
                _ => None,
            };
            converted(from, Kind::Bool, value.map(Value::Bool))
        }
        _ => Err(Fault::Overload),
    }
}

pub(super) fn to_int(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let from = only(arguments)?;
    let value = match from {
        Value::Int(int) => Some(*int),
        Value::Uint(uint) => i64::try_from(*uint).ok(),
        Value::Double(double) => (-TWO_TO_63 < *double && *double < TWO_TO_63).then_some(*double as i64),
        Value::String(text) => text.parse().ok(),
        Value::Timestamp(time) => Some(time.seconds()),
        _ => return Err(Fault::Overload),
    };
    converted(from, Kind::Int, value.map(Value::Int))
}

pub(super) fn to_uint(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let from = only(arguments)?;
    let value = match from {
        Value::Int(int) => u64::try_from(*int).ok(),
        Value::Uint(uint) => Some(*uint),
        Value::Double(double) => (0.0 <= *double && *double < TWO_TO_64).then_some(*double as u64),
        Value::String(text) => text.parse().ok(),
        _ => return Err(Fault::Overload),
    };
    converted(from, Kind::Uint, value.map(Value::Uint))
}

pub(super) fn to_double(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let from = only(arguments)?;
    let value = match from {
        Value::Int(int) => Some(*int as f64),
        Value::Uint(uint) => Some(*uint as f64),
        Value::Double(double) => Some(*double),
        Value::String(text) => parse_double(text),
        _ => return Err(Fault::Overload),
    };
    converted(from, Kind::Double, value.map(Value::Double))
}

/// A number too large for a double is none; the word `Infinity` is.
fn parse_double(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok()?;
    let too_large = double.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    (!too_large).then_some(double)
}

pub(super) fn to_string(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let from = only(arguments)?;
    let text = match from {
        Value::String(_) | Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Timestamp(_) => {
            from.print()
        }
        Value::Double(double) => Some(print_double(*double)),
        Value::Duration(duration) => Some(duration.print_seconds()),
        Value::Bytes(bytes) => {
            context.budget.octets(bytes.len())?;
            std::str::from_utf8(bytes).ok().map(EcoString::from)
        }
        _ => return Err(Fault::Overload),
    };
    converted(from, Kind::String, text.map(Value::String))
}

pub(super) fn to_bytes(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    match only(arguments)? {
        Value::Bytes(bytes) => Ok(Value::Bytes(bytes.clone())),
        Value::String(text) => {
            context.budget.octets(text.len())?;
            Ok(Value::Bytes(text.as_bytes().into()))
        }
        _ => Err(Fault::Overload),
    }
}

pub(super) fn to_duration(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    match only(arguments)? {
        Value::Duration(duration) => Ok(Value::Duration(*duration)),
        from @ Value::String(text) => {
            converted(from, Kind::Duration, Duration::parse_cel(text).ok().map(Value::Duration))
        }
        _ => Err(Fault::Overload),
    }
}

pub(super) fn to_timestamp(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let from = only(arguments)?;
    let time = match from {
        Value::Timestamp(time) => Some(*time),
        Value::Int(seconds) => Timestamp::from_seconds(*seconds),
        Value::String(text) => Timestamp::parse(text).ok(),
        _ => return Err(Fault::Overload),
    };
    converted(from, Kind::Timestamp, time.map(Value::Timestamp))
}
