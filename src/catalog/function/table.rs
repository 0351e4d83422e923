use std::fmt;
use std::sync::LazyLock;

use super::Overload;

/// A function, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function(usize);

/// A function's name, what it is for, and its overloads.
struct Row(&'static str, &'static str, &'static [&'static str]);

/// By subject, in the order in which they are documented.
const ROWS: &[Row] = &[
    Row(
        "size",
        "The number of characters, bytes, elements or entries.",
        &[
            "size(string): int",
            "size(bytes): int",
            "size(list<T>): int",
            "size(map<T, V>): int",
            "string.size(): int",
            "bytes.size(): int",
            "list<T>.size(): int",
            "map<T, V>.size(): int",
        ],
    ),
    Row("bool", "To a bool.", &["bool(bool): bool", "bool(string): bool"]),
    Row(
        "int",
        "To an int; a double is cut, a timestamp gives its seconds since 1970.",
        &["int(int): int", "int(uint): int", "int(double): int", "int(string): int", "int(timestamp): int"],
    ),
    Row(
        "uint",
        "To a uint.",
        &["uint(uint): uint", "uint(int): uint", "uint(double): uint", "uint(string): uint"],
    ),
    Row(
        "double",
        "To a double.",
        &["double(double): double", "double(int): double", "double(uint): double", "double(string): double"],
    ),
    Row(
        "string",
        "To a text.",
        &[
            "string(string): string",
            "string(bool): string",
            "string(int): string",
            "string(uint): string",
            "string(double): string",
            "string(bytes): string",
            "string(timestamp): string",
            "string(duration): string",
        ],
    ),
    Row("bytes", "To bytes; a text in UTF-8.", &["bytes(bytes): bytes", "bytes(string): bytes"]),
    Row(
        "duration",
        "To a duration; from a text such as `1h30m`.",
        &["duration(duration): duration", "duration(string): duration"],
    ),
    Row(
        "timestamp",
        "To a timestamp; from a text as RFC 3339 has it, or from seconds since 1970.",
        &["timestamp(timestamp): timestamp", "timestamp(string): timestamp", "timestamp(int): timestamp"],
    ),
    Row("type", "The type of a value.", &["type(T): type"]),
    Row("dyn", "The value itself, its type forgotten.", &["dyn(T): dyn"]),
    Row("contains", "Whether a text has another in it.", &["string.contains(string): bool"]),
    Row("startsWith", "Whether a text starts with another.", &["string.startsWith(string): bool"]),
    Row("endsWith", "Whether a text ends with another.", &["string.endsWith(string): bool"]),
    Row(
        "matches",
        "Whether a regular expression is found in a text.",
        &["string.matches(string): bool", "matches(string, string): bool"],
    ),
    Row("charAt", "The character at an index.", &["string.charAt(int): string"]),
    Row(
        "indexOf",
        "The first index of a text in another, from an index on; -1 where it isn't.",
        &["string.indexOf(string): int", "string.indexOf(string, int): int"],
    ),
    Row(
        "lastIndexOf",
        "The last index of a text in another, up to an index; -1 where it isn't.",
        &["string.lastIndexOf(string): int", "string.lastIndexOf(string, int): int"],
    ),
    Row(
        "join",
        "The texts of a list in one, with a separator between them.",
        &["list<string>.join(): string", "list<string>.join(string): string"],
    ),
    Row("lowerAscii", "ASCII letters in lower case.", &["string.lowerAscii(): string"]),
    Row("upperAscii", "ASCII letters in upper case.", &["string.upperAscii(): string"]),
    Row(
        "replace",
        "A text with another in place of a part, so many times at most.",
        &["string.replace(string, string): string", "string.replace(string, string, int): string"],
    ),
    Row(
        "split",
        "The texts between separators, so many at most.",
        &["string.split(string): list<string>", "string.split(string, int): list<string>"],
    ),
    Row(
        "substring",
        "The characters from an index on, up to another.",
        &["string.substring(int): string", "string.substring(int, int): string"],
    ),
    Row("trim", "A text without white space around it.", &["string.trim(): string"]),
    Row("reverse", "The characters from the last to the first.", &["string.reverse(): string"]),
    Row(
        "format",
        "A text whose clauses (`%s %d %f %e %b %o %x`) are filled from a list.",
        &["string.format(list<dyn>): string"],
    ),
    Row("strings.quote", "A text as a literal.", &["strings.quote(string): string"]),
    Row("getFullYear", "The year.", TIMESTAMP_ROWS[0]),
    Row("getMonth", "The month, from 0.", TIMESTAMP_ROWS[1]),
    Row("getDate", "The day of the month, from 1.", TIMESTAMP_ROWS[2]),
    Row("getDayOfMonth", "The day of the month, from 0.", TIMESTAMP_ROWS[3]),
    Row("getDayOfWeek", "The day of the week, from 0 for Sunday.", TIMESTAMP_ROWS[4]),
    Row("getDayOfYear", "The day of the year, from 0.", TIMESTAMP_ROWS[5]),
    Row(
        "getHours",
        "The hour of a day; all the hours of a duration.",
        &["timestamp.getHours(): int", "timestamp.getHours(string): int", "duration.getHours(): int"],
    ),
    Row(
        "getMinutes",
        "The minute of an hour; all the minutes of a duration.",
        &["timestamp.getMinutes(): int", "timestamp.getMinutes(string): int", "duration.getMinutes(): int"],
    ),
    Row(
        "getSeconds",
        "The second of a minute; all the seconds of a duration.",
        &["timestamp.getSeconds(): int", "timestamp.getSeconds(string): int", "duration.getSeconds(): int"],
    ),
    Row(
        "getMilliseconds",
        "The milliseconds of a second.",
        &[
            "timestamp.getMilliseconds(): int",
            "timestamp.getMilliseconds(string): int",
            "duration.getMilliseconds(): int",
        ],
    ),
    Row(
        "format_time",
        "A timestamp by a pattern such as `%Y-%m-%d`, in a time zone.",
        &["format_time(timestamp, string, string): string"],
    ),
    Row("math.greatest", "The largest of some numbers.", EXTREMES[0]),
    Row("math.least", "The smallest of some numbers.", EXTREMES[1]),
    Row("math.ceil", "Rounded up.", &["math.ceil(double): double"]),
    Row("math.floor", "Rounded down.", &["math.floor(double): double"]),
    Row("math.round", "Rounded to the nearest, halves away from zero.", &["math.round(double): double"]),
    Row("math.trunc", "Rounded towards zero.", &["math.trunc(double): double"]),
    Row(
        "math.abs",
        "Without its sign.",
        &["math.abs(int): int", "math.abs(uint): uint", "math.abs(double): double"],
    ),
    Row(
        "math.sign",
        "-1, 0 or 1.",
        &["math.sign(int): int", "math.sign(uint): uint", "math.sign(double): double"],
    ),
    Row("math.isNaN", "Whether it is not a number.", &["math.isNaN(double): bool"]),
    Row("math.isInf", "Whether it is infinite.", &["math.isInf(double): bool"]),
    Row("math.isFinite", "Whether it is a finite number.", &["math.isFinite(double): bool"]),
    Row(
        "math.sqrt",
        "The square root.",
        &["math.sqrt(double): double", "math.sqrt(int): double", "math.sqrt(uint): double"],
    ),
    Row(
        "math.bitAnd",
        "The bits that both have.",
        &["math.bitAnd(int, int): int", "math.bitAnd(uint, uint): uint"],
    ),
    Row(
        "math.bitOr",
        "The bits that one has.",
        &["math.bitOr(int, int): int", "math.bitOr(uint, uint): uint"],
    ),
    Row(
        "math.bitXor",
        "The bits that only one has.",
        &["math.bitXor(int, int): int", "math.bitXor(uint, uint): uint"],
    ),
    Row("math.bitNot", "The bits that it has not.", &["math.bitNot(int): int", "math.bitNot(uint): uint"]),
    Row(
        "math.bitShiftLeft",
        "The bits moved up.",
        &["math.bitShiftLeft(int, int): int", "math.bitShiftLeft(uint, int): uint"],
    ),
    Row(
        "math.bitShiftRight",
        "The bits moved down, zeros coming after.",
        &["math.bitShiftRight(int, int): int", "math.bitShiftRight(uint, int): uint"],
    ),
    Row("base64.encode", "Bytes as base64.", &["base64.encode(bytes): string"]),
    Row("base64.decode", "Base64 as bytes.", &["base64.decode(string): bytes"]),
    Row("json.encode", "A value as JSON text.", &["json.encode(json): string"]),
    Row("json.decode", "JSON text as a value.", &["json.decode(string): json"]),
    Row("optional.of", "An optional with a value.", &["optional.of(T): T?"]),
    Row(
        "optional.ofNonZeroValue",
        "An optional with a value, or none for false, 0, an empty text and the like.",
        &["optional.ofNonZeroValue(T): T?"],
    ),
    Row("optional.none", "The optional without a value.", &["optional.none(): T?"]),
    Row(
        "optional.unwrap",
        "The values of those optionals that have one.",
        &["optional.unwrap(list<T?>): list<T>"],
    ),
    Row("unwrapOpt", "The values of those optionals that have one.", &["list<T?>.unwrapOpt(): list<T>"]),
    Row("hasValue", "Whether an optional has a value.", &["T?.hasValue(): bool"]),
    Row("value", "The value of an optional; an error where there is none.", &["T?.value(): T"]),
    Row("or", "This optional, or another where it has no value.", &["T?.or(T?): T?"]),
    Row("orValue", "The value of an optional, or another where there is none.", &["T?.orValue(T): T"]),
];

