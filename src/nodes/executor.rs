use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::http::HttpRequest;
use super::notify::Notification;
#[cfg(target_os = "linux")]
use super::script::ScriptExecution;
use super::sql::DatabaseQuery;
use super::{Attempt, Call, Context, NodeError, Watch, catch_panics};
use crate::value::Value;

/// What an executor answers with, in the end.
pub type Future<'a> = Pin<Box<dyn std::future::Future<Output = Result<Value, NodeError>> + Send + 'a>>;

/// What a kind of node does.
pub trait Executor: Send + Sync {
    /// Makes one attempt. When the future is dropped, the attempt ends.
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a>;

    /// How long an attempt whose time is over may take to end by itself, once [`Progress::stop`](super::Progress::stop)
    /// asks it to. One that doesn't listen needs none.
    fn wind_down(&self) -> Duration {
        Duration::ZERO
    }
}

/// The executors by kind.
#[derive(Clone, Default)]
pub struct Executors {
    kinds: BTreeMap<String, Arc<dyn Executor>>,
    watch: Option<Arc<dyn Watch>>,
}

impl std::fmt::Debug for Executors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.kinds.keys()).finish()
    }
}

impl Executors {
    /// Those of the kinds that come with the engine. Paths count from the working folder.
    #[must_use]
    pub fn standard() -> Self {
        Self::in_folder(PathBuf::new())
    }

    /// Those of the kinds that come with the engine. Paths count from a folder.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        let mut executors = Self::default();
        executors.register("http_request", Arc::new(HttpRequest::default()));
        executors.register("notification", Arc::new(Notification::default()));
        #[cfg(target_os = "linux")]
        executors.register("script_execution", Arc::new(ScriptExecution::in_folder(folder.clone())));
        executors.register("database_query", Arc::new(DatabaseQuery::in_folder(folder)));
        executors
    }

    /// Adds the executor of a kind, in place of the one that it had.
    pub fn register(&mut self, kind: &str, executor: Arc<dyn Executor>) {
        self.kinds.insert(kind.to_owned(), executor);
    }

    /// The same, with somebody who watches the attempts.
    #[must_use]
    pub fn watched(self, watch: Arc<dyn Watch>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Whether there is one for a kind.
    #[must_use]
    pub fn knows(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }

    /// Makes one attempt: within its time, with its panics caught, and with all secrets taken out of what comes of it.
    ///
    /// # Errors
    /// Those of the kind, `Timeout`, `NodePanicked`, or `UnsupportedKind`.
    pub async fn run(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let Some(watch) = &self.watch else { return self.attempt(call, context).await };
        let (began, clock) = (SystemTime::now(), Instant::now());
        let result = self.attempt(call, context).await;
        watch.attempted(Attempt { call, began, took: clock.elapsed(), error: result.as_ref().err() });
        result
    }

    async fn attempt(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let Some(executor) = self.kinds.get(call.kind.as_str()) else {
            let message = format!("this engine has no `{}`", call.kind);
            return Err(NodeError::new("UnsupportedKind", message).before_effect());
        };
        let attempt = catch_panics(async { executor.execute(call, context).await });
        let mut attempt = std::pin::pin!(attempt);
        let result = tokio::select! {
            biased;
            result = &mut attempt => {
                result.unwrap_or_else(|| Err(NodeError::new("NodePanicked", "the node panicked")))
            }
            late = overdue(call) => {
                call.progress.stop();
                // What it has begun is taken down before another attempt may begin.
                let _ = tokio::time::timeout(executor.wind_down(), &mut attempt).await;
                Err(NodeError::new("Timeout", late))
            }
        };
        match result {
            Ok(output) => Ok(context.scrubber().value(&output)),
            Err(error) => Err(context.scrubber().error(error)),
        }
    }
}

/// Waits until an attempt takes too long, and tells how.
async fn overdue(call: &Call) -> String {
    call.progress.made();
    let stalled = async {
        match call.heartbeat {
            Some(limit) => call.progress.stalled(limit).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = tokio::time::sleep(call.timeout) => format!("no answer within {}", seconds(call.timeout)),
        () = stalled => format!("no progress within {}", seconds(call.heartbeat.unwrap_or_default())),
    }
}

fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_millis() as f64 / 1_000.0)
}
