use std::borrow::Cow;
use std::sync::Arc;

use super::arithmetic::append;
use super::comprehension::distinct;
use super::evaluator::{Machine, Outcome};
use super::{EvalError, Failure};
use crate::plan::expr::{Element, Entry, ExprId};
use crate::value::{EcoString, EcoVec, Key, Part, Template, Value};

impl<'a> Machine<'a, '_> {
    pub(super) fn list(&mut self, elements: &[Element]) -> Outcome<'a> {
        let mut list = EcoVec::with_capacity(elements.len());
        for element in elements {
            let value = self.eval(element.value)?;
            list.extend(present(value, element.optional)?);
        }
        Ok(Cow::Owned(Value::List(list)))
    }

    pub(super) fn map(&mut self, entries: &[Entry]) -> Outcome<'a> {
        let mut map = EcoVec::with_capacity(entries.len());
        for entry in entries {
            let key = self.eval(entry.key)?;
            let key = Key::of(&key).ok_or(Failure::KeyKind(key.kind()))?;
            let value = self.eval(entry.value)?;
            map.extend(present(value, entry.optional)?.map(|value| (key, value)));
        }
        distinct(map).map(Cow::Owned)
    }

    /// The text of an interpolation, or a template once a secret is in it.
    pub(super) fn template(&mut self, parts: &[ExprId]) -> Outcome<'a> {
        let mut template = Template::default();
        for part in parts {
            let value = self.eval(*part)?;
            append(&mut template, &value, &mut self.budget)
                .map_err(|fault| fault.of("${}", [value.as_ref()]))?;
        }
        Ok(Cow::Owned(match template.parts() {
            [] => Value::String(EcoString::new()),
            [Part::Text(text)] => Value::String(text.clone()),
            _ => Value::Template(Arc::new(template)),
        }))
    }
}

/// The value that takes part; `None` for an optional element without one.
fn present(value: Cow<'_, Value>, optional: bool) -> Result<Option<Value>, EvalError> {
    if !optional {
        return Ok(Some(value.into_owned()));
    }
    match value.as_ref() {
        Value::Optional(inner) => Ok(inner.as_deref().cloned()),
        other => Err(EvalError::overload("?", [other])),
    }
}
