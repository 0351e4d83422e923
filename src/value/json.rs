use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecow::EcoVec;
use serde_json::Value as Json;

use super::{Key, List, Map, Value};

/// A value that JSON can't hold, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{reason} at `{path}`")]
pub struct EncodeError {
    /// From the outermost value: `b[1].c`; empty for the outermost value itself.
    pub path: String,
    /// Why it can't.
    pub reason: Unencodable,
}

/// Why JSON can't hold a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unencodable {
    /// JSON has neither NaN nor infinity.
    #[error("a number that is not finite")]
    NotFinite,
    /// A type is no data.
    #[error("a type")]
    Type,
    /// Secrets never become JSON.
    #[error("a secret")]
    Secret,
    /// `{1: a, "1": b}` would be one member.
    #[error("two keys of the same text")]
    SameKey,
}

/// A place in a value, from the outermost one.
#[derive(Default)]
pub(super) struct Path<'a> {
    steps: Vec<Step<'a>>,
}

pub(super) enum Step<'a> {
    Field(&'a str),
    Key(&'a Key),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn enter(&mut self, step: Step<'a>) {
        self.steps.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.steps.pop();
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, step) in self.steps.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Field(name) => write_name(f, name, depth)?,
                Step::Key(key) => write_name(f, &key.to_string(), depth)?,
            }
        }
        Ok(())
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str, depth: usize) -> fmt::Result {
    let plain = name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        && name.starts_with(|c: char| !c.is_ascii_digit());
    match (plain, depth) {
        (true, 0) => f.write_str(name),
        (true, _) => write!(f, ".{name}"),
        (false, _) => write!(f, "[{name:?}]"),
    }
}

impl Value {
    /// This value as JSON: an absent optional is left out of a record and null elsewhere; durations, timestamps and
    /// bytes are texts; keys are sorted.
    ///
    /// # Errors
    /// The first value that JSON can't hold.
    pub fn to_json(&self) -> Result<Json, EncodeError> {
        encode(self, &mut Path::default())
    }

    /// The value of untyped JSON: integral numbers of 64 bits are `int`, else `uint`; all others are `double`.
    #[must_use]
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => from_number(number),
            Json::String(text) => Self::String(text.as_str().into()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(members) => Self::Map(Map::record(
                members.iter().map(|(name, json)| (name.as_str(), Self::from_json(json))),
            )),
        }
    }
}

fn from_number(number: &serde_json::Number) -> Value {
    if let Some(int) = number.as_i64() {
        return Value::Int(int);
    }
    if let Some(uint) = number.as_u64() {
        return Value::Uint(uint);
    }
    let double = number.as_f64().unwrap_or(f64::NAN);
    match Key::finding(&Value::Double(double)) {
        Some(integral) => Value::from(integral),
        None => Value::Double(double),
    }
}

fn encode<'a>(value: &'a Value, path: &mut Path<'a>) -> Result<Json, EncodeError> {
    let refuse = |reason, path: &Path<'_>| Err(EncodeError { path: path.to_string(), reason });
    Ok(match value {
        Value::Null | Value::Optional(None) => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Uint(value) => Json::from(*value),
        Value::Double(value) => match encode_double(*value) {
            Some(number) => Json::Number(number),
            None => return refuse(Unencodable::NotFinite, path),
        },
        Value::String(text) => Json::String(text.to_string()),
        Value::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
        Value::Duration(duration) => Json::String(duration.print().into()),
        Value::Timestamp(time) => Json::String(time.print().into()),
        Value::List(list) => encode_list(list, path)?,
        Value::Map(map) => encode_map(map, path)?,
        Value::Optional(Some(value)) => encode(value, path)?,
        Value::Type(_) => return refuse(Unencodable::Type, path),
        Value::Template(_) => return refuse(Unencodable::Secret, path),
    })
}

/// Whole doubles of 64 bits print like integers, as interpolation prints them.
fn encode_double(double: f64) -> Option<serde_json::Number> {
    let negative_zero = double == 0.0 && double.is_sign_negative();
    match Key::finding(&Value::Double(double)) {
        Some(Key::Int(int)) if !negative_zero => Some(int.into()),
        Some(Key::Uint(uint)) => Some(uint.into()),
        _ => serde_json::Number::from_f64(double),
    }
}

fn encode_list<'a>(list: &'a List, path: &mut Path<'a>) -> Result<Json, EncodeError> {
    let mut items = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        path.enter(Step::Index(index));
        items.push(encode(item, path)?);
        path.leave();
    }
    Ok(Json::Array(items))
}

fn encode_map<'a>(map: &'a Map, path: &mut Path<'a>) -> Result<Json, EncodeError> {
    let mut members = serde_json::Map::new();
    for (key, value) in map.iter() {
        if matches!(value, Value::Optional(None)) {
            continue;
        }
        path.enter(Step::Key(key));
        let json = encode(value, path)?;
        if members.insert(key.to_string(), json).is_some() {
            return Err(EncodeError { path: path.to_string(), reason: Unencodable::SameKey });
        }
        path.leave();
    }
    Ok(Json::Object(members))
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::List(items.into_iter().collect::<EcoVec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::{EncodeError, Json, Key, Map, Unencodable, Value};
    use serde_json::json;

    #[test]
    fn numbers_of_untyped_json_are_the_first_kind_that_holds_them() {
        let json = json!([1, 1.0, -1, 18_446_744_073_709_551_615_u64, 1.5, 1e300]);
        let Value::List(items) = Value::from_json(&json) else { panic!("a list") };
        let kinds: Vec<_> = items.iter().map(|item| item.kind().name()).collect();
        assert_eq!(kinds, ["int", "int", "int", "uint", "double", "double"]);
    }

    #[test]
    fn none_is_left_out_of_a_record_and_null_in_a_list() {
        let record = Map::record([("b", Value::NONE), ("a", [Value::NONE].into_iter().collect())]);
        assert_eq!(Value::Map(record).to_json(), Ok(json!({"a": [null]})));
        assert_eq!(Value::some(Value::Double(2.0)).to_json(), Ok(json!(2)));
    }

    #[test]
    fn what_json_cannot_hold_is_found_with_its_path() {
        let inner = Map::record([("odd-name", Value::Double(f64::NAN))]);
        let list = Map::record([("b", [Value::Null, Value::Map(inner)].into_iter().collect())]);
        let error = EncodeError { path: "b[1][\"odd-name\"]".into(), reason: Unencodable::NotFinite };
        assert_eq!(Value::Map(list).to_json(), Err(error));

        let mut twice = Map::record([("1", Value::Null)]);
        twice.insert(Key::Int(1), Value::Null);
        assert_eq!(Value::Map(twice).to_json().map_err(|e| e.reason), Err::<Json, _>(Unencodable::SameKey));
    }
}
