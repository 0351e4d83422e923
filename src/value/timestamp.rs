use std::fmt::Write;

use ecow::EcoString;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Zoned};

use super::Duration;

const EPOCH: DateTime = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);
const MIN_SECOND: i64 = -62_135_596_800;
const MAX_SECOND: i64 = 253_402_300_799;

/// The years after which days of weeks and leap years come again, and their length.
const CYCLE_YEARS: i64 = 400;
const CYCLE_SECONDS: i64 = 146_097 * 86_400;

/// A point in time in nanoseconds, from the year 1 to the year 9999, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Timestamp(SignedDuration);

/// Why a text is no timestamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TimestampError {
    /// The text is not RFC 3339.
    #[error("not a timestamp of RFC 3339")]
    Form,
    /// The time lies outside the years 1 to 9999.
    #[error("a timestamp outside the years 1 to 9999")]
    Range,
}

/// The name of a zone that the time zone database doesn't have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("unknown time zone `{0}`")]
pub struct ZoneError(pub EcoString);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(SignedDuration::ZERO);

    /// The time so many seconds after the epoch; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::within(SignedDuration::from_secs(seconds))
    }

    /// The time so many nanoseconds after the epoch; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_nanos(nanos: i128) -> Option<Self> {
        Self::within(SignedDuration::try_from_nanos_i128(nanos)?)
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub fn as_nanos(self) -> i128 {
        self.0.as_nanos()
    }

    /// Seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.as_secs() - i64::from(self.0.subsec_nanos() < 0)
    }

    fn within(since_epoch: SignedDuration) -> Option<Self> {
        let time = Self(since_epoch);
        (MIN_SECOND..=MAX_SECOND).contains(&time.seconds()).then_some(time)
    }

    /// The time `span` later.
    #[must_use]
    pub fn checked_add(self, span: Duration) -> Option<Self> {
        Self::from_nanos(self.as_nanos() + span.as_nanos())
    }

    /// The time `span` earlier.
    #[must_use]
    pub fn checked_sub(self, span: Duration) -> Option<Self> {
        Self::from_nanos(self.as_nanos() - span.as_nanos())
    }

    /// The span from `earlier` to this time. CEL's suite takes only one whose nanoseconds fit 64 bits, which is 292
    /// years; `None` for a longer one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let nanos = i64::try_from(self.as_nanos() - earlier.as_nanos()).ok()?;
        Duration::from_nanos(nanos.into())
    }

    /// Reads `2009-02-13T23:31:30.5Z` or the same with an offset, `+11:00`.
    ///
    /// # Errors
    /// When the text is no RFC 3339, or the time lies outside the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let fields = Fields::read(text).ok_or(TimestampError::Form)?;
        let local = fields.civil().ok_or(TimestampError::Form)?;
        let since_epoch = local.duration_since(EPOCH) - SignedDuration::from_secs(fields.offset);
        Self::within(since_epoch).ok_or(TimestampError::Range)
    }

    /// RFC 3339 in UTC, with as many decimals as needed.
    #[must_use]
    pub fn print(self) -> EcoString {
        let mut text = EcoString::new();
        if let Some(civil) = self.civil(&Zone::UTC) {
            write!(text, "{}Z", civil.shown).expect("memory takes any text");
        }
        text
    }

    /// What calendar and clock show in `zone`.
    #[must_use]
    pub fn civil(self, zone: &Zone) -> Option<Civil> {
        let offset = i64::from(zone.0.to_offset(self.nearest()).seconds());
        let local = self.0.checked_add(SignedDuration::from_secs(offset))?;
        // The library's years end with 9999, which a zone's clock can be ahead of. The calendar repeats itself.
        let cycles = i64::from(local.as_secs() > MAX_SECOND);
        let shown = EPOCH.checked_add(local - SignedDuration::from_secs(cycles * CYCLE_SECONDS)).ok()?;
        Some(Civil { shown, cycles })
    }

    /// This time in the pattern of `strftime`; `None` when the pattern has a conversion that doesn't exist.
    #[must_use]
    pub fn format(self, pattern: &str, zone: &Zone) -> Option<EcoString> {
        let zoned = Zoned::new(self.nearest(), zone.0.clone());
        jiff::fmt::strtime::format(pattern, &zoned).ok().map(EcoString::from)
    }

    /// The same time as the time zone library has it, which ends some hours before our last day does.
    fn nearest(self) -> jiff::Timestamp {
        jiff::Timestamp::from_duration(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

/// The numbers of a timestamp's text.
struct Fields {
    date: [i16; 3],
    clock: [i16; 3],
    nanos: i32,
    /// Seconds east of UTC.
    offset: i64,
}

impl Fields {
    fn read(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let (clock, rest) = rest.strip_prefix(['T', 't'])?.split_at_checked(8)?;
        let (nanos, rest) = read_fraction(rest)?;
        let offset = if matches!(rest, "Z" | "z") { 0 } else { read_offset(rest)? };
        Some(Self { date: read_three(date, '-', 4)?, clock: read_three(clock, ':', 2)?, nanos, offset })
    }

    fn civil(&self) -> Option<DateTime> {
        let small = |number: i16| i8::try_from(number).ok();
        let ([year, month, day], [hour, minute, second]) = (self.date, self.clock);
        DateTime::new(
            year,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            self.nanos,
        )
        .ok()
    }
}

/// Three numbers, the first of `width` digits and the others of two.
fn read_three(text: &str, separator: char, width: usize) -> Option<[i16; 3]> {
    let mut parts = text.split(separator);
    let mut next = |width| parts.next().and_then(|digits| read_digits(digits, width));
    let numbers = [next(width)?, next(2)?, next(2)?];
    parts.next().is_none().then_some(numbers)
}

fn read_digits(digits: &str, width: usize) -> Option<i16> {
    let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

/// The nanoseconds of `.5` at the start of `text`, and what follows. Digits beyond the ninth are dropped.
fn read_fraction(text: &str) -> Option<(i32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let (digits, rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    if digits.is_empty() { None } else { Some((nine.parse().ok()?, rest)) }
}

/// `+11:00`, `-02:30` or `02:00`, in seconds.
fn read_offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let (hours, minutes) = (i64::from(read_digits(hours, 2)?), i64::from(read_digits(minutes, 2)?));
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A time zone of the bundled database, or a fixed distance from UTC.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone called `Europe/Berlin`, or the distance `+01:00`.
    ///
    /// # Errors
    /// When the database has no such zone.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        if let Some(offset) = read_offset(name) {
            let seconds = i32::try_from(offset).ok().and_then(|seconds| Offset::from_seconds(seconds).ok());
            return seconds.map(|o| Self(o.to_time_zone())).ok_or_else(|| ZoneError(name.into()));
        }
        TimeZone::get(name).map(Self).map_err(|_| ZoneError(name.into()))
    }
}

/// What calendar and clock show somewhere. Months, days of the month and days of the year count from 0.
#[derive(Clone, Copy, Debug)]
pub struct Civil {
    shown: DateTime,
    /// The cycles of the calendar to be added.
    cycles: i64,
}

impl Civil {
    /// The year.
    #[must_use]
    pub fn year(self) -> i64 {
        i64::from(self.shown.year()) + self.cycles * CYCLE_YEARS
    }

    /// The month, January is 0.
    #[must_use]
    pub fn month(self) -> i64 {
        i64::from(self.shown.month()) - 1
    }

    /// The day of the month, the first is 0.
    #[must_use]
    pub fn day_of_month(self) -> i64 {
        i64::from(self.shown.day()) - 1
    }

    /// The day of the year, January 1 is 0.
    #[must_use]
    pub fn day_of_year(self) -> i64 {
        i64::from(self.shown.day_of_year()) - 1
    }

    /// The day of the week, Sunday is 0.
    #[must_use]
    pub fn day_of_week(self) -> i64 {
        self.shown.weekday().to_sunday_zero_offset().into()
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub fn hour(self) -> i64 {
        self.shown.hour().into()
    }

    /// The minute.
    #[must_use]
    pub fn minute(self) -> i64 {
        self.shown.minute().into()
    }

    /// The second.
    #[must_use]
    pub fn second(self) -> i64 {
        self.shown.second().into()
    }

    /// The millisecond.
    #[must_use]
    pub fn millisecond(self) -> i64 {
        i64::from(self.shown.subsec_nanosecond()) / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, TimestampError, Zone};

    fn parsed(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn only_rfc_3339_is_read() {
        assert_eq!(parsed("1970-01-01T01:00:00+01:00"), Timestamp::EPOCH);
        assert_eq!(parsed("2009-02-13T23:31:30Z").seconds(), 1_234_567_890);
        for text in
            ["2009-02-13", "2009-02-13 23:31:30Z", "2009-02-13T23:31Z", "2009-02-30T00:00:00Z", "é", ""]
        {
            assert_eq!(Timestamp::parse(text), Err(TimestampError::Form), "{text}");
        }
        assert_eq!(Timestamp::parse("0000-01-01T00:00:00Z"), Err(TimestampError::Range));
        assert_eq!(Timestamp::parse("10000-01-01T00:00:00Z"), Err(TimestampError::Form));
    }

    #[test]
    fn the_whole_range_prints() {
        for text in [
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z",
            "1969-12-31T23:59:59.5Z",
            "2024-02-29T00:00:00Z",
        ] {
            assert_eq!(parsed(text).print(), text);
        }
    }

    #[test]
    fn zones_are_names_or_offsets() {
        let time = parsed("2009-02-13T23:31:30Z");
        let hour = |zone| Zone::named(zone).ok().and_then(|zone| time.civil(&zone)).map(super::Civil::hour);
        assert_eq!(hour("Asia/Kathmandu"), Some(5));
        assert_eq!(hour("02:00"), Some(1));
        assert_eq!(hour("-09:30"), Some(14));
        assert!(Zone::named("Mars/Olympus").is_err());
        let last = parsed("9999-12-31T23:59:59Z");
        let next = last.civil(&Zone::named("+01:00").expect("an offset")).expect("a date");
        assert_eq!((next.year(), next.day_of_year(), next.day_of_week(), next.hour()), (10_000, 0, 6, 0));
    }
}
