use std::collections::HashMap;

use temporalio_protos::temporal::api::common::v1::Payload;

use super::payload;

/// Under which name the makers of Temporal's SDKs pass a trace on.
const NAME: &str = "_tracer-data";
/// The field of it that W3C Trace Context knows.
const FIELD: &str = "traceparent";

/// What a header says of the trace that a run, or an activity, belongs to.
pub(super) fn read(fields: &HashMap<String, Payload>) -> Option<String> {
    let mut carried: HashMap<String, String> = payload::read(fields.get(NAME)?).ok()?;
    carried.remove(FIELD)
}

/// The header of what belongs to a trace.
pub(super) fn write(trace: Option<&str>) -> HashMap<String, Payload> {
    let carried = trace.map(|trace| (NAME.to_owned(), payload::write(&HashMap::from([(FIELD, trace)]))));
    carried.into_iter().collect()
}
