use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use super::clock::{now, sleep_until};
use super::live::Mail;
use super::outstanding::Attempts;
use crate::driver::gates::{Gates, Pass, Route, Wait};
use crate::driver::secret::Supply;
use crate::engine::breaker::Health;
use crate::engine::machine::{Event, Execution, Failure, Moment, Ticket};
use crate::engine::retry::{self, Next};
use crate::nodes::{Call, Executors, NodeError, Progress, crash};
use crate::plan::{Effect, ErrorTable, Retry};
use crate::value::EcoString;

/// After how long the loss of an attempt counts.
const COUNTS_AS_LOST: Duration = Duration::from_secs(10);

/// How many losses in a row are final.
const MOST_LOST: u32 = 5;

/// What an activity tells its run.
pub(super) enum Report {
    /// It is over.
    Over(Event),
    /// An attempt failed, and there will be another.
    Attempted { ticket: Ticket, attempt: u32, failure: Box<Failure>, next: Moment },
    /// An attempt wants to begin that must not be repeated: it does when that is durable.
    Begins { ticket: Ticket, attempt: u32, go: oneshot::Sender<()> },
    /// An attempt has run for long.
    Alive { ticket: Ticket, attempt: u32 },
    /// The next attempt waits for a breaker or limit.
    Waits { ticket: Ticket, wait: Wait },
    /// It has waited.
    Passed { ticket: Ticket },
    /// The engine stops before the next attempt begins.
    Left { ticket: Ticket },
}

/// An activity with all that its attempts need.
pub(super) struct Work {
    pub(super) execution: Execution,
    pub(super) call: Call,
    pub(super) effect: Effect,
    /// What its attempts pass before they begin.
    pub(super) route: Option<Route>,
    pub(super) gates: Gates,
    pub(super) policy: Retry,
    pub(super) errors: ErrorTable,
    pub(super) attempts: Attempts,
    pub(super) executors: Arc<Executors>,
    pub(super) supply: Supply,
    pub(super) post: mpsc::UnboundedSender<Box<Mail>>,
    /// Whether the engine stops.
    pub(super) stop: watch::Receiver<bool>,
}

/// What follows an attempt.
enum Verdict {
    Over(Event),
    Again(Box<Failure>, Moment),
}

impl Work {
    /// Makes attempts until one succeeds or none is left.
    pub(super) async fn run(mut self) {
        let ticket = self.execution.ticket;
        if let Some(failure) = self.lost() {
            return self.report(Report::Over(Event::Failed { ticket, failure: Box::new(failure) }));
        }
        loop {
            let mut stop = self.stop.clone();
            let pass = tokio::select! {
                pass = self.ready() => pass,
                _ = stop.wait_for(|stop| *stop) => return self.report(Report::Left { ticket }),
            };
            let verdict = match pass {
                Ok(pass) => match self.attempted(pass).await {
                    Some(verdict) => verdict,
                    None => return,
                },
                Err(failure) => Verdict::Over(Event::Failed { ticket, failure }),
            };
            match verdict {
                Verdict::Over(event) => return self.report(Report::Over(event)),
                Verdict::Again(failure, next) => {
                    let attempt = self.attempts.failed + 1;
                    self.attempts = Attempts { failed: attempt, next: Some(next), ..Attempts::default() };
                    self.report(Report::Attempted { ticket, attempt, failure, next });
                }
            }
        }
    }

