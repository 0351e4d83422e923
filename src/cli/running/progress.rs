use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::terminal::complain;
use crate::driver::embedded::Engine;
use crate::driver::{Observer, Watched};
use crate::engine::machine::{End, Failure, Moment, Notice};

/// Tells on a terminal what runs do; in a pipe it is quiet.
pub(super) struct Progress {
    is_shown: bool,
    started: Mutex<BTreeMap<(String, String), Moment>>,
}

/// Watches the runs of an engine.
pub(super) fn watch(engine: &Engine) -> Arc<Progress> {
    let is_shown = std::io::stderr().is_terminal();
    let progress = Arc::new(Progress { is_shown, started: Mutex::default() });
    if is_shown {
        engine.observe(Arc::clone(&progress) as Arc<dyn Observer>);
    }
    progress
}

impl Progress {
    /// Says which run it is.
    pub(super) fn begin(&self, run: &str) {
        if self.is_shown {
            complain(&format!("run {run}"));
        }
    }

    fn took(&self, run: &str, path: &str, at: Moment) -> String {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        match started.remove(&(run.to_owned(), path.to_owned())) {
            Some(since) => format!(" ({})", time(at.since(since))),
            None => String::new(),
        }
    }
}

/// Milliseconds for people.
pub(super) fn time(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", millis as f64 / 1_000.0),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis / 1_000 % 60),
        3_600_000..86_400_000 => format!("{} h {} min", millis / 3_600_000, millis / 60_000 % 60),
        _ => format!("{} d {} h", millis / 86_400_000, millis / 3_600_000 % 24),
    }
}

impl Observer for Progress {
    fn notice(&self, run: Watched<'_>, at: Moment, notice: &Notice) {
        match notice {
            Notice::Started { path, .. } => {
                let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
                started.insert((run.run.to_owned(), path.to_string()), at);
            }
            Notice::Ended { path, end, .. } => {
                let took = self.took(run.run, path, at);
                match end {
                    End::Succeeded { port, .. } if port == "ok" => {
                        complain(&format!("  ok      {path}{took}"));
                    }
                    End::Succeeded { port, .. } => complain(&format!("  ok      {path}.{port}{took}")),
                    End::Failed(failure) => {
                        complain(&format!("  failed  {path}{took}: {}: {}", failure.error, failure.message));
                    }
                    End::Cancelled => complain(&format!("  stopped {path}{took}")),
                    End::Skipped => {}
                }
            }
            Notice::Waits { path, name, .. } => complain(&format!("  waits   {path} for the signal {name}")),
            Notice::Asks { path, question } => {
                complain(&format!("  asks    {path}: {}", question.summary()));
            }
            Notice::Consumed { path, name, .. } => complain(&format!("  signal  {name} for {path}")),
            Notice::Rejected { name, reason } => complain(&format!("  signal  {name} turned away: {reason}")),
        }
    }

    fn attempted(&self, _: Watched<'_>, path: &str, attempt: u32, failure: &Failure, next: Moment) {
        let pause = time(next.since(crate::driver::embedded::now()));
        complain(&format!(
            "  again   {path} in {pause}: attempt {attempt} failed: {}: {}",
            failure.error, failure.message
        ));
    }

    fn waits(&self, run: Watched<'_>, until: Moment) {
        let pause = time(until.since(crate::driver::embedded::now()));
        let run = run.run;
        complain(&format!("  waits   {run} until {} (in {pause})", until.timestamp().print()));
    }
}
