use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::registry::Registry;
use super::{Error, function};
use crate::catalog::{Catalog, Kind};
use crate::define::Workflow;
use crate::driver::Environment;
use crate::driver::embedded::{Accepted, Engine, Options, Run};
use crate::driver::gates::Gates;
use crate::engine::machine::{Outcome, Signal, Status};
use crate::nodes::{Call, Egress, Executors, NodeError};
use crate::value::Value;

/// What a [`Citadel`] is opened with.
pub struct Builder {
    journal: PathBuf,
    environment: Environment,
    egress: Egress,
    catalog: Catalog,
    executors: Executors,
}

impl Builder {
    /// Lets nodes reach addresses of this machine and its network.
    #[must_use]
    pub fn allow_private_network(self) -> Self {
        Self { egress: Egress::allow_private(), ..self }
    }

    /// Where settings and secrets come from, in place of the process's environment.
    #[must_use]
    pub fn environment(self, environment: Environment) -> Self {
        Self { environment, ..self }
    }

    /// Adds a kind of node: what it is, and what it does. Files use and check it as one of the standard ones.
    #[must_use]
    pub fn kind<F, R>(mut self, kind: Kind, does: F) -> Self
    where
        F: Fn(Call) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, NodeError>> + Send + 'static,
    {
        self.executors.register(&kind.name, function(does));
        Self { catalog: self.catalog.with(kind), ..self }
    }

    /// Opens the journal and goes on with the runs that no process drives.
    ///
    /// # Errors
    /// When the journal can't be opened.
    pub async fn open(self) -> Result<Citadel, Error> {
        let Self { journal, environment, egress, catalog, executors } = self;
        let gates = Gates::default();
        let engine = Engine::open(Options { journal, environment, egress, gates }, executors)?;
        engine.resume_all().await?;
        Ok(Citadel(Arc::new(Inner { engine, registry: Registry::new(catalog) })))
    }
}

/// Workflows, and the engine that runs them. A clone is the same.
#[derive(Clone)]
pub struct Citadel(Arc<Inner>);

struct Inner {
    engine: Engine,
    registry: Registry,
}

impl Citadel {
    /// One whose journal is in this folder, which is made where it is missing.
    #[must_use]
    pub fn at(journal: impl Into<PathBuf>) -> Builder {
        Builder {
            journal: journal.into(),
            environment: Environment::of_process(),
            egress: Egress::deny_private(),
            catalog: Catalog::standard(),
            executors: Executors::standard(),
        }
    }

    /// Registers all workflows of a text.
    ///
    /// # Errors
    /// When it has errors: all findings.
    pub fn register_text(&self, text: &str) -> Result<(), Error> {
        self.0.registry.add_text(text)
    }

    /// Registers all workflows of a file. Imports are read from its folder and below.
    ///
    /// # Errors
    /// When it can't be read, or has errors: all findings.
    pub fn register_file(&self, file: impl AsRef<Path>) -> Result<(), Error> {
        self.0.registry.add_file(file.as_ref())
    }

    /// Registers a workflow that was built in code.
    ///
    /// # Errors
    /// When it has errors: all findings, with their places in the text that it stands for.
    pub fn register(&self, workflow: &Workflow) -> Result<(), Error> {
        self.register_text(&workflow.to_string())
    }

    /// Accepts a run of a workflow: when this returns its id, the run is durable and on its way.
    ///
    /// # Errors
    /// When no such workflow is registered, or the engine refuses the run.
    pub async fn execute(&self, workflow: &str, input: Json) -> Result<String, Error> {
        self.execute_as(workflow, input, None).await
    }

    /// The same, with an id in place of the workflow's.
    ///
    /// # Errors
    /// When no such workflow is registered, or the engine refuses the run.
    pub async fn execute_as(&self, workflow: &str, input: Json, id: Option<String>) -> Result<String, Error> {
        let plan = self.0.registry.plan(workflow)?;
        match self.0.engine.start(plan, input, id).await? {
            Accepted::Driven(Run { id, .. }) => Ok(id),
            Accepted::Over(info, _) => Ok(info.id),
        }
    }

    /// What a run is at.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn status(&self, run: &str) -> Result<Status, Error> {
        Ok(self.0.engine.info(run).await?.status)
    }

    /// Waits for the end of a run.
    ///
    /// # Errors
    /// When there is no such run, or this process stops driving it.
    pub async fn result(&self, run: &str) -> Result<Outcome, Error> {
        let driven = match self.0.engine.resume(run, false).await? {
            Accepted::Over(_, outcome) => return Ok(outcome),
            Accepted::Driven(driven) => driven,
        };
        let left = driven.clone();
        driven.outcome().await.ok_or_else(|| Error::Left {
            run: run.to_owned(),
            reason: left.left().unwrap_or_else(|| "it was interrupted".to_owned()),
        })
    }

    /// Sends a signal to a run; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, it is over, or it takes no such signal.
    pub async fn signal(&self, run: &str, name: &str, payload: Json) -> Result<(), Error> {
        let signal = Signal { name: name.into(), payload, correlation: None };
        Ok(self.0.engine.signal(run, signal).await.map(drop)?)
    }

    /// Has a run stopped, and what it did undone; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn cancel(&self, run: &str) -> Result<(), Error> {
        Ok(self.0.engine.cancel(run).await.map(drop)?)
    }

    /// The engine, for all else.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Stops taking work, lets attempts that run come to their end, and gives up the runs: they go on when the journal
    /// is opened again.
    pub async fn shut_down(&self) {
        self.0.engine.shut_down().await;
    }
}
