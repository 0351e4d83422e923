//! Numbers, durations and sizes.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use crate::ast::{ExprId, ExprKind};
use crate::source::Span;

/// Units of a duration, largest first, in nanoseconds.
const UNITS: [(&str, i64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

impl Builder<'_> {
    /// A number; `span` holds its sign too.
    pub fn number(&mut self, pair: &Pair<'_, Rule>, negative: bool, span: Span) -> ExprId {
        let kind = match literal(pair.as_rule(), pair.as_str(), negative) {
            Ok(kind) => kind,
            Err(error) => {
                match error.right() {
                    Some(right) => self.report_fixed(span, error, &right),
                    None => self.report(span, error),
                }
                ExprKind::Bad
            }
        };
        self.expr(kind, span)
    }
}

fn literal(rule: Rule, text: &str, negative: bool) -> Result<ExprKind, Error> {
    let sign = if negative { "-" } else { "" };
    let kind = match rule {
        Rule::int => format!("{sign}{text}").parse().ok().map(ExprKind::Int),
        Rule::uint => text.trim_end_matches(['u', 'U']).parse().ok().map(ExprKind::Uint),
        Rule::hex => hexadecimal(text, sign),
        Rule::double => {
            format!("{sign}{text}").parse().ok().filter(|value: &f64| value.is_finite()).map(ExprKind::Double)
        }
        Rule::size => size(text).map(|bytes| ExprKind::Int(if negative { -bytes } else { bytes })),
        Rule::duration => {
            return nanoseconds(text).map(|time| ExprKind::Duration(if negative { -time } else { time }));
        }
        _ => return Err(malformed(text)),
    };
    kind.ok_or(Error::NumberTooLarge)
}

/// What was meant by digits with something after them.
fn malformed(text: &str) -> Error {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, after) = text.split_at(digits);
    if let Some(right) = with_unit(number, after) {
        return Error::DurationUnit { unit: after.into(), right };
    }
    match after.to_ascii_lowercase().as_str() {
        "kb" | "kib" | "k" => Error::SizeUnit { right: format!("{number}KiB") },
        "mb" | "mib" => Error::SizeUnit { right: format!("{number}MiB") },
        "gb" | "gib" | "g" => Error::SizeUnit { right: format!("{number}GiB") },
        _ if after.starts_with(|c: char| c.is_ascii_alphabetic()) && !after.contains('.') => {
            Error::DurationUnits
        }
        _ => Error::MalformedNumber,
    }
}

/// A duration whose unit is written as elsewhere.
fn with_unit(number: &str, unit: &str) -> Option<String> {
    let unit = match unit.to_ascii_lowercase().as_str() {
        "w" | "week" | "weeks" => {
            return number.parse::<u32>().ok().map(|weeks| format!("{}d", u64::from(weeks) * 7));
        }
        "d" | "day" | "days" => "d",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "msec" | "msecs" | "millis" | "milliseconds" => "ms",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

fn hexadecimal(text: &str, sign: &str) -> Option<ExprKind> {
    let digits = text.get(2..)?;
    match digits.strip_suffix(['u', 'U']) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(ExprKind::Uint),
        None => i64::from_str_radix(&format!("{sign}{digits}"), 16).ok().map(ExprKind::Int),
    }
}

fn size(text: &str) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit: i64 = match &text[digits..] {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => 1,
    };
    text[..digits].parse::<i64>().ok()?.checked_mul(unit)
}

/// A duration's nanoseconds: units each once, descending.
fn nanoseconds(text: &str) -> Result<i64, Error> {
    let mut total: i64 = 0;
    let mut smallest = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let at = UNITS.iter().position(|(name, _)| *name == unit).ok_or(Error::DurationUnits)?;
        if at < smallest {
            return Err(Error::DurationUnits);
        }
        smallest = at + 1;
        let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(UNITS[at].1));
        total = part.and_then(|part| total.checked_add(part)).ok_or(Error::NumberTooLarge)?;
        rest = after;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::{literal, malformed};
    use crate::syntax::error::Error;
    use crate::syntax::grammar::Rule;

    #[test]
    fn numbers_hold_their_limits() {
        let shown = |rule, text, negative| format!("{:?}", literal(rule, text, negative));
        assert_eq!(shown(Rule::int, "9223372036854775808", true), "Ok(Int(-9223372036854775808))");
        assert!(literal(Rule::int, "9223372036854775808", false).is_err());
        assert_eq!(shown(Rule::hex, "0x8000000000000000", true), "Ok(Int(-9223372036854775808))");
        assert_eq!(shown(Rule::hex, "0xFFu", false), "Ok(Uint(255))");
        assert_eq!(shown(Rule::uint, "18446744073709551615u", false), "Ok(Uint(18446744073709551615))");
        assert_eq!(shown(Rule::size, "8MiB", false), "Ok(Int(8388608))");
        assert_eq!(shown(Rule::duration, "1h30m", true), "Ok(Duration(-5400000000000))");
        assert!(matches!(literal(Rule::duration, "30m1h", false), Err(Error::DurationUnits)));
        assert!(matches!(literal(Rule::duration, "999999999d", false), Err(Error::NumberTooLarge)));
        assert!(matches!(malformed("1_000"), Error::MalformedNumber));
        assert!(matches!(malformed("30sec"), Error::DurationUnit { right, .. } if right == "30s"));
        assert!(matches!(malformed("2weeks"), Error::DurationUnit { right, .. } if right == "14d"));
        assert!(matches!(malformed("30parsecs"), Error::DurationUnits));
    }
}
