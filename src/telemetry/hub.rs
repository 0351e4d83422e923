use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::TelemetryError;
use super::book::Book;
use super::log::{Format, Log};
use super::metrics::Metrics;
use super::outlet::{NodeOver, Outlet};
use super::spans::Spans;
use crate::driver::gates::Gates;
use crate::driver::{Lineage, Observer, Watched};
use crate::engine::machine::{End, Moment, Notice, Outcome};
use crate::nodes::{Attempt, Watch};
use crate::plan::NodeId;
use crate::value::EcoString;

/// How often it is told what breakers and limits are at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What somebody wants to be told.
#[derive(Clone, Copy, Default, Debug)]
pub struct Wishes {
    /// Where a page for Prometheus is served.
    pub metrics: Option<SocketAddr>,
    /// How the log looks that is written to standard error.
    pub log: Option<Format>,
}

/// Tells those who operate runs what happens to them. Spans are sent where OpenTelemetry's own variables name a
/// collector.
#[derive(Default)]
pub struct Telemetry {
    outlets: Vec<Arc<dyn Outlet>>,
    spans: Option<Arc<Spans>>,
    book: Book,
}

impl Telemetry {
    /// Begins to tell. It wants a tokio runtime around it.
    ///
    /// # Errors
    /// When an address is taken or can't be read.
    pub fn begin(wishes: Wishes) -> Result<Arc<Self>, TelemetryError> {
        let mut telemetry = Self::default();
        if let Some(format) = wishes.log {
            telemetry.outlets.push(Arc::new(Log::begin(format)?));
        }
        if let Some(address) = wishes.metrics {
            telemetry.outlets.push(Arc::new(Metrics::serve(address)?));
        }
        if Spans::are_wanted() {
            let spans = Arc::new(Spans::begin()?);
            telemetry.outlets.push(Arc::clone(&spans) as Arc<dyn Outlet>);
            telemetry.spans = Some(spans);
        }
        Ok(Arc::new(telemetry))
    }

    /// Whether there is anybody to tell.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.outlets.is_empty()
    }

    /// Tells what these breakers and limits are at, as long as the process lives. It wants a tokio runtime around it.
    pub fn follow(self: &Arc<Self>, gates: &Gates) {
        if !self.is_wanted() {
            return;
        }
        let (hub, gates) = (Arc::downgrade(self), gates.clone());
        tokio::spawn(async move {
            while let Some(hub) = hub.upgrade() {
                let snapshot = gates.snapshot();
                hub.each(|outlet| outlet.gates(&snapshot));
                drop(hub);
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
    }

    /// Under which `traceparent` a client starts a run: that of its own `TRACEPARENT`, where it has one.
    #[must_use]
    pub fn client(&self) -> Option<Client> {
        let spans = Arc::clone(self.spans.as_ref()?);
        let around = std::env::var("TRACEPARENT").unwrap_or_default();
        let own = uuid::Uuid::new_v4();
        let lineage = Some(Lineage::of(&around)).filter(|lineage| lineage.parent.is_some());
        let lineage = lineage.unwrap_or(Lineage { trace: own.into_bytes(), parent: None, is_sampled: true });
        let span = uuid::Uuid::new_v4().as_u64_pair().1.to_be_bytes();
        Some(Client { spans, lineage, span, began: SystemTime::now() })
    }

    /// Tells what hasn't been told, before the process ends.
    pub async fn end(&self) {
        if let Some(spans) = self.spans.clone() {
            // It waits for the thread that sends them.
            let _ = tokio::task::spawn_blocking(move || spans.end()).await;
        }
    }

    fn each(&self, mut tell: impl FnMut(&dyn Outlet)) {
        self.outlets.iter().for_each(|outlet| tell(outlet.as_ref()));
    }

    fn node_over(&self, run: Watched<'_>, at: Moment, path: &EcoString, node: NodeId, end: &End) {
        let since = self.book.close(run.run, path);
        let node = &run.workflow.nodes[node.index()];
        let is_own = matches!(end, End::Skipped) || (matches!(end, End::Cancelled) && since.is_none());
        if !run.is_replay && !is_own {
            let (name, kind) = (node.name.as_str(), node.kind.as_str());
            let over = NodeOver { run, path, name, kind, since, at, end };
            self.each(|outlet| outlet.node_over(over));
        }
    }
}

/// A client that starts a run.
pub struct Client {
    spans: Arc<Spans>,
    lineage: Lineage,
    span: [u8; 8],
    began: SystemTime,
}

impl Client {
    /// What the run is started under.
    #[must_use]
    pub fn traceparent(&self) -> String {
        self.lineage.traceparent(self.span)
    }

    /// The run of this workflow has been accepted.
    pub fn accepted(self, workflow: &str) {
        self.spans.client(&self.lineage, self.span, workflow, self.began);
    }
}

impl Observer for Telemetry {
    fn began(&self, run: Watched<'_>) {
        if !run.is_replay {
            self.each(|outlet| outlet.began(run));
        }
    }

    fn notice(&self, run: Watched<'_>, at: Moment, notice: &Notice) {
        match notice {
            Notice::Started { path, .. } => {
                self.book.open(run.run, path, at);
                if !run.is_replay {
                    self.each(|outlet| outlet.started(run, path, at));
                }
            }
            Notice::Ended { path, node, end } => self.node_over(run, at, path, *node, end),
            Notice::Rejected { name, reason } if !run.is_replay => {
                self.each(|outlet| outlet.rejected(run, name, reason));
            }
            _ => {}
        }
    }

    fn ended(&self, run: Watched<'_>, at: Moment, outcome: &Outcome) {
        self.book.forget(run.run);
        if !run.is_replay {
            self.each(|outlet| outlet.run_over(run, at, outcome));
        }
    }

    fn left(&self, run: &str) {
        self.book.forget(run);
    }
}

impl Watch for Telemetry {
    fn attempted(&self, attempt: Attempt<'_>) {
        self.each(|outlet| outlet.attempted(attempt));
    }
}
