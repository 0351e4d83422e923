//! Values as JSON that people can read and that loses nothing: what JSON means is written as JSON; all else stands
//! under `$some`, `$none` or `$value`, where it says its type.

use serde::de::Error as _;
use serde_json::{Value as Json, json};

use super::{Key, Map, Value};

impl Value {
    /// This value as JSON from which [`Value::from_plain`] makes it again.
    ///
    /// # Panics
    /// Never: a value's keys are texts when it is written with its types.
    #[must_use]
    pub fn to_plain(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Double(value) if value.is_finite() && value.fract() != 0.0 => Json::from(*value),
            Self::String(text) => Json::String(text.to_string()),
            Self::List(items) => items.iter().map(Self::to_plain).collect(),
            Self::Map(map) if map.iter().all(|(key, _)| is_plain(key)) => {
                map.iter().map(|(key, value)| (key.to_string(), value.to_plain())).collect()
            }
            Self::Optional(Some(value)) => json!({ "$some": value.to_plain() }),
            Self::Optional(None) => json!({ "$none": null }),
            other => json!({ "$value": serde_json::to_value(other).expect("its keys are texts") }),
        }
    }

    /// The value of which [`Value::to_plain`] made this.
    ///
    /// # Errors
    /// When it was made by something else.
    pub fn from_plain(json: &Json) -> Result<Self, serde_json::Error> {
        match json {
            Json::Array(items) => items.iter().map(Self::from_plain).collect(),
            Json::Object(members) => match members.iter().next() {
                Some((name, inner)) if name.starts_with('$') && members.len() == 1 => marked(name, inner),
                _ => {
                    let field = |(name, json): (&String, &Json)| Ok((name.clone(), Self::from_plain(json)?));
                    let fields: Result<Vec<_>, serde_json::Error> = members.iter().map(field).collect();
                    Ok(Self::Map(Map::record(fields?)))
                }
            },
            scalar => Ok(Self::from_json(scalar)),
        }
    }
}

fn is_plain(key: &Key) -> bool {
    matches!(key, Key::String(name) if !name.starts_with('$'))
}

fn marked(name: &str, inner: &Json) -> Result<Value, serde_json::Error> {
    match name {
        "$some" => Ok(Value::some(Value::from_plain(inner)?)),
        "$none" => Ok(Value::NONE),
        "$value" => serde_json::from_value(inner.clone()),
        _ => Err(serde_json::Error::custom(format!("`{name}` is no mark of a value"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Map, Value, json};

    #[test]
    fn what_json_means_is_json() {
        let fields =
            [("url", Value::from("https://example.com")), ("n", Value::Int(3)), ("x", Value::Double(1.5))];
        let value = Value::Map(Map::record(fields));
        assert_eq!(value.to_plain(), json!({ "n": 3, "url": "https://example.com", "x": 1.5 }));
        assert_eq!(Value::from_plain(&value.to_plain()).expect("it is one"), value);
    }

    #[test]
    fn all_else_keeps_its_type() {
        let mut numbered = Map::new();
        numbered.insert(Key::Int(1), Value::Null);
        let odd = [
            Value::Uint(3),
            Value::Double(2.0),
            Value::Double(f64::INFINITY),
            Value::Bytes(vec![0, 255].into_iter().collect()),
            Value::some(Value::some(Value::NONE)),
            Value::Map(numbered),
            Value::Map(Map::record([("$some", Value::Null)])),
            Value::Map(Map::record([("$", Value::Null), ("b", Value::Null)])),
        ];
        for value in odd {
            let plain = serde_json::to_string(&value.to_plain()).expect("a text");
            let read = Value::from_plain(&serde_json::from_str(&plain).expect("json")).expect("it is one");
            assert_eq!(read.kind(), value.kind(), "{plain}");
            assert_eq!(read, value, "{plain}");
        }
    }

    #[test]
    fn what_was_made_by_something_else_is_refused() {
        assert!(Value::from_plain(&json!({ "$other": 1 })).is_err());
        assert!(Value::from_plain(&json!({ "$value": { "int": [] } })).is_err());
    }
}
