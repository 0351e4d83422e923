use super::moment;
use crate::plan::expr::{Code, Op};
use crate::plan::{Argument, CodeId, Config};
use crate::value::{Key, Map, Value};

/// What an activity is started with: the fields of its kind as a record. What is known before a run is made once for
/// all runs. Types of borders stay in the plan.
#[derive(Debug, Default)]
pub(super) struct Input {
    known: Map,
    /// What is evaluated when the node starts.
    open: Box<[(Key, Argument)]>,
}

/// That a value depends on the run.
struct Open;

impl Input {
    pub(super) fn new(config: &Config, codes: &[Code]) -> Self {
        let (mut known, mut open) = (Map::new(), Vec::new());
        let mut literal = |code: CodeId| match codes[code.index()].ops() {
            [Op::Literal(value)] => Ok(value.clone()),
            _ => Err(Open),
        };
        for (name, argument) in config {
            let name = Key::from(name.as_str());
            match value(argument, &mut literal) {
                Ok(Some(value)) => known.insert(name, value),
                Ok(None) => {}
                Err(Open) => {
                    // It has its place already, and is put there in time.
                    known.insert(name.clone(), Value::Null);
                    open.push((name, argument.clone()));
                }
            }
        }
        Self { known, open: open.into() }
    }

    /// The record, with the values that `evaluate` gives.
    pub(super) fn record<E>(&self, evaluate: &mut dyn FnMut(CodeId) -> Result<Value, E>) -> Result<Value, E> {
        let mut fields = self.known.clone();
        for (name, argument) in &self.open {
            fields.insert(name.clone(), value(argument, evaluate)?.unwrap_or(Value::Null));
        }
        Ok(Value::Map(fields))
    }
}

/// The value of a field; none for what isn't one.
fn value<E>(
    argument: &Argument,
    evaluate: &mut dyn FnMut(CodeId) -> Result<Value, E>,
) -> Result<Option<Value>, E> {
    Ok(Some(match argument {
        Argument::Expr(code) => evaluate(*code)?,
        Argument::Word(text) | Argument::Text(text) | Argument::Tool(text) => Value::from(text.as_str()),
        Argument::Millis(millis) => Value::Duration(moment::duration(*millis)),
        Argument::Int(number) => Value::Int(*number),
        Argument::Bool(value) => Value::Bool(*value),
        Argument::Double(number) => Value::Double(*number),
        Argument::Fields(config) => fields(config, evaluate)?,
        Argument::List(list) => values(list, evaluate)?,
        Argument::Form { name, arguments } => {
            let arguments = values(arguments, evaluate)?;
            Value::Map(Map::record([("form", Value::from(name.as_str())), ("arguments", arguments)]))
        }
        Argument::Cases(cases) => {
            let mut fields = Map::new();
            for (name, argument) in cases {
                fields.insert(name.as_str().into(), value(argument, evaluate)?.unwrap_or(Value::Null));
            }
            Value::Map(fields)
        }
        Argument::Errors(names) => names.iter().map(|name| Value::from(name.as_str())).collect(),
        Argument::Shape(_)
        | Argument::Error(_)
        | Argument::Node(_)
        | Argument::Callee(_)
        | Argument::Remote(_) => return Ok(None),
    }))
}

fn fields<E>(config: &Config, evaluate: &mut dyn FnMut(CodeId) -> Result<Value, E>) -> Result<Value, E> {
    let mut fields = Map::new();
    for (name, argument) in config {
        if let Some(value) = value(argument, evaluate)? {
            fields.insert(name.as_str().into(), value);
        }
    }
    Ok(Value::Map(fields))
}

fn values<E>(list: &[Argument], evaluate: &mut dyn FnMut(CodeId) -> Result<Value, E>) -> Result<Value, E> {
    let mut values = Vec::with_capacity(list.len());
    for argument in list {
        values.push(value(argument, evaluate)?.unwrap_or(Value::Null));
    }
    Ok(values.into_iter().collect())
}
