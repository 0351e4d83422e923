use std::sync::Arc;

use serde_json::Value as Json;

use super::cast::Cast;
use super::fault::Fault;
use super::place::general;
use super::reports::Reports;
use super::stage::Stage;
use super::timeline::Timeline;
use super::values::Values;
use super::witness::disappointment;
use crate::diagnostic::{Finding, Severity};
use crate::driver::sim::{Limits, NodeStatus, Report, Simulation};
use crate::engine::machine::{Failure, Outcome, Start, identify};
use crate::plan::{Task, Test, WorkflowId};
use crate::source::Span;
use crate::value::{EcoString, eco_format};

/// After so many happenings a run is taken to have no end.
const LIMITS: Limits = Limits { happenings: 250_000 };

/// What became of a test.
#[derive(Debug, Default)]
pub struct Verdict {
    /// What isn't as it should be; nothing where the test passed.
    pub findings: Vec<Finding>,
    /// What else is worth knowing where it did not.
    pub notes: Vec<Finding>,
    /// Why the run failed, where it did; that may be as expected.
    pub failure: Option<Finding>,
    /// What happened.
    pub timeline: Timeline,
}

impl Verdict {
    /// Whether all is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Stage {
    /// Runs a test of this plan.
    #[must_use]
    pub fn run(&self, test: &Test) -> Verdict {
        let values = Values::of(test);
        let nothing = || Ok(Json::Object(serde_json::Map::new()));
        let input = test.input.as_ref().map_or_else(nothing, |input| values.json(input));
        let (input, mut cast) = match (input, Cast::of(test, &values)) {
            (Ok(input), Ok(cast)) => (input, cast),
            (input, cast) => {
                let refused = input.err().map(|finding| *finding);
                let findings = refused.into_iter().chain(cast.err().unwrap_or_default()).collect();
                return Verdict { findings, ..Verdict::default() };
            }
        };
        let mut simulation =
            Simulation::new(Arc::clone(&self.wired), self.start(input), &mut cast).limited(LIMITS);
        while simulation.step() {}
        let report = simulation.report();
        let trial = Trial { stage: self, test, report: &report };
        let mut findings = trial.faults(&cast);
        if findings.is_empty() {
            findings = trial.disappointments();
        }
        let (notes, failure) = (self.notes(test.span).collect(), trial.failure());
        Verdict { findings, notes, failure, timeline: Timeline::of(&report) }
    }

    fn start(&self, input: Json) -> Start {
        let name = &self.wired.workflow(WorkflowId(0)).name;
        let run = eco_format!("{name}-test");
        let start = Start { run, input, settings: self.settings.clone(), scheduled_at: None };
        match identify(&self.wired, WorkflowId(0), &start) {
            Ok(Some(run)) => Start { run, ..start },
            _ => start,
        }
    }

    /// Where the node at a general path is declared.
    fn declared(&self, path: &str) -> Option<Span> {
        let (workflow, node) = self.wired.plan().program().node_at(WorkflowId(0), path)?;
        let debug = self.wired.plan().debug().workflows.get(workflow.index())?;
        self.span(debug.nodes.get(node.index())?.name)
    }
}

/// A test whose run is over.
struct Trial<'t> {
    stage: &'t Stage,
    test: &'t Test,
    report: &'t Report,
}

impl Trial<'_> {
    /// What keeps the run from showing anything.
    fn faults(&self, cast: &Cast<'_>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = cast.missing.iter().map(|path| self.missing(path)).collect();
        for (name, reason) in &self.report.rejected {
            let (name, reason) = (name.clone(), reason.clone());
            findings.push(Finding::new(self.test.span, Fault::RefusedSignal { name, reason }));
        }
        if findings.is_empty() && self.report.outcome.is_none() {
            findings = self.endless();
        }
        findings
    }

    fn missing(&self, path: &EcoString) -> Finding {
        let child = path.rsplit_once('/').map(|(child, _)| child.replace('/', ".").into());
        let fault = Fault::MissingMock { path: path.replace("/", "."), child };
        self.pointing(Finding::new(self.test.span, fault), path, "it runs here")
    }

    fn pointing(&self, finding: Finding, path: &str, text: &str) -> Finding {
        match self.stage.declared(path) {
            Some(span) => finding.label(span, text),
            None => finding,
        }
    }

    /// Why the run isn't over though nothing more happens.
    fn endless(&self) -> Vec<Finding> {
        let running = self.report.nodes.iter().filter(|(_, node)| node.status == NodeStatus::Running);
        let mut waits: Vec<EcoString> = running.map(|(path, _)| general(path)).collect();
        waits.retain(|path| self.is_wait(path));
        waits.sort();
        waits.dedup();
        if waits.is_empty() {
            return vec![Finding::new(self.test.span, Fault::EndlessRun)];
        }
        let finding = |path: &EcoString| {
            let fault = Fault::EndlessWait { path: path.replace("/", ".") };
            self.pointing(Finding::new(self.test.span, fault), path, "it waits here")
        };
        waits.iter().map(finding).collect()
    }

    fn is_wait(&self, path: &str) -> bool {
        let program = self.stage.wired.plan().program();
        program.node_at(WorkflowId(0), path).is_some_and(|(workflow, node)| {
            let task = &program.workflows[workflow.index()].nodes[node.index()].task;
            matches!(task, Task::WaitSignal(_) | Task::Approval(_))
        })
    }

    /// The expectations that don't hold.
    fn disappointments(&self) -> Vec<Finding> {
        let workflow = self.stage.wired.workflow(WorkflowId(0));
        let reports = Reports::new(self.report, workflow, &self.test.expectations);
        self.test.expectations.iter().filter_map(|expected| disappointment(expected, &reports)).collect()
    }

    /// Why the run failed, where it was written.
    fn failure(&self) -> Option<Finding> {
        let Some(Outcome::Failed(failure)) = &self.report.outcome else { return None };
        let Failure { error, message, node, attempts, code, .. } = &failure.cause;
        let debug = self.stage.wired.plan().debug().workflows.first()?;
        let whole = code.and_then(|code| Some(debug.codes.get(code.index())?.whole));
        let place = whole.or(Some(debug.name)).and_then(|place| self.stage.span(place));
        let declared = self.stage.declared(&general(node)).filter(|_| whole.is_none());
        let label = match attempts {
            0 | 1 => "it failed here".to_owned(),
            many => format!("it failed here {many} times"),
        };
        let finding = Finding {
            span: declared.or(place)?,
            severity: Severity::Note,
            code: error.to_string(),
            message: format!("the run failed: {message}"),
            label: None,
            labels: Vec::new(),
            help: None,
            fixes: Vec::new(),
            covers: None,
        };
        Some(finding.here(label))
    }
}
