use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{EcoVec, Value};

pub(super) fn of(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    Ok(Value::some(value.as_ref().clone()))
}

pub(super) fn of_non_zero(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    Ok(if value.is_zero() { Value::NONE } else { Value::some(value.as_ref().clone()) })
}

pub(super) fn none(_: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::NONE)
}

pub(super) fn has_value(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::Optional(inner) => Ok(Value::Bool(inner.is_some())),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn value_of(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::Optional(Some(inner)) => Ok(inner.as_ref().clone()),
        Value::Optional(None) => Err(Failure::NoValue.into()),
        _ => Err(Fault::Overload),
    }
}

/// The receiver has no value, or the evaluator would have given it.
pub(super) fn or(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [first, second] = arguments else { return Err(Fault::Overload) };
    match (first.as_ref(), second.as_ref()) {
        (Value::Optional(None), Value::Optional(_)) => Ok(second.as_ref().clone()),
        _ => Err(Fault::Overload),
    }
}

/// The receiver has no value, or the evaluator would have given it.
pub(super) fn or_value(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    let [first, second] = arguments else { return Err(Fault::Overload) };
    match first.as_ref() {
        Value::Optional(None) => Ok(second.as_ref().clone()),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn unwrap(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let Value::List(list) = value.as_ref() else { return Err(Fault::Overload) };
    context.budget.elements(list.len())?;
    let mut values = EcoVec::new();
    for element in list {
        match element {
            Value::Optional(inner) => values.extend(inner.as_deref().cloned()),
            _ => return Err(Fault::Overload),
        }
    }
    Ok(Value::List(values))
}
