use std::sync::Arc;

use super::EngineError;
use super::journal::{Journal, JournalError, RunInfo};
use super::recovery::{self, Header};
use crate::driver::story::Teller;
use crate::driver::{About, Story, key};
use crate::engine::machine::{ChildStart, Moment, Wired};
use crate::plan::Plan;

/// Plays what the journal holds of a run.
///
/// # Errors
/// When there is no such run, or what is recorded can't be read.
pub async fn story(journal: &Journal, run: &str) -> Result<Story, EngineError> {
    let recovered = journal.load(run, true).await.map_err(|error| match error {
        JournalError::UnknownRun(run) => EngineError::UnknownRun(run),
        other => EngineError::Journal(other),
    })?;
    let unreadable = |reason: String| EngineError::Unreadable { run: run.to_owned(), reason };
    let header: Header =
        serde_json::from_slice(&recovered.header).map_err(|error| unreadable(error.to_string()))?;
    let plan = Arc::new(Plan::from_json(&recovered.plan).map_err(|error| unreadable(error.to_string()))?);
    let wired = Arc::new(Wired::new(Arc::clone(&plan)));
    let mut teller = Teller::new(plan, header.workflow);
    let mut see = |at, seen: crate::driver::story::Seen<'_>| teller.see(at, &seen);
    let replayed = recovery::watch(run, &wired, header.workflow, &recovered.records, &mut see)?;
    let (mut story, children) = teller.tell(About::from(recovered.info), replayed.machine.outcome().cloned());
    for child in children {
        add_child(&mut story, journal, &wired, &child).await?;
    }
    Ok(story)
}

impl From<RunInfo> for About {
    fn from(info: RunInfo) -> Self {
        Self {
            id: info.id,
            workflow: info.workflow,
            status: info.status,
            started_at: Moment(info.started_at),
            ended_at: info.ended_at.map(Moment),
            parent: info.parent,
            owner: info.owner.map(|owner| owner.to_string()),
            wake_at: info.wake_at.map(Moment),
            problem: None,
        }
    }
}

async fn add_child(
    story: &mut Story,
    journal: &Journal,
    wired: &Arc<Wired>,
    child: &ChildStart,
) -> Result<(), EngineError> {
    let settings = story.start.as_ref().map(|start| start.settings.clone()).unwrap_or_default();
    let id = key::of_started_child(&story.about.id, wired, child, settings).map_err(EngineError::of_child)?;
    // A child that was never started, or was pruned, has no story.
    if journal.info(&id).await?.is_some() {
        let inner = Box::pin(self::story(journal, &id)).await?;
        story.add_child(&child.path, inner);
    }
    Ok(())
}
