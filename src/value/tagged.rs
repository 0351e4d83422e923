//! The tagged form: one JSON object for each value, its type as the only key (`{"int": "-5"}`). It loses nothing,
//! so plans hold their constants in it and `citadel eval --stdin` speaks it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecow::{EcoString, EcoVec};
use serde::de::{self, EnumAccess, VariantAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Duration, Key, Kind, Map, Part, Template, Timestamp, Value, print_double};

const TAGS: [&str; 14] = [
    "null",
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "duration",
    "timestamp",
    "type",
    "optional",
    "template",
];

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Null => map.serialize_entry("null", &())?,
            Self::Bool(value) => map.serialize_entry("bool", value)?,
            Self::Int(value) => map.serialize_entry("int", &value.to_string())?,
            Self::Uint(value) => map.serialize_entry("uint", &value.to_string())?,
            Self::Double(value) => map.serialize_entry("double", &decimal(*value))?,
            Self::String(text) => map.serialize_entry("string", text)?,
            Self::Bytes(bytes) => map.serialize_entry("bytes", &STANDARD.encode(bytes))?,
            Self::Duration(value) => map.serialize_entry("duration", &value.print_seconds())?,
            Self::Timestamp(value) => map.serialize_entry("timestamp", &value.print())?,
            Self::List(list) => map.serialize_entry("list", list.as_slice())?,
            Self::Map(value) => map.serialize_entry("map", &entries(value))?,
            Self::Optional(value) => map.serialize_entry("optional", &value.as_deref())?,
            Self::Type(kind) => map.serialize_entry("type", kind.name())?,
            Self::Template(template) => map.serialize_entry("template", template.parts())?,
        }
        map.end()
    }
}

/// A double as CEL's test data writes it, with a point even where it is whole.
fn decimal(value: f64) -> EcoString {
    let mut text = print_double(value);
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        text.push_str(".0");
    }
    text
}

fn entries(map: &Map) -> Vec<(Value, &Value)> {
    map.iter().map(|(key, value)| (Value::from(key.clone()), value)).collect()
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Text(text) => map.serialize_entry("text", text)?,
            Self::Secret(name) => map.serialize_entry("secret", name)?,
        }
        map.end()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaggedPart {
    Text(EcoString),
    Secret(EcoString),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Value", &TAGS, TaggedVisitor)
    }
}

struct TaggedVisitor;

impl<'de> Visitor<'de> for TaggedVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value under the name of its type")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, content) = data.variant::<EcoString>()?;
        match tag.as_str() {
            "null" => content.newtype_variant::<()>().map(|()| Value::Null),
            "bool" => content.newtype_variant().map(Value::Bool),
            "string" => content.newtype_variant().map(Value::String),
            "list" => content.newtype_variant::<Vec<Value>>().map(|list| Value::List(list.into())),
            "map" => map(content.newtype_variant()?),
            "optional" => {
                content.newtype_variant::<Option<Value>>().map(|v| Value::Optional(v.map(Arc::new)))
            }
            "template" => content.newtype_variant().map(template),
            _ => from_text(&tag, &content.newtype_variant::<EcoString>()?),
        }
    }
}

fn map<E: de::Error>(entries: Vec<(Value, Value)>) -> Result<Value, E> {
    let mut keyed = EcoVec::with_capacity(entries.len());
    for (key, value) in entries {
        let key = Key::of(&key).ok_or_else(|| E::custom("a key that is no bool, int, uint or string"))?;
        keyed.push((key, value));
    }
    Map::from_entries(keyed).map(Value::Map).map_err(|key| E::custom(format!("the key {key} twice")))
}

fn template(parts: Vec<TaggedPart>) -> Value {
    let mut template = Template::default();
    for part in parts {
        match part {
            TaggedPart::Text(text) => template.push_text(&text),
            TaggedPart::Secret(name) => template.append(&Template::secret(name)),
        }
    }
    Value::Template(Arc::new(template))
}

/// The kinds that stand as a text.
fn from_text<E: de::Error>(tag: &str, text: &str) -> Result<Value, E> {
    let value = match tag {
        "int" => text.parse().ok().map(Value::Int),
        "uint" => text.parse().ok().map(Value::Uint),
        "double" => text.parse().ok().map(Value::Double),
        "bytes" => STANDARD.decode(text).ok().map(|bytes| Value::Bytes(bytes.into())),
        "duration" => Duration::parse(text).ok().map(Value::Duration),
        "timestamp" => Timestamp::parse(text).ok().map(Value::Timestamp),
        "type" => Kind::named(text).map(Value::Type),
        _ => return Err(E::unknown_variant(tag, &TAGS)),
    };
    value.ok_or_else(|| E::custom(format!("`{text}` is no {tag}")))
}

#[cfg(test)]
mod tests {
    use super::{Template, Value};

    #[test]
    fn every_kind_survives() {
        let text = r#"[{"null":null},{"bool":true},{"int":"-5"},{"uint":"5"},{"double":"1.0"},{"double":"Infinity"},
            {"string":"x"},{"bytes":"AAE="},{"duration":"1.5s"},{"timestamp":"2009-02-13T23:31:30Z"},
            {"list":[{"int":"1"}]},{"map":[[{"string":"k"},{"uint":"1"}]]},{"optional":null},
            {"optional":{"int":"1"}},{"type":"int"},{"template":[{"text":"a"},{"secret":"s"}]}]"#;
        let compact: String = text.split_whitespace().collect();
        let values: Vec<Value> = serde_json::from_str(&compact).expect("the form is right");
        assert_eq!(serde_json::to_string(&values).expect("values serialise"), compact);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for text in [
            r#"{"int":"x"}"#,
            r#"{"thing":"1"}"#,
            r#"{"int":"1","uint":"1"}"#,
            r#"{"map":[[{"null":null},{"int":"1"}]]}"#,
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_of_a_template_join() {
        let mut template = Template::secret("s");
        template.push_text("a");
        template.push_text("b");
        assert_eq!(template.parts().len(), 2);
    }
}
