use std::sync::Arc;

use super::view::Vantage;
use super::{Failure, Machine, Start, Wired};
use crate::plan::WorkflowId;
use crate::value::EcoString;

/// The id that a workflow gives a run that starts so; none where it leaves that open, or the input doesn't fit, which
/// the run finds when it starts.
///
/// # Errors
/// When the id can't be worked out.
pub fn identify(
    wired: &Arc<Wired>,
    workflow: WorkflowId,
    start: &Start,
) -> Result<Option<EcoString>, Failure> {
    let Some(code) = wired.workflow(workflow).id else { return Ok(None) };
    let mut machine = Machine::new(Arc::clone(wired), workflow);
    let Ok(input) = wired.workflow(workflow).shapes.decode(wired.workflow(workflow).input, &start.input)
    else {
        return Ok(None);
    };
    machine.run.input = input;
    machine.run.start = start.clone();
    machine.evaluate_text(code, Vantage::ROOT).map(Some)
}
