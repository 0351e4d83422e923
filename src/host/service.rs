use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::registry::Registry;
use super::{Error, endpoint, function};
use crate::catalog::{Catalog, Kind};
use crate::config::Temporal;
use crate::define::Workflow;
use crate::driver::Environment;
use crate::driver::temporal::{Client, Connection, Ending, Options, Plans, Worker};
use crate::engine::machine::{Signal, Status, Wired};
use crate::nodes::{Call, Egress, Executors, NodeError};
use crate::value::Value;

/// What a [`Service`] is connected with.
pub struct ServiceBuilder {
    config: Temporal,
    environment: Environment,
    egress: Egress,
    catalog: Catalog,
    executors: Executors,
}

impl ServiceBuilder {
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

    /// Connects to the server.
    ///
    /// # Errors
    /// When the configuration has mistakes, or within five seconds when there is no such server.
    pub async fn connect(self) -> Result<Service, Error> {
        let Self { config, environment, egress, catalog, executors } = self;
        config.validate()?;
        let read = |path: &Path| {
            let unreadable = |reason: std::io::Error| Error::Unreadable {
                path: path.to_path_buf(),
                reason: reason.to_string(),
            };
            std::fs::read(path).map_err(unreadable)
        };
        let connection = Connection::open(&endpoint(&config, read)?).await?;
        let client = Client::new(connection.clone(), config.task_queue());
        let registry = Registry::new(catalog);
        Ok(Service(Arc::new(Inner { config, environment, egress, executors, registry, connection, client })))
    }
}

/// Workflows on a Temporal server, from inside of another program. A clone is the same.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    config: Temporal,
    environment: Environment,
    egress: Egress,
    executors: Executors,
    registry: Registry,
    connection: Connection,
    client: Client,
}

impl Service {
    /// One of the server that is configured so.
    #[must_use]
    pub fn of(config: Temporal) -> ServiceBuilder {
        ServiceBuilder {
            config,
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

    /// Serves the workflows that are registered now, and makes their activities, until `stop`.
    ///
    /// # Errors
    /// When the environment lacks what a workflow needs, or the server refuses the worker.
    pub async fn work(&self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let Inner { config, environment, egress, executors, registry, connection, .. } = self.0.as_ref();
        let plans = Arc::new(Plans::default());
        plans.serve(registry.all(), environment, executors)?;
        let options = Options {
            environment: environment.clone(),
            egress: egress.clone(),
            max_activities: config.max_concurrent_tasks() as usize,
            ..Options::of(config.task_queue())
        };
        Ok(Worker::new(connection, plans, executors.clone(), options)?.run(stop).await?)
    }

    /// Starts a run of a workflow: when this returns its id, the run is durable.
    ///
    /// # Errors
    /// When no such workflow is registered, the input doesn't fit, or the server refuses.
    pub async fn execute(&self, workflow: &str, input: Json) -> Result<String, Error> {
        self.execute_as(workflow, input, None).await
    }

    /// The same, with an id in place of the workflow's.
    ///
    /// # Errors
    /// When no such workflow is registered, the input doesn't fit, or the server refuses.
    pub async fn execute_as(&self, workflow: &str, input: Json, id: Option<String>) -> Result<String, Error> {
        let plan = self.0.registry.plan(workflow)?;
        let settings = self.0.environment.settings(&Wired::new(Arc::clone(&plan)));
        let settings = settings.map_err(crate::driver::temporal::TemporalError::Given)?;
        Ok(self.0.client.start(&plan, input, id, settings).await?.id)
    }

    /// What a run is at.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn status(&self, run: &str) -> Result<Status, Error> {
        Ok(self.0.client.about(run).await?.status)
    }

    /// Waits for the end of a run.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn result(&self, run: &str) -> Result<Ending, Error> {
        Ok(self.0.client.result(run).await?)
    }

    /// Sends a signal to a run; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn signal(&self, run: &str, name: &str, payload: Json) -> Result<(), Error> {
        let signal = Signal { name: name.into(), payload, correlation: None };
        Ok(self.0.client.signal(run, &signal).await?)
    }

    /// Has a run stopped, and what it did undone; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn cancel(&self, run: &str) -> Result<(), Error> {
        Ok(self.0.client.cancel(run).await?)
    }

    /// The client, for all else.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }
}
