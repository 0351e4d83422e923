//! How a run ends on the server: what a client sees, and what a parent needs to know.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::coresdk::workflow_commands::{
    CancelWorkflowExecution, CompleteWorkflowExecution, ContinueAsNewWorkflowExecution,
    FailWorkflowExecution, ModifyWorkflowProperties,
};
use temporalio_protos::temporal::api::common::v1::{Memo, Payload};

use super::envelope::{Envelope, State};
use super::fault;
use super::header::Header;
use super::payload;
use crate::engine::machine::{Failure, Listed, Moment, Outcome, RunFailure};
use crate::plan::{Plan, WorkflowId};
use crate::value::Value;

/// The memo under which a run says how it completed.
pub(super) const MEMO: &str = "citadel";

/// What a run may be started with, in bytes: the server takes 2 MB.
const MOST_BYTES: usize = 1_900_000;

/// What a completed run gives: the author's output as JSON, and beside it what JSON can't say.
#[derive(Debug, Default)]
pub(super) struct Result {
    json: Json,
    beside: Beside,
}

/// What stands beside an output.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Beside {
    /// The output, where JSON alone loses its types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output: Option<Json>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    with_failures: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Listed>,
}

impl Result {
    fn new(output: &Value, with_failures: bool, failures: &[Listed]) -> std::result::Result<Self, String> {
        let json = output.to_json().map_err(|error| error.to_string())?;
        let plain = output.to_plain();
        let is_lossless = Value::from_json(&json).to_plain() == plain;
        let output = (!is_lossless).then_some(plain);
        Ok(Self { json, beside: Beside { output, with_failures, failures: failures.to_vec() } })
    }

    fn write(&self) -> Payload {
        if self.beside == Beside::default() {
            return payload::write(&self.json);
        }
        payload::write_with(&self.json, payload::BESIDE, &self.beside)
    }

    /// What a run gave.
    pub(super) fn read(payload: Option<&Payload>) -> Self {
        let Some(payload) = payload else { return Self::default() };
        Self {
            json: payload::read(payload).unwrap_or_default(),
            beside: payload::note(payload, payload::BESIDE).unwrap_or_default(),
        }
    }

    /// The outcome that it stands for.
    pub(super) fn outcome(self) -> Outcome {
        let Beside { output, with_failures, failures } = self.beside;
        let typed = output.and_then(|plain| Value::from_plain(&plain).ok());
        let output = typed.unwrap_or_else(|| Value::from_json(&self.json));
        Outcome::Completed { output, with_failures, failures }
    }
}

/// The commands that end a run with an outcome.
pub(super) fn of(outcome: &Outcome, workflow: WorkflowId, plan: &Plan) -> Vec<Variant> {
    match outcome {
        Outcome::Completed { output, with_failures, failures } => {
            completed(output, *with_failures, failures, workflow, plan)
        }
        Outcome::Failed(failure) => vec![failed(failure, workflow, plan)],
        Outcome::Cancelled { .. } => {
            vec![Variant::CancelWorkflowExecution(CancelWorkflowExecution { details: None })]
        }
    }
}

fn completed(
    output: &Value,
    with_failures: bool,
    failures: &[Listed],
    workflow: WorkflowId,
    plan: &Plan,
) -> Vec<Variant> {
    let result = match Result::new(output, with_failures, failures) {
        Ok(result) => result,
        Err(reason) => {
            let cause =
                Failure::new("ExpressionError", format!("the output can't be written as JSON: {reason}"));
            let failure = RunFailure { cause, unknown_effects: Vec::new(), failures: failures.to_vec() };
            return vec![failed(&failure, workflow, plan)];
        }
    };
    let complete = CompleteWorkflowExecution { result: Some(result.write()) };
    let complete = Variant::CompleteWorkflowExecution(complete);
    if with_failures { vec![memo(failures), complete] } else { vec![complete] }
}

fn memo(failures: &[Listed]) -> Variant {
    let memo = json!({ "outcome": "completed_with_failures", "failures": failures });
    let fields = [(MEMO.to_owned(), payload::write(&memo))].into();
    Variant::ModifyWorkflowProperties(ModifyWorkflowProperties { upserted_memo: Some(Memo { fields }) })
}

fn failed(failure: &RunFailure, workflow: WorkflowId, plan: &Plan) -> Variant {
    let failure = Some(fault::of_run(failure, workflow, plan));
    Variant::FailWorkflowExecution(FailWorkflowExecution { failure })
}

/// A run that fails before, or beside, its machine.
pub(super) fn refused(name: &str, message: &str) -> Variant {
    let failure = Some(fault::of_start(name, message));
    Variant::FailWorkflowExecution(FailWorkflowExecution { failure })
}

/// A run that goes on in a history of its own; none where its state is larger than a history may begin with.
pub(super) fn continued(
    workflow: &str,
    input: &Json,
    header: &Header,
    state: State,
    scheduled_at: Option<Moment>,
    trace: Option<&str>,
) -> Option<Variant> {
    let envelope =
        Envelope { plan_hash: None, header: Some(header.clone()), state: Some(state), scheduled_at };
    let arguments = vec![payload::write(input), payload::write(&envelope)];
    if arguments.iter().map(|payload| payload.data.len()).sum::<usize>() > MOST_BYTES {
        return None;
    }
    Some(Variant::ContinueAsNewWorkflowExecution(ContinueAsNewWorkflowExecution {
        workflow_type: workflow.to_owned(),
        arguments,
        headers: super::lineage::write(trace),
        ..Default::default()
    }))
}
