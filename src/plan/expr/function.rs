use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A function of expressions. A plan holds its name.
///
/// What it does with which types is the evaluator's to say; arguments of other types are an error of the run,
/// since `dyn` may hide them from the checker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Function {
    /// The characters, octets, elements or entries of a value.
    Size,
    /// The type of a value.
    Type,
    /// The value itself, its static type forgotten.
    Dyn,
    /// To bool.
    Bool,
    /// To int.
    Int,
    /// To uint.
    Uint,
    /// To double.
    Double,
    /// To string.
    String,
    /// To bytes.
    Bytes,
    /// To duration.
    Duration,
    /// To timestamp.
    Timestamp,
    /// Whether a text starts with another.
    StartsWith,
    /// Whether a text ends with another.
    EndsWith,
    /// Whether a text has another in it.
    Contains,
    /// Whether a regular expression is found in a text.
    Matches,
    /// The character at an index.
    CharAt,
    /// The first index of a text in another.
    IndexOf,
    /// The last index of a text in another.
    LastIndexOf,
    /// The texts of a list in one.
    Join,
    /// ASCII letters in lower case.
    LowerAscii,
    /// ASCII letters in upper case.
    UpperAscii,
    /// A text with another in place of a part.
    Replace,
    /// The list of texts between separators.
    Split,
    /// The characters between two indexes.
    Substring,
    /// A text without white space around it.
    Trim,
    /// The characters from the last to the first.
    Reverse,
    /// A text with clauses such as `%d` filled.
    Format,
    /// A text as a literal.
    Quote,
    /// The day of the month, from 1.
    GetDate,
    /// The day of the month, from 0.
    GetDayOfMonth,
    /// The day of the week, Sunday is 0.
    GetDayOfWeek,
    /// The day of the year, from 0.
    GetDayOfYear,
    /// The year.
    GetFullYear,
    /// The hour; all the hours of a duration.
    GetHours,
    /// The millisecond within the second.
    GetMilliseconds,
    /// The minute; all the minutes of a duration.
    GetMinutes,
    /// The month, from 0.
    GetMonth,
    /// The second; all the seconds of a duration.
    GetSeconds,
    /// The largest number.
    Greatest,
    /// The smallest number.
    Least,
    /// Rounded up.
    Ceil,
    /// Rounded down.
    Floor,
    /// Rounded to the nearest, halves away from zero.
    Round,
    /// Rounded towards zero.
    Trunc,
    /// The size of a number.
    Abs,
    /// -1, 0 or 1.
    Sign,
    /// Whether a double is not a number.
    IsNan,
    /// Whether a double is infinite.
    IsInf,
    /// Whether a double is a finite number.
    IsFinite,
    /// The square root.
    Sqrt,
    /// The bits that both have.
    BitAnd,
    /// The bits that one has.
    BitOr,
    /// The bits that only one has.
    BitXor,
    /// The bits that it has not.
    BitNot,
    /// The bits moved up.
    BitShiftLeft,
    /// The bits moved down, zeros coming after.
    BitShiftRight,
    /// Bytes as base64.
    Base64Encode,
    /// Base64 as bytes.
    Base64Decode,
    /// An optional with a value.
    OptionalOf,
    /// An optional, none for an empty value.
    OptionalOfNonZero,
    /// The optional without a value.
    OptionalNone,
    /// Whether an optional has a value.
    HasValue,
    /// The value of an optional.
    ValueOf,
    /// The first optional that has a value.
    Or,
    /// The value of an optional, or another.
    OrValue,
    /// The values of a list of optionals.
    Unwrap,
    /// The same as a method.
    UnwrapOpt,
    /// A value as JSON text.
    JsonEncode,
    /// JSON text as a value.
    JsonDecode,
    /// A timestamp in a `strftime` pattern and a zone.
    FormatTime,
    /// What interpolation writes into a URL: one segment of its path, or one value of its query.
    UrlEncode,
}

