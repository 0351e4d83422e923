use std::cmp::Ordering;
use std::fmt::Write;

use ecow::{EcoString, eco_format};

/// The smallest and the largest size that a double prints without an exponent. Integers up to 64 bits and
/// what JSON writers print plainly lie between them.
const PLAIN: std::ops::Range<f64> = 1e-5..18_446_744_073_709_551_616.0;

/// The shortest decimal text that reads back as `double`: `2`, `0.1`, `1e21`, `NaN`, `-Infinity`.
#[must_use]
pub fn print_double(double: f64) -> EcoString {
    let mut text = EcoString::new();
    let written = if double.is_nan() {
        text.write_str("NaN")
    } else if double.is_infinite() {
        text.write_str(if double > 0.0 { "Infinity" } else { "-Infinity" })
    } else if double == 0.0 || PLAIN.contains(&double.abs()) {
        write!(text, "{double}")
    } else {
        write!(text, "{double:e}")
    };
    written.expect("writing to a text in memory can't fail");
    text
}

/// The same without an exponent, however many digits that takes, as CEL's `format` asks.
#[must_use]
pub fn print_plain(double: f64) -> EcoString {
    if double.is_finite() { eco_format!("{double}") } else { print_double(double) }
}

/// CEL compares an integer with a double as doubles.
pub(super) fn compare_int_double(int: i64, double: f64) -> Option<Ordering> {
    (int as f64).partial_cmp(&double)
}

pub(super) fn compare_uint_double(uint: u64, double: f64) -> Option<Ordering> {
    (uint as f64).partial_cmp(&double)
}

pub(super) fn compare_int_uint(int: i64, uint: u64) -> Ordering {
    i128::from(int).cmp(&i128::from(uint))
}

#[cfg(test)]
mod tests {
    use super::{print_double, print_plain};

    #[test]
    fn doubles_print_as_their_shortest_round_trip() {
        let cases = [
            (2.0, "2"),
            (-0.0045, "-0.0045"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (1e21, "1e21"),
            (1.5e-7, "1.5e-7"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ];
        for (double, text) in cases {
            assert_eq!(print_double(double), text);
        }
    }
    #[test]
    fn a_plain_text_has_no_exponent() {
        for (double, text) in [(3e-9, "0.000000003"), (-2e22, "-20000000000000000000000"), (1.5, "1.5")] {
            assert_eq!(print_plain(double), text);
        }
        assert_eq!(print_plain(f64::INFINITY), "Infinity");
    }
}
