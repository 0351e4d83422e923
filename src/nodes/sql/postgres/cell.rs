use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

use tokio_postgres::types::{FromSql, Kind, Type};

use super::{array, number, span};
use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::clock;
use crate::nodes::sql::sink::Unreadable;

/// Between 1970-01-01 and 2000-01-01, where the server's calendar begins.
const DAYS: i64 = 10_957;
const MICROS: i64 = DAYS * 86_400_000_000;

/// What the server sent for a cell; none for null.
pub(super) struct Raw<'r>(pub(super) Option<&'r [u8]>);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Reads numbers off the front.
pub(super) struct Reader<'r>(pub(super) &'r [u8]);

impl<'r> Reader<'r> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'r [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }
}

/// The cell that bytes of a type are.
pub(super) fn read<'r>(ty: &Type, bytes: &'r [u8]) -> Result<Cell<'r>, Unreadable> {
    match ty.kind() {
        Kind::Domain(inner) => read(inner, bytes),
        Kind::Array(element) => array::array(element, bytes),
        Kind::Enum(_) => text(bytes).map(Cell::Text).ok_or_else(|| broken(ty)),
        Kind::Simple => match simple(ty.name(), bytes) {
            Some(cell) => cell.ok_or_else(|| broken(ty)),
            None => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

fn unknown() -> Unreadable {
    Unreadable("the type isn't known here: cast it, as in `…::text`".to_owned())
}

fn broken(ty: &Type) -> Unreadable {
    Unreadable(format!("what the server sent is no {}", ty.name()))
}

/// Some where the type is known, and in it the cell where the bytes are of that type.
fn simple<'r>(name: &str, bytes: &'r [u8]) -> Option<Option<Cell<'r>>> {
    let mut reader = Reader(bytes);
    Some(match name {
        "bool" => bytes.first().map(|byte| Cell::Bool(*byte != 0)),
        "int2" => reader.i16().map(|number| Cell::Int(number.into())),
        "int4" => reader.i32().map(|number| Cell::Int(number.into())),
        "int8" => reader.i64().map(Cell::Int),
        "oid" | "xid" | "cid" | "regclass" | "regtype" | "regproc" | "regprocedure" => {
            reader.u32().map(|number| Cell::Int(number.into()))
        }
        // By its shortest text, so that 0.1 stays 0.1.
        "float4" => reader.u32().map(|bits| Cell::Double(widened(f32::from_bits(bits)))),
        "float8" => reader.i64().map(|bits| Cell::Double(f64::from_bits(bits.cast_unsigned()))),
        "numeric" => number::read(bytes).map(|text| Cell::Decimal(text.into())),
        "text" | "varchar" | "bpchar" | "name" | "citext" | "xml" | "unknown" | "refcursor" => {
            text(bytes).map(Cell::Text)
        }
        "char" => bytes.first().map(|byte| Cell::Text(String::from(char::from(*byte)).into())),
        "json" => text(bytes).map(Cell::Json),
        "jsonb" => bytes.get(1..).and_then(text).map(Cell::Json),
        "bytea" => Some(Cell::Bytes(bytes.into())),
        "uuid" => uuid(bytes).map(|text| Cell::Text(text.into())),
        "inet" | "cidr" => inet(bytes, name == "cidr").map(|text| Cell::Text(text.into())),
        "macaddr" | "macaddr8" => Some(Cell::Text(mac(bytes).into())),
        "bit" | "varbit" => bits(reader).map(|text| Cell::Text(text.into())),
        "void" => Some(Cell::Null),
        _ => return time(name, reader),
    })
}

fn time<'r>(name: &str, mut reader: Reader<'_>) -> Option<Option<Cell<'r>>> {
    Some(match name {
        "date" => reader.i32().map(date),
        "timestamp" => reader.i64().map(|micros| moment(micros, "")),
        "timestamptz" => reader.i64().map(|micros| moment(micros, "Z")),
        "time" => reader.i64().map(|micros| Cell::Text(clock::time(micros).into())),
        "timetz" => reader.i64().zip(reader.i32()).map(|(micros, west)| {
            Cell::Text(format!("{}{}", clock::time(micros), offset(-i64::from(west))).into())
        }),
        "interval" => match (reader.i64(), reader.i32(), reader.i32()) {
            (Some(micros), Some(days), Some(months)) => Some(span::interval(micros, days, months)),
            _ => None,
        },
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
}

/// A number of 32 bits as the one of 64 that prints the same.
pub(in crate::nodes::sql) fn widened(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| number.into())
}

fn date(days: i32) -> Cell<'static> {
    if let Some(text) = infinite(days, i32::MIN, i32::MAX) {
        return Cell::Moment { text, time: None };
    }
    let days = i64::from(days) + DAYS;
    Cell::Moment { text: clock::date(days), time: clock::midnight(days) }
}

fn moment(micros: i64, zone: &str) -> Cell<'static> {
    if let Some(text) = infinite(micros, i64::MIN, i64::MAX) {
        return Cell::Moment { text, time: None };
    }
    let micros = micros.saturating_add(MICROS);
    Cell::Moment { text: clock::date_time(micros, zone), time: clock::timestamp(micros) }
}

fn infinite<T: PartialEq>(value: T, least: T, most: T) -> Option<String> {
    if value == least {
        return Some("-infinity".to_owned());
    }
    (value == most).then(|| "infinity".to_owned())
}

fn offset(seconds: i64) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn uuid(bytes: &[u8]) -> Option<String> {
    let number = u128::from_be_bytes(bytes.try_into().ok()?);
    let digits = format!("{number:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits[range].to_owned());
    Some(parts.join("-"))
}

fn inet(bytes: &[u8], is_network: bool) -> Option<String> {
    let mut reader = Reader(bytes);
    let [_, bits, _, length] = reader.array()?;
    let (address, whole): (IpAddr, u8) = match length {
        4 => (reader.array::<4>()?.into(), 32),
        16 => (reader.array::<16>()?.into(), 128),
        _ => return None,
    };
    Some(if is_network || bits != whole { format!("{address}/{bits}") } else { address.to_string() })
}

fn mac(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}

fn bits(mut reader: Reader<'_>) -> Option<String> {
    let count = usize::try_from(reader.i32()?).ok()?;
    let mut text = String::new();
    for byte in reader.0 {
        let _ = write!(text, "{byte:08b}");
    }
    (count <= text.len()).then(|| text[..count].to_owned())
}