const TIMESTAMP_ROWS: [&[&str]; 6] = [
    &["timestamp.getFullYear(): int", "timestamp.getFullYear(string): int"],
    &["timestamp.getMonth(): int", "timestamp.getMonth(string): int"],
    &["timestamp.getDate(): int", "timestamp.getDate(string): int"],
    &["timestamp.getDayOfMonth(): int", "timestamp.getDayOfMonth(string): int"],
    &["timestamp.getDayOfWeek(): int", "timestamp.getDayOfWeek(string): int"],
    &["timestamp.getDayOfYear(): int", "timestamp.getDayOfYear(string): int"],
];

/// Several numbers are taken as one list.
const EXTREMES: [&[&str]; 2] = [
    &[
        "math.greatest(list<int>): int",
        "math.greatest(list<uint>): uint",
        "math.greatest(list<double>): double",
        "math.greatest(int): int",
        "math.greatest(uint): uint",
        "math.greatest(double): double",
    ],
    &[
        "math.least(list<int>): int",
        "math.least(list<uint>): uint",
        "math.least(list<double>): double",
        "math.least(int): int",
        "math.least(uint): uint",
        "math.least(double): double",
    ],
];

static OVERLOADS: LazyLock<Vec<Vec<Overload>>> = LazyLock::new(|| {
    let read = |row: &Row| row.2.iter().filter_map(|text| Overload::of_call(row.0, text)).collect();
    ROWS.iter().map(read).collect()
});

