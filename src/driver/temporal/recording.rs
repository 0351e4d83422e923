//! Histories that are kept, to see that every later program still does what they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost::Message;
use serde::Serialize;
use serde_json::Value as Json;
use temporalio_protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::temporal::api::common::v1::{Payload, Payloads};
use temporalio_protos::temporal::api::history::v1::History;
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;

use super::call::Sheet;
use super::history::replay;
use super::{Client, Plans, TemporalError, payload};

impl Client {
    /// The histories of a run, the first first, each in the server's own encoding, which [`check_history`] reads.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn record(&self, id: &str) -> Result<Vec<Vec<u8>>, TemporalError> {
        Ok(self.histories(id).await?.iter().map(Message::encode_to_vec).collect())
    }
}

/// Plays a recorded history as a worker does that has forgotten the run: this program must command what the history says
/// was commanded, with the same input and keys of activities, the same times of timers, the same ids and input of
/// children, and end the run in the same way.
///
/// # Errors
/// When it would do something else, or the history is none.
pub async fn check_history(bytes: &[u8]) -> Result<(), TemporalError> {
    let unreadable = |run: &str, reason: String| TemporalError::Unreadable { run: run.to_owned(), reason };
    let history = History::decode(bytes).map_err(|error| unreadable("", error.to_string()))?;
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
        history.events.first().and_then(|event| event.attributes.as_ref())
    else {
        return Err(unreadable("", "it doesn't begin with a start".to_owned()));
    };
    let id = started.workflow_id.clone();
    let played = replay(&id, history.clone(), &Arc::new(Plans::default()), None).await;
    let played = played.map_err(|reason| unreadable(&id, reason))?;
    said(&history).compare(&Said::by(&played.commanded)).map_err(|reason| unreadable(&id, reason))
}

/// What was commanded, by what it is about: the core compares no more than kinds and names.
#[derive(Default)]
struct Said(BTreeMap<String, Json>);

impl Said {
    fn by(commands: &[WorkflowCommand]) -> Self {
        let mut said = Self::default();
        commands.iter().filter_map(|command| command.variant.as_ref()).for_each(|variant| match variant {
            Variant::ScheduleActivity(it) => said.activity(&it.activity_id, &it.arguments),
            Variant::StartTimer(it) => said.timer(&it.seq.to_string(), &it.start_to_fire_timeout),
            Variant::StartChildWorkflowExecution(it) => said.child(&it.workflow_id, it.input.first()),
            Variant::CompleteWorkflowExecution(it) => said.end(json(&it.result)),
            Variant::FailWorkflowExecution(it) => said.end(json(&it.failure)),
            Variant::CancelWorkflowExecution(_) => said.end("cancelled".into()),
            Variant::ContinueAsNewWorkflowExecution(_) => said.end("continued".into()),
            _ => {}
        });
        said
    }

    fn activity(&mut self, id: &str, arguments: &[Payload]) {
        let sheet = arguments.get(1).and_then(|sheet| payload::read::<Sheet>(sheet).ok());
        let key = sheet.map(|sheet| sheet.key);
        self.0.insert(format!("the activity `{id}`"), json(&(arguments.first(), key)));
    }

    fn timer(&mut self, id: &str, after: &impl Serialize) {
        self.0.insert(format!("the timer {id}"), json(after));
    }

    fn child(&mut self, id: &str, input: Option<&Payload>) {
        self.0.insert(format!("the child `{id}`"), json(&input));
    }

    fn end(&mut self, how: Json) {
        self.0.insert("the end".to_owned(), how);
    }

    /// Whether all that the history has was commanded so now.
    fn compare(&self, now: &Self) -> Result<(), String> {
        for (what, how) in &self.0 {
            match now.0.get(what) {
                None => return Err(format!("{what} is in the history, and would not be there now")),
                Some(other) if other != how => {
                    return Err(format!("{what} was {how}, and would be {other} now"));
                }
                Some(_) => {}
            }
        }
        match now.0.keys().find(|what| *what == "the end" && !self.0.contains_key(*what)) {
            Some(_) => Err("the run would end now, and goes on in the history".to_owned()),
            None => Ok(()),
        }
    }
}

fn json(of: &impl Serialize) -> Json {
    serde_json::to_value(of).unwrap_or_default()
}

fn said(history: &History) -> Said {
    let mut said = Said::default();
    let first = |payloads: &Option<Payloads>| payloads.iter().flat_map(|it| &it.payloads).next().cloned();
    let all = |payloads: &Option<Payloads>| payloads.clone().unwrap_or_default().payloads;
    history.events.iter().filter_map(|event| event.attributes.as_ref()).for_each(|event| match event {
        Attributes::ActivityTaskScheduledEventAttributes(it) => {
            said.activity(&it.activity_id, &all(&it.input));
        }
        Attributes::TimerStartedEventAttributes(it) => {
            said.timer(&it.timer_id, &it.start_to_fire_timeout);
        }
        Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(it) => {
            said.child(&it.workflow_id, first(&it.input).as_ref());
        }
        Attributes::WorkflowExecutionCompletedEventAttributes(it) => {
            said.end(json(&first(&it.result)));
        }
        Attributes::WorkflowExecutionFailedEventAttributes(it) => said.end(json(&it.failure)),
        Attributes::WorkflowExecutionCanceledEventAttributes(_) => said.end("cancelled".into()),
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(_) => said.end("continued".into()),
        _ => {}
    });
    said
}