/// A function with its name and the fewest and most arguments, the receiver of a method among them.
type Row = (Function, &'static str, usize, usize);

/// As many arguments as are written.
const ANY: usize = usize::MAX;

/// In the order of the variants.
const ROWS: [Row; 71] = [
    (Function::Size, "size", 1, 1),
    (Function::Type, "type", 1, 1),
    (Function::Dyn, "dyn", 1, 1),
    (Function::Bool, "bool", 1, 1),
    (Function::Int, "int", 1, 1),
    (Function::Uint, "uint", 1, 1),
    (Function::Double, "double", 1, 1),
    (Function::String, "string", 1, 1),
    (Function::Bytes, "bytes", 1, 1),
    (Function::Duration, "duration", 1, 1),
    (Function::Timestamp, "timestamp", 1, 1),
    (Function::StartsWith, "startsWith", 2, 2),
    (Function::EndsWith, "endsWith", 2, 2),
    (Function::Contains, "contains", 2, 2),
    (Function::Matches, "matches", 2, 2),
    (Function::CharAt, "charAt", 2, 2),
    (Function::IndexOf, "indexOf", 2, 3),
    (Function::LastIndexOf, "lastIndexOf", 2, 3),
    (Function::Join, "join", 1, 2),
    (Function::LowerAscii, "lowerAscii", 1, 1),
    (Function::UpperAscii, "upperAscii", 1, 1),
    (Function::Replace, "replace", 3, 4),
    (Function::Split, "split", 2, 3),
    (Function::Substring, "substring", 2, 3),
    (Function::Trim, "trim", 1, 1),
    (Function::Reverse, "reverse", 1, 1),
    (Function::Format, "format", 2, 2),
    (Function::Quote, "strings.quote", 1, 1),
    (Function::GetDate, "getDate", 1, 2),
    (Function::GetDayOfMonth, "getDayOfMonth", 1, 2),
    (Function::GetDayOfWeek, "getDayOfWeek", 1, 2),
    (Function::GetDayOfYear, "getDayOfYear", 1, 2),
    (Function::GetFullYear, "getFullYear", 1, 2),
    (Function::GetHours, "getHours", 1, 2),
    (Function::GetMilliseconds, "getMilliseconds", 1, 2),
    (Function::GetMinutes, "getMinutes", 1, 2),
    (Function::GetMonth, "getMonth", 1, 2),
    (Function::GetSeconds, "getSeconds", 1, 2),
    (Function::Greatest, "math.greatest", 1, ANY),
    (Function::Least, "math.least", 1, ANY),
    (Function::Ceil, "math.ceil", 1, 1),
    (Function::Floor, "math.floor", 1, 1),
    (Function::Round, "math.round", 1, 1),
    (Function::Trunc, "math.trunc", 1, 1),
    (Function::Abs, "math.abs", 1, 1),
    (Function::Sign, "math.sign", 1, 1),
    (Function::IsNan, "math.isNaN", 1, 1),
    (Function::IsInf, "math.isInf", 1, 1),
    (Function::IsFinite, "math.isFinite", 1, 1),
    (Function::Sqrt, "math.sqrt", 1, 1),
    (Function::BitAnd, "math.bitAnd", 2, 2),
    (Function::BitOr, "math.bitOr", 2, 2),
    (Function::BitXor, "math.bitXor", 2, 2),
    (Function::BitNot, "math.bitNot", 1, 1),
    (Function::BitShiftLeft, "math.bitShiftLeft", 2, 2),
    (Function::BitShiftRight, "math.bitShiftRight", 2, 2),
    (Function::Base64Encode, "base64.encode", 1, 1),
    (Function::Base64Decode, "base64.decode", 1, 1),
    (Function::OptionalOf, "optional.of", 1, 1),
    (Function::OptionalOfNonZero, "optional.ofNonZeroValue", 1, 1),
    (Function::OptionalNone, "optional.none", 0, 0),
    (Function::HasValue, "hasValue", 1, 1),
    (Function::ValueOf, "value", 1, 1),
    (Function::Or, "or", 2, 2),
    (Function::OrValue, "orValue", 2, 2),
    (Function::Unwrap, "optional.unwrap", 1, 1),
    (Function::UnwrapOpt, "unwrapOpt", 1, 1),
    (Function::JsonEncode, "json.encode", 1, 1),
    (Function::JsonDecode, "json.decode", 1, 1),
    (Function::FormatTime, "format_time", 3, 3),
    (Function::UrlEncode, "url.encode", 1, 1),
];

impl Function {
    /// How an author writes it, with its namespace and without a receiver.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The function that an author writes as `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.0)
    }

    /// Whether it may have so many arguments, the receiver of a method among them.
    #[must_use]
    pub fn takes(self, arguments: usize) -> bool {
        let (_, _, fewest, most) = self.row();
        (*fewest..=*most).contains(&arguments)
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

impl Serialize for Function {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl JsonSchema for Function {
    fn schema_name() -> Cow<'static, str> {
        "Function".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Self::all().map(Self::name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

impl<'de> Deserialize<'de> for Function {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| D::Error::custom(format!("no function `{name}`")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, ROWS};

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (index, row) in ROWS.iter().enumerate() {
            assert_eq!(row.0 as usize, index, "{}", row.1);
            assert_eq!(Function::named(row.1), Some(row.0));
        }
    }
}
