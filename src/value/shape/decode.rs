use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecow::EcoVec;
use serde_json::{Map as Object, Value as Json};

use super::{Field, KeyShape, Shape, ShapeId, Shapes};
use crate::value::json::{Path, Step};
use crate::value::{Duration, Key, Map, Timestamp, Value};

/// A place where JSON is not what its border takes. It never quotes the JSON, which may be private.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// From the outermost value: `b[1].c`; empty for the outermost value itself.
    pub path: String,
    /// What the border takes there: `int`, `"gold" | "silver"`, `no such field`.
    pub expected: String,
    /// What came: `string`, `null`, `a fraction`, `nothing`.
    pub found: &'static str,
}

/// Every mismatch of one value, in the order of its places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatches(pub Vec<Mismatch>);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected, found } = self;
        if path.is_empty() {
            write!(f, "expected {expected}, found {found}")
        } else {
            write!(f, "`{path}`: expected {expected}, found {found}")
        }
    }
}

impl fmt::Display for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mismatch) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{mismatch}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mismatches {}

impl Shapes {
    /// The value that `json` stands for at a border of the shape `id`.
    ///
    /// # Errors
    /// Every place where the JSON is not what the border takes.
    pub fn decode(&self, id: ShapeId, json: &Json) -> Result<Value, Mismatches> {
        let mut decoder = Decoder { shapes: self, path: Path::default(), mismatches: Vec::new() };
        let value = decoder.decode(id, json);
        match value {
            Some(value) if decoder.mismatches.is_empty() => Ok(value),
            _ => Err(Mismatches(decoder.mismatches)),
        }
    }

    /// The shape as an author writes the type.
    fn name(&self, id: ShapeId) -> String {
        match self.get(id) {
            Shape::Json => "json".into(),
            Shape::Bool => "bool".into(),
            Shape::Int => "int".into(),
            Shape::Uint => "uint".into(),
            Shape::Double => "double".into(),
            Shape::String => "string".into(),
            Shape::Bytes => "base64".into(),
            Shape::Duration => "duration".into(),
            Shape::Timestamp => "timestamp".into(),
            Shape::List(_) => "list".into(),
            Shape::Map { .. } => "map".into(),
            Shape::Record { .. } => "record".into(),
            Shape::Literals(literals) => name_literals(literals),
            Shape::Optional(inner) => self.name(*inner),
        }
    }
}

fn name_literals(literals: &[Value]) -> String {
    let names: Vec<_> =
        literals.iter().filter_map(|literal| literal.to_json().ok()).map(|j| j.to_string()).collect();
    names.join(" | ")
}

struct Decoder<'a> {
    shapes: &'a Shapes,
    path: Path<'a>,
    mismatches: Vec<Mismatch>,
}

impl<'a> Decoder<'a> {
    /// `None` after a mismatch was noted.
    fn decode(&mut self, id: ShapeId, json: &'a Json) -> Option<Value> {
        match (self.shapes.get(id), json) {
            (Shape::Json, json) => Some(Value::from_json(json)),
            (Shape::Optional(_), Json::Null) => Some(Value::NONE),
            (Shape::Optional(inner), json) => self.decode(*inner, json).map(Value::some),
            (Shape::List(inner), Json::Array(items)) => self.decode_list(*inner, items),
            (Shape::Map { key, value }, Json::Object(members)) => self.decode_map(*key, *value, members),
            (Shape::Record { fields, open }, Json::Object(members)) => {
                self.decode_record(fields, *open, members)
            }
            (shape, json) => match decode_scalar(shape, json) {
                Ok(value) => Some(value),
                Err(found) => self.refuse(self.shapes.name(id), found),
            },
        }
    }

