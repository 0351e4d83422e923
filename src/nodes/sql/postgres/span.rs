use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::clock;
use crate::value::Duration;

const MICROS_PER_DAY: i128 = 86_400_000_000;

/// An `interval`: as text in the form of ISO 8601, and as duration where it has no months. A day is 24 hours then.
pub(super) fn interval(micros: i64, days: i32, months: i32) -> Cell<'static> {
    let whole = i128::from(days) * MICROS_PER_DAY + i128::from(micros);
    let duration = if months == 0 { Duration::from_nanos(whole * 1_000) } else { None };
    Cell::Span { text: text(micros, days, months), duration }
}

fn text(micros: i64, days: i32, months: i32) -> String {
    let part = |count: i64, unit: &str| if count == 0 { String::new() } else { format!("{count}{unit}") };
    let months = i64::from(months);
    let date = part(months / 12, "Y") + &part(months % 12, "M") + &part(i64::from(days), "D");
    let (seconds, rest) = (micros / 1_000_000 % 60, micros % 1_000_000);
    let sign = if micros < 0 { "-" } else { "" };
    let seconds = match (seconds, rest) {
        (0, 0) => String::new(),
        (seconds, rest) => format!("{sign}{}{}S", seconds.abs(), clock::decimals(rest.abs())),
    };
    let time = part(micros / 3_600_000_000, "H") + &part(micros / 60_000_000 % 60, "M") + &seconds;
    match (date.is_empty(), time.is_empty()) {
        (true, true) => "PT0S".to_owned(),
        (_, true) => format!("P{date}"),
        _ => format!("P{date}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, interval};

    #[test]
    fn months_are_no_duration() {
        for (parts, text, seconds) in [
            ((0, 0, 0), "PT0S", Some(0)),
            ((3_723_500_000, 0, 0), "PT1H2M3.5S", Some(3_723)),
            ((0, 2, 0), "P2D", Some(172_800)),
            ((-3_600_000_000, 1, 0), "P1DT-1H", Some(82_800)),
            ((-500_000, 0, 0), "PT-0.5S", Some(0)),
            ((0, 3, 14), "P1Y2M3D", None),
        ] {
            let Cell::Span { text: found, duration } = interval(parts.0, parts.1, parts.2) else {
                panic!("a span")
            };
            assert_eq!(found, text);
            assert_eq!(duration.map(|span| span.as_nanos() / 1_000_000_000), seconds, "{text}");
        }
    }
}
