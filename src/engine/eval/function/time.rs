use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{Civil, Value, Zone};

/// What calendar and clock show at the first argument, in the zone of the second or in UTC.
fn civil(arguments: &Arguments<'_>) -> Result<Civil, Fault> {
    let (time, zone) = match arguments {
        [time] => (time, Zone::UTC),
        [time, zone] => (time, named(zone)?),
        _ => return Err(Fault::Overload),
    };
    let Value::Timestamp(time) = time.as_ref() else { return Err(Fault::Overload) };
    time.civil(&zone).ok_or_else(|| Failure::Overflow.into())
}

fn named(zone: &Value) -> Result<Zone, Fault> {
    let Value::String(name) = zone else { return Err(Fault::Overload) };
    Zone::named(name).map_err(|unknown| Failure::Zone(unknown.0).into())
}

pub(super) fn date(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.day_of_month() + 1))
}

pub(super) fn day_of_month(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.day_of_month()))
}

pub(super) fn day_of_week(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.day_of_week()))
}

pub(super) fn day_of_year(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.day_of_year()))
}

pub(super) fn full_year(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.year()))
}

pub(super) fn month(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    Ok(Value::Int(civil(arguments)?.month()))
}

/// The whole of a duration in `unit` seconds, or `shown` of a timestamp.
fn part(arguments: &Arguments<'_>, unit: i64, shown: fn(Civil) -> i64) -> Answer {
    if let [value] = arguments
        && let Value::Duration(duration) = value.as_ref()
    {
        return Ok(Value::Int(duration.whole_seconds() / unit));
    }
    Ok(Value::Int(shown(civil(arguments)?)))
}

pub(super) fn hours(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    part(arguments, 3600, Civil::hour)
}

pub(super) fn minutes(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    part(arguments, 60, Civil::minute)
}

pub(super) fn seconds(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    part(arguments, 1, Civil::second)
}

pub(super) fn milliseconds(arguments: &Arguments<'_>, _: &mut Context<'_>) -> Answer {
    if let [value] = arguments
        && let Value::Duration(duration) = value.as_ref()
    {
        return Ok(Value::Int(duration.subsecond_millis().into()));
    }
    Ok(Value::Int(civil(arguments)?.millisecond()))
}

pub(super) fn format_time(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [time, pattern, zone] = arguments else { return Err(Fault::Overload) };
    let (Value::Timestamp(time), Value::String(pattern)) = (time.as_ref(), pattern.as_ref()) else {
        return Err(Fault::Overload);
    };
    let text = time.format(pattern, &named(zone)?).ok_or(Failure::TimePattern)?;
    context.budget.octets(pattern.len() + text.len())?;
    Ok(Value::String(text))
}