    /// Waits until the next attempt may begin, which isn't one yet.
    async fn ready(&self) -> Result<Option<Pass>, Box<Failure>> {
        if let Some(next) = self.attempts.next {
            sleep_until(next).await;
        }
        let Some(route) = &self.route else { return Ok(None) };
        let ticket = self.execution.ticket;
        let told = Mutex::new(None);
        let tell = |wait: &Wait| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if told.as_ref().is_none_or(|told: &Wait| told.gate != wait.gate || told.until != wait.until) {
                *told = Some(wait.clone());
                self.report(Report::Waits { ticket, wait: wait.clone() });
            }
        };
        let passed = self.gates.enter(route, self.execution.deadline, &tell).await;
        let has_waited = told.into_inner().unwrap_or_else(PoisonError::into_inner).is_some();
        if has_waited || self.attempts.waits {
            self.report(Report::Passed { ticket });
        }
        passed.map(Some).map_err(|wait| Box::new(wait.failure(self.attempts.failed)))
    }

    /// Makes an attempt; none where it doesn't begin any more.
    async fn attempted(&mut self, pass: Option<Pass>) -> Option<Verdict> {
        let attempt = self.attempts.failed + 1;
        crash::point("before_intent");
        if self.effect == Effect::Once && !self.may_begin(attempt).await {
            return None;
        }
        crash::point("after_intent");
        let (verdict, health) = self.attempt(attempt).await;
        if let Some(pass) = pass {
            pass.report(health).await;
        }
        crash::point("after_effect");
        Some(verdict)
    }

    /// What an attempt that a crash cut short means.
    fn lost(&self) -> Option<Failure> {
        let Attempts { begun, lost, alive, .. } = self.attempts;
        if begun.is_some() {
            let message = "the process ended while the attempt ran, and nobody knows what it did";
            return Some(self.failure("Indeterminate", message));
        }
        let lost = lost + u32::from(alive.is_some());
        (lost >= MOST_LOST).then(|| self.failure("WorkerLost", "five attempts in a row were lost"))
    }

    fn failure(&self, error: &str, message: &str) -> Failure {
        Failure { attempts: self.attempts.failed + 1, ..Failure::new(error, message) }
    }

    async fn may_begin(&self, attempt: u32) -> bool {
        let (go, begun) = oneshot::channel();
        self.report(Report::Begins { ticket: self.execution.ticket, attempt, go });
        begun.await.is_ok()
    }

    async fn attempt(&mut self, attempt: u32) -> (Verdict, Health) {
        let ticket = self.execution.ticket;
        (self.call.attempt, self.call.progress) = (attempt, Progress::default());
        let left = self.execution.deadline.map(|deadline| Duration::from_millis(deadline.since(now())));
        if left.is_some_and(|left| left.is_zero()) {
            return (self.past_deadline(), Health::Unknown);
        }
        let timeout = Duration::from_millis(self.execution.timeout);
        self.call.timeout = left.map_or(timeout, |left| left.min(timeout));
        let is_cut = self.call.timeout < timeout;
        match self.executed(attempt).await {
            Ok(output) => {
                (Verdict::Over(Event::Completed { ticket, output, attempts: attempt }), Health::Well)
            }
            Err(error) => {
                let is_known = |route: &Route| route.health(&error.name, error.before_effect);
                let health = self.route.as_ref().map_or(Health::Unknown, is_known);
                let is_past = is_cut && error.name == "Timeout";
                (if is_past { self.past_deadline() } else { self.judge(attempt, error) }, health)
            }
        }
    }

    async fn executed(&self, attempt: u32) -> Result<crate::value::Value, NodeError> {
        let context = self.supply.context().await?;
        let execution = self.executors.run(&self.call, &context);
        tokio::pin!(execution);
        tokio::select! {
            result = &mut execution => return result,
            () = tokio::time::sleep(COUNTS_AS_LOST) => {}
        }
        self.report(Report::Alive { ticket: self.execution.ticket, attempt });
        execution.await
    }

    fn past_deadline(&self) -> Verdict {
        let failure = self.failure("TotalTimeout", "all attempts together took too long");
        let ticket = self.execution.ticket;
        Verdict::Over(Event::Failed { ticket, failure: Box::new(failure) })
    }

    /// Decides by the policy what follows a failed attempt.
    fn judge(&self, attempt: u32, error: NodeError) -> Verdict {
        let ticket = self.execution.ticket;
        let retry_after = error.retry_after.map(|wish| u64::try_from(wish.as_millis()).unwrap_or(u64::MAX));
        let certainty = retry::Certainty { is_before_effect: error.before_effect };
        let (name, message) = match (self.effect, retry::once(&error.name, certainty)) {
            (Effect::Once, retry::Once::Unknown) => (
                EcoString::from("Indeterminate"),
                format!("nobody knows what the attempt did: {}", error.message),
            ),
            _ => (error.name.clone(), error.message),
        };
        let is_final =
            self.effect == Effect::Once && retry::once(&error.name, certainty) != retry::Once::Nothing;
        let failure =
            Box::new(Failure { details: error.details, attempts: attempt, ..Failure::new(name, message) });
        let left = self.execution.deadline.map(|deadline| deadline.since(now()));
        match retry::next(&self.policy, &self.errors, &failure.error, attempt, retry_after, left) {
            Next::After(pause) if !is_final => Verdict::Again(failure, now().after(pause)),
            _ => Verdict::Over(Event::Failed { ticket, failure }),
        }
    }

    /// A run that doesn't listen any more needs no report.
    fn report(&self, report: Report) {
        let _ = self.post.send(Box::new(Mail::Reported(report)));
    }
}
