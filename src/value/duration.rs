use std::fmt::Write;

use ecow::EcoString;
use jiff::SignedDuration;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// The largest number of seconds that CEL lets a duration have, about 10,000 years.
const MAX_SECONDS: i64 = 315_576_000_000;

/// A span of time in nanoseconds, at most ±315,576,000,000 seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Duration(SignedDuration);

/// Why a text is no duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DurationError {
    /// The text doesn't have the form.
    #[error("not a duration such as `1h30m`")]
    Form,
    /// The span is longer than ±315,576,000,000 seconds.
    #[error("a duration beyond 315576000000 seconds")]
    Range,
}

/// The units of a duration's text, the longest first, with their nanoseconds.
const UNITS: [(&str, i128); 9] = [
    ("d", 86_400 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

/// The units that the language writes and prints.
const PRINTED: usize = 5;

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(SignedDuration::ZERO);

    /// The span of so many nanoseconds; `None` beyond the range.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Option<Self> {
        let limit = i128::from(MAX_SECONDS) * NANOS_PER_SECOND;
        (-limit..=limit).contains(&nanos).then(|| Self(SignedDuration::from_nanos_i128(nanos)))
    }

    /// The span of so many seconds; `None` beyond the range.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_nanos(i128::from(seconds) * NANOS_PER_SECOND)
    }

    /// Its length in nanoseconds.
    #[must_use]
    pub fn as_nanos(self) -> i128 {
        self.0.as_nanos()
    }

    /// Its whole seconds, towards zero.
    #[must_use]
    pub fn whole_seconds(self) -> i64 {
        self.0.as_secs()
    }

    /// The milliseconds that follow its whole seconds.
    #[must_use]
    pub fn subsecond_millis(self) -> i32 {
        self.0.subsec_millis()
    }

    /// `self + other` within the range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_nanos(self.as_nanos() + other.as_nanos())
    }

    /// `self - other` within the range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_nanos(self.as_nanos() - other.as_nanos())
    }

    /// `-self`.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Reads `1h30m`, `250ms`, `-1.5h` or `5400s`: numbers with a unit `d h m s ms us ns`, or `0`.
    ///
    /// # Errors
    /// When the text doesn't have that form, or the span is out of range.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let (sign, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (-1, &text[1..]),
            Some(b'+') => (1, &text[1..]),
            _ => (1, text),
        };
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(DurationError::Form);
        }
        let mut total: i128 = 0;
        while !rest.is_empty() {
            let (nanos, after) = parse_term(rest)?;
            total = total.checked_add(nanos).ok_or(DurationError::Range)?;
            rest = after;
        }
        Self::from_nanos(sign * total).ok_or(DurationError::Range)
    }

    /// What CEL's `duration(text)` reads: the same without days, for which CEL has no unit.
    ///
    /// # Errors
    /// As those of [`Self::parse`].
    pub fn parse_cel(text: &str) -> Result<Self, DurationError> {
        if text.contains('d') { Err(DurationError::Form) } else { Self::parse(text) }
    }

    /// The text of CEL's `string(d)`: seconds with as many decimals as needed, `5400s`, `-0.5s`.
    #[must_use]
    pub fn print_seconds(self) -> EcoString {
        let nanos = self.as_nanos().unsigned_abs();
        let sign = if self.as_nanos() < 0 { "-" } else { "" };
        let mut text = EcoString::new();
        write!(text, "{sign}{}", nanos / NANOS_PER_SECOND.unsigned_abs()).expect("memory takes any text");
        let fraction = nanos % NANOS_PER_SECOND.unsigned_abs();
        if fraction != 0 {
            let digits = format!("{fraction:09}");
            text.push('.');
            text.push_str(digits.trim_end_matches('0'));
        }
        text.push('s');
        text
    }

    /// The text of the language: `1h30m`, `0s`, `-250ms`; below a millisecond that of [`Self::print_seconds`].
    #[must_use]
    pub fn print(self) -> EcoString {
        let mut rest = self.as_nanos().abs();
        if rest == 0 {
            return "0s".into();
        }
        if rest % 1_000_000 != 0 {
            return self.print_seconds();
        }
        let mut text = EcoString::from(if self.as_nanos() < 0 { "-" } else { "" });
        for (unit, nanos) in UNITS.iter().take(PRINTED) {
            if rest >= *nanos {
                write!(text, "{}{unit}", rest / nanos).expect("memory takes any text");
                rest %= nanos;
            }
        }
        text
    }
}

/// One number with its unit: the nanoseconds, towards zero, and the text after it.
fn parse_term(text: &str) -> Result<(i128, &str), DurationError> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(DurationError::Form);
    }
    let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name).ok_or(DurationError::Form)?;
    Ok((scale(whole, fraction, *unit).ok_or(DurationError::Range)?, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// `whole.fraction` units in nanoseconds. Digits of the fraction beyond the fifteenth can't matter.
fn scale(whole: &str, fraction: &str, unit: i128) -> Option<i128> {
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let digits = &fraction[..fraction.len().min(15)];
    let fraction: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let power = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    whole.checked_mul(unit)?.checked_add(fraction * unit / power)
}

#[cfg(test)]
mod tests {
    use super::{Duration, DurationError};

    fn parsed(text: &str) -> Duration {
        Duration::parse(text).expect(text)
    }

    #[test]
    fn texts_of_both_kinds_are_read() {
        assert_eq!(parsed("1h30m"), parsed("5400s"));
        assert_eq!(parsed("30d"), parsed("720h"));
        assert_eq!(parsed("0.0000015s"), parsed("1500ns"));
        assert_eq!(parsed("-1.5h"), parsed("-90m"));
        assert_eq!(parsed("0"), Duration::ZERO);
        for text in ["", "-", "5", "s", "1x", "1h 30m", "1e3s", ".s"] {
            assert_eq!(Duration::parse(text), Err(DurationError::Form), "{text}");
        }
        assert_eq!(Duration::parse("315576000001s"), Err(DurationError::Range));
        assert_eq!(Duration::parse_cel("1h30m"), Duration::parse("1h30m"));
        assert_eq!(Duration::parse_cel("1d12h"), Err(DurationError::Form));
        let long = "9".repeat(50) + "s";
        assert_eq!(Duration::parse(&long), Err(DurationError::Range));
    }

    #[test]
    fn they_print_in_the_languages_units_or_in_seconds() {
        let cases = [
            ("5400s", "1h30m", "5400s"),
            ("0s", "0s", "0s"),
            ("90000250ms", "1d1h250ms", "90000.25s"),
            ("-90s", "-1m30s", "-90s"),
            ("1500ns", "0.0000015s", "0.0000015s"),
        ];
        for (text, language, cel) in cases {
            assert_eq!(parsed(text).print(), language);
            assert_eq!(parsed(text).print_seconds(), cel);
        }
    }
}
