//! The first step of a run: a local activity that gives its plan. Its marker is the record by which every worker that
//! ever replays the run knows what it does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_protos::coresdk::workflow_commands::ScheduleLocalActivity;
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::temporal::api::common::v1::RetryPolicy;

use super::header::Header;
use super::payload;
use super::plans::Plans;

/// The activity's type. It and the id are in histories for ever.
pub(super) const ACTIVITY: &str = "citadel.plan";
const ID: &str = "plan";
/// Its number: nothing else has been ordered.
const SEQ: u32 = u32::MAX;
/// It only looks into memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What it gives.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Prologue {
    /// All that decides how the run behaves.
    Plan(Box<Header>),
    /// The worker serves no such workflow.
    Unknown,
}

impl Prologue {
    /// What a worker gives for a workflow.
    pub(super) fn of(plans: &Plans, workflow: &str) -> Self {
        plans.header(workflow).map_or(Self::Unknown, |header| Self::Plan(Box::new(header)))
    }
}

/// Has the plan of a workflow given.
pub(super) fn order(workflow: &str) -> Variant {
    Variant::ScheduleLocalActivity(ScheduleLocalActivity {
        seq: SEQ,
        activity_id: ID.to_owned(),
        activity_type: ACTIVITY.to_owned(),
        attempt: 1,
        arguments: vec![payload::write(&workflow)],
        start_to_close_timeout: TIMEOUT.try_into().ok(),
        retry_policy: Some(RetryPolicy { maximum_attempts: 1, ..RetryPolicy::default() }),
        ..Default::default()
    })
}
