use std::collections::BTreeSet;

use super::scope::Scope;
use crate::plan::{Error, Fault};

/// Verifies the tables of a workflow: their order, and that the numbers in them make sense.
pub(super) fn tables(scope: &Scope<'_>) -> Result<(), Error> {
    let workflow = scope.workflow;
    workflow.shapes.verify().map_err(|error| scope.fault(Fault::Shapes(error)))?;
    let secrets: BTreeSet<&str> = workflow.secrets.iter().map(|secret| secret.name.as_str()).collect();
    if secrets.len() != workflow.secrets.len() {
        return Err(scope.fault(Fault::Twice { table: "secrets" }));
    }
    let bounds = |holds: bool, what| if holds { Ok(()) } else { Err(scope.fault(Fault::Bounds { what })) };
    bounds(workflow.parallelism != Some(0), "`parallelism`")?;
    bounds(workflow.max_concurrent > 0, "`max_concurrent`")?;
    bounds(workflow.concurrency.as_ref().is_none_or(|concurrency| concurrency.limit > 0), "`concurrency`")?;
    for retry in &workflow.retries {
        bounds(retry.maximum_attempts != Some(0), "`maximum_attempts`")?;
        bounds(
            retry.backoff_coefficient >= 1.0 && retry.backoff_coefficient.is_finite(),
            "`backoff_coefficient`",
        )?;
        if !retry.non_retryable_errors.is_sorted_by(|a, b| a < b) {
            return Err(scope.fault(Fault::Unordered { table: "errors of a retry policy" }));
        }
    }
    for breaker in &workflow.breakers {
        bounds(breaker.failure_threshold > 0 && breaker.half_open_probes > 0, "a breaker")?;
    }
    for limit in &workflow.limits {
        let rate = limit.rate.is_none_or(|rate| rate.count > 0 && rate.per_ms > 0);
        bounds(rate && limit.concurrency != Some(0), "a limit")?;
    }
    Ok(())
}
