//! What calendars and clocks show, also where years have five digits.

use crate::value::Timestamp;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The year, month and day so many days after 1970-01-01, by the Gregorian calendar with a year 0 (the algorithm
/// `civil_from_days` of Howard Hinnant).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `2024-02-29`; a year before the first is `0044-03-15 BC`.
pub(super) fn date(days: i64) -> String {
    let (text, end) = parts_of_date(days);
    format!("{text}{end}")
}

fn parts_of_date(days: i64) -> (String, &'static str) {
    let (year, month, day) = civil(days);
    let (year, end) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    (format!("{year:04}-{month:02}-{day:02}"), end)
}

/// `12:30:00`, with as many decimals as needed.
pub(super) fn time(micros: i64) -> String {
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}{}", minutes / 60, minutes % 60, decimals(rest))
}

/// `.5`, or nothing.
pub(super) fn decimals(micros: i64) -> String {
    if micros == 0 { String::new() } else { format!(".{micros:06}").trim_end_matches('0').to_owned() }
}

/// What a calendar and a clock in UTC show so many microseconds after 1970, between them a `T`. `zone` stands behind.
pub(super) fn date_time(micros: i64, zone: &str) -> String {
    let (date, end) = parts_of_date(micros.div_euclid(MICROS_PER_DAY));
    format!("{date}T{}{zone}{end}", time(micros.rem_euclid(MICROS_PER_DAY)))
}

/// The timestamp so many microseconds after 1970; none outside the years 1 to 9999.
pub(super) fn timestamp(micros: i64) -> Option<Timestamp> {
    Timestamp::from_nanos(i128::from(micros) * 1_000)
}

/// The time of a day's beginning in UTC.
pub(super) fn midnight(days: i64) -> Option<Timestamp> {
    timestamp(days.checked_mul(MICROS_PER_DAY)?)
}

/// Reads what a database without times writes: `2024-02-29`, `2024-02-29 12:30:00.5`, with or without a zone; without
/// one it is UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, clock) = text.split_at_checked(10)?;
    let clock = clock.trim_start_matches(['T', ' ']);
    let (clock, zone) = match clock.find(['Z', 'z', '+', '-']) {
        Some(at) => clock.split_at(at),
        None => (clock, "Z"),
    };
    let clock = match clock.len() {
        0 => "00:00:00".to_owned(),
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    let zone = if zone.len() == 3 { format!("{zone}:00") } else { zone.to_owned() };
    Timestamp::parse(&format!("{date}T{clock}{zone}")).ok()
}

#[cfg(test)]
mod tests {
    use super::{date, date_time, read, time, timestamp};

    #[test]
    fn days_have_their_names_in_all_years() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (11_016, "2000-02-29"),
            (2_932_896, "9999-12-31"),
            (2_932_897, "10000-01-01"),
            (-719_162, "0001-01-01"),
            (-719_163, "0001-12-31 BC"),
            (-735_160, "0044-03-15 BC"),
        ] {
            assert_eq!(date(days), text);
        }
    }

    #[test]
    fn times_have_the_decimals_that_they_need() {
        assert_eq!(time(0), "00:00:00");
        assert_eq!(time(86_400_000_000), "24:00:00");
        assert_eq!(time(1_500_000), "00:00:01.5");
        assert_eq!(date_time(-1, "Z"), "1969-12-31T23:59:59.999999Z");
        assert_eq!(date_time(253_402_300_800_000_000, ""), "10000-01-01T00:00:00");
        assert_eq!(timestamp(253_402_300_800_000_000), None);
    }

    #[test]
    fn texts_are_times_in_utc_where_they_say_no_zone() {
        let seconds = |text| read(text).map(|time| time.seconds());
        for text in ["1970-01-02", "1970-01-02 00:00", "1970-01-02T00:00:00Z", "1970-01-02 02:00:00+02"] {
            assert_eq!(seconds(text), Some(86_400), "{text}");
        }
        for text in ["", "1970", "1970-13-01", "1970-01-01 25:00:00", "0000-00-00", "yesterday", "ä970-01-01"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
