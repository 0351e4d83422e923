use std::fmt::Write;

use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::budget::check_output;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{EcoString, Map, Value, eco_format, print_double, print_plain};

/// Decimals of `%f` and `%e` without a precision, and the most that may be asked for.
const PRECISION: usize = 6;
const MAX_PRECISION: usize = 1000;

pub(super) fn format(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [pattern, values] = arguments else { return Err(Fault::Overload) };
    let (Value::String(pattern), Value::List(values)) = (pattern.as_ref(), values.as_ref()) else {
        return Err(Fault::Overload);
    };
    context.budget.octets(pattern.len())?;
    let mut values = values.iter();
    let mut text = EcoString::new();
    let mut rest = pattern.as_str();
    while let Some((before, clause)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = clause.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let (clause, after) = Clause::read(clause)?;
        rest = after;
        let value = values.next().ok_or_else(|| clause.failure())?;
        check_output(value)?;
        let filled = clause.fill(value)?;
        context.budget.octets(filled.len())?;
        text.push_str(&filled);
    }
    text.push_str(rest);
    Ok(Value::String(text))
}

/// `%[.precision]conversion`.
struct Clause {
    precision: usize,
    conversion: char,
}

impl Clause {
    /// The clause whose `%` was read, and the text after it.
    fn read(text: &str) -> Result<(Self, &str), Failure> {
        let wrong = || Failure::FormatClause(text.chars().take(1).collect());
        let (precision, rest) = match text.strip_prefix('.') {
            None => (PRECISION, text),
            Some(digits) => {
                let end = digits.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
                let (digits, rest) = digits.split_at(end);
                let precision = digits.parse().ok().filter(|precision| *precision <= MAX_PRECISION);
                (precision.ok_or_else(wrong)?, rest)
            }
        };
        let conversion = rest.chars().next().ok_or_else(wrong)?;
        Ok((Self { precision, conversion }, &rest[conversion.len_utf8()..]))
    }

    fn failure(&self) -> Fault {
        Failure::FormatClause(self.conversion.into()).into()
    }

    fn fill(&self, value: &Value) -> Result<EcoString, Fault> {
        let text = match self.conversion {
            's' => print(value),
            'd' => print_decimal(value),
            'f' | 'e' => self.print_float(value),
            'x' => print_hex(value),
            'X' => print_hex(value).map(|text| text.to_ascii_uppercase()),
            'o' => print_radix(value, |size| eco_format!("{size:o}")),
            'b' => match value {
                Value::Bool(bit) => Some(eco_format!("{}", u8::from(*bit))),
                value => print_radix(value, |size| eco_format!("{size:b}")),
            },
            _ => None,
        };
        text.ok_or_else(|| self.failure())
    }

    fn print_float(&self, value: &Value) -> Option<EcoString> {
        let double = match value {
            Value::Int(int) => *int as f64,
            Value::Uint(uint) => *uint as f64,
            Value::Double(double) => *double,
            _ => return None,
        };
        Some(match self.conversion {
            _ if !double.is_finite() => print_double(double),
            'f' => eco_format!("{double:.0$}", self.precision),
            _ => print_exponent(double, self.precision),
        })
    }
}

/// `-1.2e+03`: the exponent has a sign and two digits or more.
fn print_exponent(double: f64, precision: usize) -> EcoString {
    let text = format!("{double:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    eco_format!("{digits}e{sign}{exponent:0>2}")
}

fn print_decimal(value: &Value) -> Option<EcoString> {
    match value {
        Value::Int(_) | Value::Uint(_) => value.print(),
        Value::Double(double) => Some(print_plain(*double)),
        _ => None,
    }
}

fn print_radix(value: &Value, digits: fn(u64) -> EcoString) -> Option<EcoString> {
    match value {
        Value::Int(int) if *int < 0 => Some(eco_format!("-{}", digits(int.unsigned_abs()))),
        Value::Int(int) => Some(digits(int.unsigned_abs())),
        Value::Uint(uint) => Some(digits(*uint)),
        _ => None,
    }
}

fn print_hex(value: &Value) -> Option<EcoString> {
    let octets = match value {
        Value::String(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes.as_slice(),
        _ => return print_radix(value, |size| eco_format!("{size:x}")),
    };
    let mut text = EcoString::with_capacity(octets.len() * 2);
    for octet in octets {
        write!(text, "{octet:02x}").ok()?;
    }
    Some(text)
}

/// What `%s` writes; `None` for an optional and a secret.
fn print(value: &Value) -> Option<EcoString> {
    match value {
        Value::Null => Some("null".into()),
        Value::Double(double) => Some(print_plain(*double)),
        Value::Duration(duration) => Some(duration.print_seconds()),
        Value::Type(kind) => Some(kind.name().into()),
        Value::Bytes(bytes) => Some(print_lossy(bytes)),
        Value::List(list) => {
            let items: Option<Vec<_>> = list.iter().map(print).collect();
            Some(eco_format!("[{}]", items?.join(", ")))
        }
        Value::Map(map) => print_map(map),
        value => value.print(),
    }
}

/// The entries in the order of their keys' texts.
fn print_map(map: &Map) -> Option<EcoString> {
    let entries: Option<Vec<_>> =
        map.iter().map(|(key, value)| Some((key.to_string(), print(value)?))).collect();
    let mut entries = entries?;
    entries.sort();
    let entries: Vec<_> = entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    Some(eco_format!("{{{}}}", entries.join(", ")))
}

/// Text, each run of octets that is none replaced by one mark.
fn print_lossy(bytes: &[u8]) -> EcoString {
    let mut text = EcoString::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() && (!chunk.valid().is_empty() || !text.ends_with('\u{fffd}')) {
            text.push('\u{fffd}');
        }
    }
    text
}
