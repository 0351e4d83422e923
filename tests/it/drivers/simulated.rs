use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use citadel::driver::sim::{Attempt, Reply, Script, Simulation};
use citadel::engine::machine::{Failure, Start, Wired};
use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Progress};
use citadel::plan::{Argument, Effect, Task};
use citadel::value::{EcoString, Value};
use tokio::runtime::{Handle, Runtime};
use tokio::task::AbortHandle;

use super::{Case, Driver, Ran, Stage, outside};

/// How long an attempt may really take; what it may take by its node is virtual.
const PATIENCE: Duration = Duration::from_secs(60);

/// The simulation, whose attempts are real.
pub(super) struct Simulated(Runtime);

impl Simulated {
    pub(super) fn new() -> Self {
        Self(Runtime::new().expect("a runtime"))
    }
}

impl Driver for Simulated {
    fn name(&self) -> &'static str {
        "simulated"
    }

    fn run(&self, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
        let plan = case.plan();
        let wired = Arc::new(Wired::new(Arc::clone(&plan)));
        let environment = case.environment(&stage.url);
        let settings = environment.settings(&wired).map_err(|error| error.to_string())?;
        let secrets = environment.secrets(&plan).map_err(|error| error.to_string())?;
        let contexts = secrets.into_iter().map(|secrets| Context::new(secrets, Egress::allow_private()));
        let hands = Rc::new(RefCell::new(Hands {
            stage: Arc::clone(stage),
            runtime: self.0.handle().clone(),
            executors: Arc::new(Executors::standard()),
            contexts: contexts.collect(),
            pending: Vec::new(),
        }));
        let start =
            Start { run: case.name.as_str().into(), input: case.input.clone(), settings, scheduled_at: None };
        let mut script = Shared(Rc::clone(&hands));
        let mut simulation = Simulation::new(wired, start, &mut script);
        let mut happenings = case.happenings.iter().peekable();
        loop {
            while let Some(happening) = happenings.next_if(|next| stage.has_seen(&next.causes)) {
                simulation.plan(0, happening.what.event());
                stage.happened(happening.what.cause());
            }
            for (path, number, reply) in hands.borrow_mut().settle() {
                // An attempt that was given up has no use for its answer.
                let _ = simulation.end(&path, number, reply);
            }
            if !simulation.step() {
                break;
            }
        }
        let report = simulation.report();
        let outcome = report.outcome.ok_or("it waits for ever")?;
        Ok(Ran { outcome, trace: report.trace })
    }
}

struct Shared(Rc<RefCell<Hands>>);

impl Script for Shared {
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply {
        self.0.borrow_mut().attempt(attempt)
    }
}

/// Makes the attempts.
struct Hands {
    stage: Arc<Stage>,
    runtime: Handle,
    executors: Arc<Executors>,
    /// By workflow.
    contexts: Vec<Context>,
    pending: Vec<Pending>,
}

/// An attempt whose answer waits for something.
struct Pending {
    path: EcoString,
    number: u32,
    /// Which request it is.
    request: (String, u32),
    result: Arc<Mutex<Option<Result<Value, NodeError>>>>,
    task: AbortHandle,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pending {
    fn is_over(&self) -> bool {
        self.result.lock().expect("nobody panics with it").is_some()
    }

    fn reply(&self) -> Option<Reply> {
        let result = self.result.lock().expect("nobody panics with it").take()?;
        Some(match result {
            Ok(output) => Reply::output(output),
            Err(error) => Reply {
                retry_after: error.retry_after.map(millis),
                is_before_effect: error.before_effect,
                ..Reply::failure(Failure {
                    details: error.details,
                    ..Failure::new(error.name, error.message)
                })
            },
        })
    }
}

impl Hands {
    /// Begins an attempt. Where its answer has to wait it times out, unless it is ended before.
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply {
        self.pending.retain(|pending| pending.path != *attempt.path);
        self.begin(attempt);
        let timeout = attempt.timeout.unwrap_or(u64::MAX);
        let seconds = timeout as f64 / 1_000.0;
        let silence = Failure::new("Timeout", format!("no answer within {seconds} s"));
        self.wait();
        let begun = self.pending.last().and_then(Pending::reply);
        if begun.is_some() {
            self.pending.pop();
        }
        begun.unwrap_or_else(|| Reply::failure(silence).after(timeout))
    }

    fn begin(&mut self, attempt: &Attempt<'_>) {
        let call = call(attempt);
        let path = call.text("url").and_then(|url| url.strip_prefix(self.stage.url.as_str()));
        let path = outside::path(path.unwrap_or_default()).to_owned();
        let request = (path.clone(), self.stage.count(&path) + 1);
        let workflow = attempt.lineage.last().expect("a node is a workflow's");
        let (executors, context) = (Arc::clone(&self.executors), self.contexts[workflow.index()].clone());
        let result = Arc::new(Mutex::new(None));
        let (answered, stage) = (Arc::clone(&result), Arc::clone(&self.stage));
        let task = self.runtime.spawn(async move {
            let result = executors.run(&call, &context).await;
            *answered.lock().expect("nobody panics with it") = Some(result);
            stage.look_again();
        });
        let (path, number, task) = (attempt.path.clone(), attempt.number, task.abort_handle());
        self.pending.push(Pending { path, number, request, result, task });
    }

    fn wait(&self) {
        let requests: Vec<_> = self.pending.iter().map(|pending| pending.request.clone()).collect();
        self.stage.settle(&requests, |place| self.pending.get(place).is_some_and(Pending::is_over));
    }

    /// Those that are over, once all others wait for something.
    fn settle(&mut self) -> Vec<(EcoString, u32, Reply)> {
        self.wait();
        let mut over = Vec::new();
        self.pending.retain(|pending| {
            let reply = pending.reply();
            let goes_on = reply.is_none();
            over.extend(reply.map(|reply| (pending.path.clone(), pending.number, reply)));
            goes_on
        });
        over
    }
}

/// The attempt as an executor takes it.
fn call(attempt: &Attempt<'_>) -> Call {
    let Task::Activity(activity) = &attempt.node.task else { panic!("no activity: {attempt:?}") };
    let borders = activity.config.iter().filter_map(|(name, argument)| match argument {
        Argument::Shape(shape) => Some((EcoString::from(name.as_str()), *shape)),
        _ => None,
    });
    Call {
        run: "simulated".into(),
        path: attempt.path.clone(),
        trace: "simulated".into(),
        kind: attempt.node.kind.as_str().into(),
        input: attempt.input.clone(),
        shapes: Arc::new(attempt.workflow.shapes.clone()),
        borders: borders.collect(),
        output: attempt.node.output,
        key: attempt.path.clone(),
        attempt: attempt.number,
        timeout: PATIENCE,
        heartbeat: None,
        progress: Progress::default(),
        effect_once: activity.effect == Effect::Once,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
