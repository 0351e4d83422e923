use std::collections::BTreeMap;
use std::fmt;

use super::NodeError;
use crate::value::{EcoString, Map, Part, Value};

/// The values of secrets by name. They are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
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

    /// The same with one more, such as what was got with the others.
    #[must_use]
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let mut values = self.0.clone();
        values.insert(name.to_owned(), value.to_owned());
        Self(values)
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value whose templates are filled.
    ///
    /// # Errors
    /// `MissingSecret` for the first that is not there: nothing is ever sent with an empty place.
    pub fn fill(&self, value: &Value) -> Result<Value, NodeError> {
        Ok(match value {
            Value::Template(template) => Value::String(self.text(template.parts())?),
            Value::List(list) => {
                let filled: Result<Vec<Value>, NodeError> = list.iter().map(|item| self.fill(item)).collect();
                filled?.into_iter().collect()
            }
            Value::Map(map) => {
                let mut filled = Map::new();
                for (key, item) in map.iter() {
                    filled.insert(key.clone(), self.fill(item)?);
                }
                Value::Map(filled)
            }
            Value::Optional(Some(inner)) => Value::some(self.fill(inner)?),
            other => other.clone(),
        })
    }

    fn text(&self, parts: &[Part]) -> Result<EcoString, NodeError> {
        let mut text = EcoString::new();
        for part in parts {
            match part {
                Part::Text(known) => text.push_str(known),
                Part::Secret(name) => text.push_str(self.value(name)?),
            }
        }
        Ok(text)
    }

    fn value(&self, name: &str) -> Result<&str, NodeError> {
        self.0.get(name).map(String::as_str).ok_or_else(|| {
            NodeError::new("MissingSecret", format!("the secret `{name}` has no value here")).before_effect()
        })
    }

    /// Whether a value holds a secret.
    pub(super) fn are_in(value: &Value) -> bool {
        match value {
            Value::Template(_) => true,
            Value::List(list) => list.iter().any(Self::are_in),
            Value::Map(map) => map.iter().any(|(_, item)| Self::are_in(item)),
            Value::Optional(Some(inner)) => Self::are_in(inner),
            _ => false,
        }
    }
}