    fn decode_list(&mut self, inner: ShapeId, items: &'a [Json]) -> Option<Value> {
        let mut values = EcoVec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            values.extend(self.within(Step::Index(index), |decoder| decoder.decode(inner, item)));
        }
        (values.len() == items.len()).then_some(Value::List(values))
    }

    fn decode_map(
        &mut self,
        key: KeyShape,
        inner: ShapeId,
        members: &'a Object<String, Json>,
    ) -> Option<Value> {
        let mut entries = EcoVec::with_capacity(members.len());
        for (name, json) in members {
            let entry = self.within(Step::Field(name), |decoder| {
                let value = decoder.decode(inner, json);
                match decode_key(key, name) {
                    Some(key) => Some((key, value?)),
                    None => decoder.refuse(format!("a key of type {}", key.name()), "another text"),
                }
            });
            entries.extend(entry);
        }
        if entries.len() < members.len() {
            return None;
        }
        match Map::from_entries(entries) {
            Ok(map) => Some(Value::Map(map)),
            Err(_) => self.refuse("keys that differ".into(), "the same key twice"),
        }
    }

    fn decode_record(
        &mut self,
        fields: &'a [Field],
        open: bool,
        members: &'a Object<String, Json>,
    ) -> Option<Value> {
        let mut entries = EcoVec::with_capacity(fields.len());
        for field in fields {
            let value =
                self.within(Step::Field(&field.name), |decoder| match members.get(field.name.as_str()) {
                    Some(json) => decoder.decode(field.shape, json),
                    None => decoder.absent(field),
                });
            entries.extend(value.map(|value| (Key::String(field.name.clone()), value)));
        }
        if !open {
            self.refuse_unknown(fields, members);
        }
        if entries.len() < fields.len() {
            return None;
        }
        Map::from_entries(entries).ok().map(Value::Map)
    }

    fn absent(&mut self, field: &Field) -> Option<Value> {
        if let Some(default) = &field.default {
            return Some(default.clone());
        }
        match self.shapes.get(field.shape) {
            Shape::Optional(_) => Some(Value::NONE),
            _ => self.refuse(self.shapes.name(field.shape), "nothing"),
        }
    }

    fn refuse_unknown(&mut self, fields: &[Field], members: &'a Object<String, Json>) {
        for (name, json) in members {
            if fields.binary_search_by(|field| field.name.as_str().cmp(name)).is_err() {
                self.within(Step::Field(name), |decoder| {
                    decoder.refuse::<()>("no such field".into(), found(json))
                });
            }
        }
    }

    fn within<T>(&mut self, step: Step<'a>, visit: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.path.enter(step);
        let result = visit(self);
        self.path.leave();
        result
    }

    fn refuse<T>(&mut self, expected: String, found: &'static str) -> Option<T> {
        self.mismatches.push(Mismatch { path: self.path.to_string(), expected, found });
        None
    }
}

/// What came, without its content.
fn found(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "list",
        Json::Object(_) => "object",
    }
}

/// The value of a shape without inner shapes, or what came in its place.
fn decode_scalar(shape: &Shape, json: &Json) -> Result<Value, &'static str> {
    match (shape, json) {
        (Shape::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Shape::Int, Json::Number(_)) => decode_int(json).map(Value::Int),
        (Shape::Uint, Json::Number(_)) => decode_uint(json).map(Value::Uint),
        (Shape::Double, Json::Number(number)) => number.as_f64().map(Value::Double).ok_or("number"),
        (Shape::String, Json::String(text)) => Ok(Value::from(text.as_str())),
        (Shape::Bytes, Json::String(text)) => {
            STANDARD.decode(text).map(|bytes| Value::Bytes(bytes.into())).map_err(|_| "another string")
        }
        (Shape::Duration, Json::String(text)) => {
            Duration::parse(text).map(Value::Duration).map_err(|_| "another string")
        }
        (Shape::Timestamp, Json::String(text)) => {
            Timestamp::parse(text).map(Value::Timestamp).map_err(|_| "another string")
        }
        (Shape::Literals(literals), json) => decode_literal(literals, json),
        (_, json) => Err(found(json)),
    }
}

fn decode_int(json: &Json) -> Result<i64, &'static str> {
    match Value::from_json(json) {
        Value::Int(int) => Ok(int),
        Value::Double(double) if double.fract() != 0.0 => Err("a fraction"),
        _ => Err("a number out of range"),
    }
}

