use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use temporalio_protos::temporal::api::history::v1::History;
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;

use super::history::replay;
use super::live::Observer;
use super::record::{Ending, ending_of};
use super::run::Watcher;
use super::{Client, Plans, Situation, TemporalError};
use crate::driver::story::Teller;
use crate::driver::{Story, key};
use crate::engine::machine::{ChildStart, Status, Wired};
use crate::plan::{Plan, WorkflowId};

/// What is told while histories are played, one after the other.
type Shared = Arc<Mutex<Option<Teller>>>;

impl Client {
    /// Plays the histories of a run, as far as workers came: no worker need be there.
    ///
    /// # Errors
    /// When there is no such run, or it is none of a plan.
    pub async fn story(&self, id: &str) -> Result<Story, TemporalError> {
        let unreadable = |reason: String| TemporalError::Unreadable { run: id.to_owned(), reason };
        let mut about = self.about(id).await?;
        let histories = self.histories(id).await?;
        let ending = histories.last().and_then(ending_of);
        let (plans, shared) = (Arc::new(Plans::default()), Shared::default());
        for history in histories {
            replay(id, history, &plans, Some(watcher(&shared))).await.map_err(unreadable)?;
        }
        let teller = lock(&shared).take();
        let teller = teller.ok_or_else(|| unreadable("it never had a plan".to_owned()))?;
        let outcome = match ending {
            Some(Ending::Outcome(outcome)) => Some(outcome),
            Some(Ending::Terminated(reason)) => {
                about.status = Status::Terminated;
                about.problem = Some(format!("it was terminated: {reason}"));
                None
            }
            None => None,
        };
        let (mut story, children) = teller.tell(about, outcome);
        let wired = Arc::new(Wired::new(Arc::clone(&story.plan)));
        for child in children {
            self.add_child(&mut story, &wired, &child).await?;
        }
        Ok(story)
    }

    /// What a run was at when the last worker worked on it: no worker need be there.
    ///
    /// # Errors
    /// When there is no such run, or its history can't be played.
    pub async fn recorded_situation(&self, id: &str) -> Result<Situation, TemporalError> {
        let history = self.history(id, "").await?;
        let played = replay(id, history, &Arc::new(Plans::default()), None).await;
        let played = played.map_err(|reason| TemporalError::Unreadable { run: id.to_owned(), reason })?;
        Ok(played.run.status())
    }

    async fn add_child(
        &self,
        story: &mut Story,
        wired: &Arc<Wired>,
        child: &ChildStart,
    ) -> Result<(), TemporalError> {
        let settings = story.start.as_ref().map(|start| start.settings.clone()).unwrap_or_default();
        let id = key::of_started_child(&story.about.id, wired, child, settings)
            .map_err(|failure| TemporalError::InvalidInput(failure.message.into()))?;
        match Box::pin(self.story(&id)).await {
            Ok(inner) => story.add_child(&child.path, inner),
            // A child that was never started, or was forgotten, has no story.
            Err(TemporalError::UnknownRun(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The histories of a run, the first first.
    pub(super) async fn histories(&self, id: &str) -> Result<Vec<History>, TemporalError> {
        let mut histories = Vec::new();
        let mut run = String::new();
        loop {
            let history = self.history(id, &run).await?;
            let before = before(&history);
            histories.push(history);
            match before {
                Some(before) => run = before,
                None => break,
            }
        }
        histories.reverse();
        Ok(histories)
    }
}

/// The history that a history goes on from.
fn before(history: &History) -> Option<String> {
    match history.events.first()?.attributes.as_ref()? {
        Attributes::WorkflowExecutionStartedEventAttributes(started) => {
            Some(started.continued_execution_run_id.clone()).filter(|run| !run.is_empty())
        }
        _ => None,
    }
}

fn watcher(shared: &Shared) -> Watcher {
    let shared = Arc::clone(shared);
    Box::new(move |plan: Arc<Plan>, workflow: WorkflowId| {
        lock(&shared).get_or_insert_with(|| Teller::new(plan, workflow));
        let observer: Observer = Box::new(move |_, at, seen| {
            if let Some(teller) = lock(&shared).as_mut() {
                teller.see(at, &seen);
            }
        });
        observer
    })
}

fn lock(shared: &Shared) -> MutexGuard<'_, Option<Teller>> {
    // A story is whole between two things that are told.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