impl Function {
    /// The function that an author writes as `name`, with its namespace and without a receiver.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROWS.iter().position(|row| row.0 == name).map(Self)
    }

    /// All of them, in the order in which they are documented.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ROWS.len()).map(Self)
    }

    /// Its name, with its namespace and without a receiver.
    #[must_use]
    pub fn name(self) -> &'static str {
        ROWS[self.0].0
    }

    /// What it is for, in a sentence.
    #[must_use]
    pub fn doc(self) -> &'static str {
        ROWS[self.0].1
    }

    /// The ways to call it.
    #[must_use]
    pub fn overloads(self) -> &'static [Overload] {
        &OVERLOADS[self.0]
    }

    /// Whether it can be called on something that stands before a dot.
    #[must_use]
    pub fn is_method(self) -> bool {
        self.overloads().iter().any(|overload| overload.is_method)
    }

    /// Whether it takes a `json` value as it is: conversions, and what doesn't look into it.
    #[must_use]
    pub fn takes_json(self) -> bool {
        let conversions =
            ["bool", "int", "uint", "double", "string", "bytes", "duration", "timestamp", "type", "dyn"];
        let carriers = ["json.encode", "optional.of", "optional.ofNonZeroValue", "or", "orValue"];
        conversions.contains(&self.name()) || carriers.contains(&self.name())
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, ROWS};

    #[test]
    fn every_text_reads() {
        for (function, row) in Function::all().zip(ROWS) {
            assert_eq!(Function::named(row.0), Some(function));
            assert_eq!(function.overloads().len(), row.2.len(), "{}", row.0);
        }
    }
}