fn decode_uint(json: &Json) -> Result<u64, &'static str> {
    match Value::from_json(json) {
        Value::Int(int) => u64::try_from(int).map_err(|_| "a negative number"),
        Value::Uint(uint) => Ok(uint),
        Value::Double(double) if double.fract() != 0.0 => Err("a fraction"),
        _ => Err("a number out of range"),
    }
}

/// The literal itself, so that a double literal stays one where JSON says `1`.
fn decode_literal(literals: &[Value], json: &Json) -> Result<Value, &'static str> {
    let value = Value::from_json(json);
    match literals.iter().find(|literal| **literal == value) {
        Some(literal) => Ok(literal.clone()),
        None if matches!(json, Json::String(_)) => Err("another string"),
        None => Err(found(json)),
    }
}

fn decode_key(shape: KeyShape, name: &str) -> Option<Key> {
    match shape {
        KeyShape::Bool => name.parse().ok().map(Key::Bool),
        KeyShape::Int => name.parse().ok().map(Key::Int),
        KeyShape::Uint => name.parse().ok().map(Key::Uint),
        KeyShape::String => Some(Key::from(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, KeyShape, Shape, Shapes, Value};
    use serde_json::json;

    fn field(name: &str, shape: super::ShapeId) -> Field {
        Field { name: name.into(), shape, default: None }
    }

    #[test]
    fn all_mismatches_come_at_once_with_their_paths() {
        let mut shapes = Shapes::default();
        let int = shapes.add(Shape::Int);
        let inner = shapes.add(Shape::Record { fields: vec![field("c", int)], open: false });
        let list = shapes.add(Shape::List(inner));
        let tier = shapes.add(Shape::Literals(vec!["gold".into(), "silver".into()]));
        let fields = vec![field("b", list), field("odd-name", int), field("tier", tier)];
        let root = shapes.add(Shape::Record { fields, open: false });

        let json = json!({"b": [{"c": 1.0}, {"c": 1.5, "d": 1}], "tier": "bronze", "more": 1});
        let error = shapes.decode(root, &json).expect_err("it doesn't fit").to_string();
        let expected = "`b[1].c`: expected int, found a fraction; \
            `b[1].d`: expected no such field, found number; \
            `[\"odd-name\"]`: expected int, found nothing; \
            `tier`: expected \"gold\" | \"silver\", found another string; \
            `more`: expected no such field, found number";
        assert_eq!(error, expected);
    }

    #[test]
    fn optionals_take_absence_and_null_and_open_records_drop() {
        let mut shapes = Shapes::default();
        let text = shapes.add(Shape::String);
        let optional = shapes.add(Shape::Optional(text));
        let number = Field { default: Some(Value::Int(3)), ..field("n", shapes.add(Shape::Int)) };
        let root = shapes.add(Shape::Record { fields: vec![field("a", optional), number], open: true });

        let decoded = shapes.decode(root, &json!({"other": 1})).expect("all fields may be absent");
        assert_eq!(decoded.field("a"), Some(&Value::NONE));
        assert_eq!(decoded.field("n"), Some(&Value::Int(3)));
        assert_eq!(decoded.field("other"), None);
        let decoded = shapes.decode(root, &json!({"a": "x", "n": 4.0})).expect("it fits");
        assert_eq!(decoded.field("a"), Some(&Value::some("x".into())));
        assert!(shapes.decode(root, &json!({"a": null, "n": null})).is_err());
    }

    #[test]
    fn keys_of_maps_are_read_from_their_text() {
        let mut shapes = Shapes::default();
        let value = shapes.add(Shape::Duration);
        let map = shapes.add(Shape::Map { key: KeyShape::Int, value });
        assert!(shapes.decode(map, &json!({"1": "1h30m", "-2": "0.0000015s"})).is_ok());
        assert!(shapes.decode(map, &json!({"x": "1h"})).is_err());
        assert!(shapes.decode(map, &json!({"1": "1 hour"})).is_err());
    }
}
