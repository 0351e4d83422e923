use std::borrow::Cow;

use super::evaluator::{Machine, Outcome};
use super::{EvalError, Failure};
use crate::plan::expr::{Comprehension, Gather, OptionalBody, OptionalMap};
use crate::value::{EcoVec, Key, Map, Value, eco_format};

/// What a macro goes over.
#[derive(Clone, Copy)]
enum Items<'v> {
    List(&'v [Value]),
    Map(&'v Map),
}

impl<'v> Items<'v> {
    fn of(value: &'v Value) -> Result<Self, EvalError> {
        match value {
            Value::List(list) => Ok(Self::List(list)),
            Value::Map(map) => Ok(Self::Map(map)),
            other => Err(EvalError::overload("macro", [other])),
        }
    }

    fn len(self) -> usize {
        match self {
            Self::List(list) => list.len(),
            Self::Map(map) => map.len(),
        }
    }

    /// The index and the element, or the key and the value.
    fn pair(self, index: usize) -> Option<(Key, &'v Value)> {
        match self {
            Self::List(list) => list.get(index).map(|element| (position(index), element)),
            Self::Map(map) => map.entry(index).map(|(key, value)| (key.clone(), value)),
        }
    }

    /// What a macro with one variable sees.
    fn single(self, index: usize) -> Option<Value> {
        match self {
            Self::List(list) => list.get(index).cloned(),
            Self::Map(map) => map.entry(index).map(|(key, _)| Value::from(key.clone())),
        }
    }
}

fn position(index: usize) -> Key {
    Key::Int(i64::try_from(index).unwrap_or(i64::MAX))
}

impl<'a> Machine<'a, '_> {
    pub(super) fn comprehension(&mut self, comprehension: &'a Comprehension) -> Outcome<'a> {
        let range = self.eval(comprehension.range)?;
        let items = Items::of(&range)?;
        let value = match comprehension.gather {
            Gather::All => self.quantify(comprehension, items, false),
            Gather::Exists => self.quantify(comprehension, items, true),
            Gather::ExistsOne => self.exists_one(comprehension, items),
            Gather::Filter => self.filter(comprehension, items),
            Gather::List => self.gather_list(comprehension, items),
            Gather::Map => self.gather_map(comprehension, items),
            Gather::Entries => self.gather_entries(comprehension, items),
        };
        value.map(Cow::Owned)
    }

    /// Sets the variables to the item at `index`.
    fn bind(
        &mut self,
        comprehension: &Comprehension,
        items: Items<'_>,
        index: usize,
    ) -> Result<(), EvalError> {
        self.budget.step()?;
        match comprehension.second {
            None => {
                if let Some(value) = items.single(index) {
                    self.set_local(comprehension.first, value);
                }
            }
            Some(second) => {
                if let Some((key, value)) = items.pair(index) {
                    self.set_local(comprehension.first, Value::from(key));
                    self.set_local(second, value.clone());
                }
            }
        }
        Ok(())
    }

    /// Sets the variables and asks the filter.
    fn admits(
        &mut self,
        comprehension: &Comprehension,
        items: Items<'_>,
        index: usize,
    ) -> Result<bool, EvalError> {
        self.bind(comprehension, items, index)?;
        comprehension.filter.map_or(Ok(true), |filter| self.truth(filter))
    }

    /// `all` for `decisive` false, `exists` for true: as `&&` and `||` over the elements.
    fn quantify(
        &mut self,
        comprehension: &Comprehension,
        items: Items<'_>,
        decisive: bool,
    ) -> Result<Value, EvalError> {
        let mut error = None;
        for index in 0..items.len() {
            self.bind(comprehension, items, index)?;
            match self.truth(comprehension.body) {
                Ok(value) if value == decisive => return Ok(Value::Bool(decisive)),
                Ok(_) => {}
                Err(budget) if budget.is_budget() => return Err(budget),
                Err(other) => error = error.or(Some(other)),
            }
        }
        error.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    fn exists_one(&mut self, comprehension: &Comprehension, items: Items<'_>) -> Result<Value, EvalError> {
        let mut count = 0_usize;
        for index in 0..items.len() {
            self.bind(comprehension, items, index)?;
            count += usize::from(self.truth(comprehension.body)?);
        }
        Ok(Value::Bool(count == 1))
    }

    fn filter(&mut self, comprehension: &Comprehension, items: Items<'_>) -> Result<Value, EvalError> {
        let mut kept = EcoVec::new();
        for index in 0..items.len() {
            self.bind(comprehension, items, index)?;
            if self.truth(comprehension.body)? {
                kept.extend(items.single(index));
            }
        }
        Ok(Value::List(kept))
    }

    fn gather_list(&mut self, comprehension: &Comprehension, items: Items<'_>) -> Result<Value, EvalError> {
        let mut results = EcoVec::new();
        for index in 0..items.len() {
            if self.admits(comprehension, items, index)? {
                results.push(self.eval(comprehension.body)?.into_owned());
            }
        }
        Ok(Value::List(results))
    }

    fn gather_map(&mut self, comprehension: &Comprehension, items: Items<'_>) -> Result<Value, EvalError> {
        let mut entries = EcoVec::new();
        for index in 0..items.len() {
            if self.admits(comprehension, items, index)? {
                let value = self.eval(comprehension.body)?.into_owned();
                entries.extend(items.pair(index).map(|(key, _)| (key, value)));
            }
        }
        distinct(entries)
    }

    fn gather_entries(
        &mut self,
        comprehension: &Comprehension,
        items: Items<'_>,
    ) -> Result<Value, EvalError> {
        let mut entries = EcoVec::new();
        for index in 0..items.len() {
            if !self.admits(comprehension, items, index)? {
                continue;
            }
            match self.eval(comprehension.body)?.as_ref() {
                Value::Map(map) => {
                    self.budget.elements(map.len())?;
                    entries.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                other => return Err(EvalError::overload("transformMapEntry", [other])),
            }
        }
        distinct(entries)
    }

    /// `optMap` and `optFlatMap`.
    pub(super) fn optional_map(&mut self, map: &'a OptionalMap) -> Outcome<'a> {
        let of = self.eval(map.of)?;
        let inner = match of.as_ref() {
            Value::Optional(None) => return Ok(Cow::Owned(Value::NONE)),
            Value::Optional(Some(inner)) => inner.as_ref().clone(),
            other => return Err(EvalError::overload("optMap", [other])),
        };
        self.set_local(map.slot, inner);
        let value = self.eval(map.body)?;
        match (map.gives, value.as_ref()) {
            (OptionalBody::Value, _) => Ok(Cow::Owned(Value::some(value.into_owned()))),
            (OptionalBody::Optional, Value::Optional(_)) => Ok(value),
            (OptionalBody::Optional, other) => Err(EvalError::overload("optFlatMap", [other])),
        }
    }
}

/// The map of `entries`, if no key comes twice.
pub(super) fn distinct(entries: EcoVec<(Key, Value)>) -> Result<Value, EvalError> {
    let map = Map::from_entries(entries);
    map.map(Value::Map).map_err(|key| Failure::RepeatedKey(eco_format!("{key}")).into())
}
