use std::collections::BTreeMap;
use std::fmt;

use crate::value::{EcoString, Map, Part, Value};

/// The values of secrets by name. They are never printed.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Secrets {
    /// Secrets by name.
    #[must_use]
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value whose templates are filled.
    #[must_use]
    pub fn fill(&self, value: &Value) -> Value {
        match value {
            Value::Template(template) => Value::String(self.text(template.parts())),
            Value::List(list) => list.iter().map(|item| self.fill(item)).collect(),
            Value::Map(map) => {
                let mut filled = Map::new();
                map.iter().for_each(|(key, item)| filled.insert(key.clone(), self.fill(item)));
                Value::Map(filled)
            }
            Value::Optional(Some(inner)) => Value::some(self.fill(inner)),
            other => other.clone(),
        }
    }

    fn text(&self, parts: &[Part]) -> EcoString {
        let mut text = EcoString::new();
        for part in parts {
            match part {
                Part::Text(known) => text.push_str(known),
                Part::Secret(name) => text.push_str(self.0.get(name.as_str()).map_or("", String::as_str)),
            }
        }
        text
    }
}
