use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::place::general;
use super::values::Values;
use crate::diagnostic::Finding;
use crate::driver::sim::{Attempt, Reply, Script};
use crate::engine::machine::Failure;
use crate::plan::{self, MockOutcome, MockStep, Task, Test, WorkflowId};
use crate::value::{EcoString, Value};

/// The mocks of a test in their parts.
#[derive(Debug)]
pub(super) struct Cast<'t> {
    roles: Vec<Role<'t>>,
    /// Who plays a node, by its general path.
    known: BTreeMap<EcoString, Option<usize>>,
    /// The general paths of activities that nobody plays.
    pub(super) missing: BTreeSet<EcoString>,
}

/// A mock.
#[derive(Debug)]
struct Role<'t> {
    path: &'t [MockStep],
    turns: Vec<Turn>,
    /// How many of them have been taken, over all executions of the node.
    taken: usize,
}

#[derive(Clone, Debug)]
enum Turn {
    Output(Value),
    Failure(Failure),
}

impl<'t> Cast<'t> {
    /// Works out what the mocks of a test give; what has no value is found.
    pub(super) fn of(test: &'t Test, values: &Values) -> Result<Self, Vec<Finding>> {
        let (mut roles, mut findings) = (Vec::with_capacity(test.mocks.len()), Vec::new());
        for mock in &test.mocks {
            let turns: Result<Vec<Turn>, Box<Finding>> =
                mock.outcomes.iter().map(|outcome| turn(outcome, values)).collect();
            match turns {
                Ok(turns) => roles.push(Role { path: &mock.path, turns, taken: 0 }),
                Err(finding) => findings.push(*finding),
            }
        }
        if findings.is_empty() {
            Ok(Self { roles, known: BTreeMap::new(), missing: BTreeSet::new() })
        } else {
            Err(findings)
        }
    }

    /// What a node comes to this time, where somebody plays it.
    fn turn(&mut self, attempt: &Attempt<'_>) -> Option<Turn> {
        let path = general(attempt.path);
        let role = match self.known.get(&path) {
            Some(role) => *role,
            None => {
                let role = self.roles.iter().position(|role| role.plays(&path, attempt.lineage));
                self.known.insert(path, role);
                role
            }
        };
        let role = self.roles.get_mut(role?)?;
        let turn = role.turns.get(role.taken).or(role.turns.last()).cloned();
        role.taken += 1;
        turn
    }

    fn reply(attempt: &Attempt<'_>, turn: Turn) -> Reply {
        let workflow = attempt.workflow;
        match turn {
            Turn::Output(output) => Reply::output(workflow.shapes.completed(attempt.node.output, output)),
            Turn::Failure(failure) => {
                let known = workflow.errors[attempt.node.errors.index()].get(failure.error.as_str());
                let details = match (&failure.details, known.and_then(|error| error.details)) {
                    (Value::Null, Some(shape)) => workflow.shapes.default_value(shape),
                    (given, _) => given.clone(),
                };
                // What takes too long takes all of its time.
                let after = attempt.timeout.filter(|_| failure.error == "Timeout").unwrap_or(0);
                Reply::failure(Failure { details, ..failure }).after(after)
            }
        }
    }
}

impl Role<'_> {
    /// Whether it plays the node at a general path, which leads through runs of these workflows.
    fn plays(&self, path: &str, lineage: &[WorkflowId]) -> bool {
        let way: Vec<(&str, WorkflowId)> = path.split('/').zip(lineage.iter().copied()).collect();
        leads(self.path, &way)
    }
}

/// Whether steps lead along a way of nodes, each with the workflow that it is a node of.
fn leads(steps: &[MockStep], way: &[(&str, WorkflowId)]) -> bool {
    match (steps, way) {
        ([], []) => true,
        ([MockStep::Node(node), steps @ ..], [(here, _), way @ ..]) => node == *here && leads(steps, way),
        ([MockStep::Callee(workflow), steps @ ..], way) => {
            (1..way.len()).any(|at| way[at].1 == *workflow && leads(steps, &way[at..]))
        }
        _ => false,
    }
}

fn turn(outcome: &MockOutcome, values: &Values) -> Result<Turn, Box<Finding>> {
    let (name, details, message) = match outcome {
        MockOutcome::Output(output) => return values.value(output).map(Turn::Output),
        MockOutcome::Failure { name, details, message } => (name, details, message),
    };
    let message = message.as_ref().map_or_else(|| Ok(name.clone()), |message| values.text(message))?;
    let details = details.as_ref().map_or(Ok(Value::Null), |details| values.value(details))?;
    Ok(Turn::Failure(Failure { details, ..Failure::new(name.clone(), message) }))
}

impl Script for Cast<'_> {
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply {
        let Some(turn) = self.turn(attempt) else {
            // No test has to say that a message of an approval is sent.
            if matches!(attempt.node.role, plan::Role::Message(_)) {
                return Reply::output(attempt.workflow.shapes.default_value(attempt.node.output));
            }
            // The run goes on, so that all mocks that are missing are found at once.
            self.missing.insert(general(attempt.path));
            return Reply::output(attempt.workflow.shapes.default_value(attempt.node.output));
        };
        Self::reply(attempt, turn)
    }

    fn child(&mut self, attempt: &Attempt<'_>) -> Option<Reply> {
        self.turn(attempt).map(|turn| Self::reply(attempt, turn))
    }

    fn signal(&mut self, attempt: &Attempt<'_>) -> Option<Json> {
        // A failure of a wait is that its time runs out.
        let Some(Turn::Output(output)) = self.turn(attempt) else { return None };
        match &attempt.node.task {
            Task::Approval(_) => decision(&output, attempt.input),
            _ => {
                let output = attempt.workflow.shapes.completed(attempt.node.output, output);
                output.field("payload")?.to_json().ok()
            }
        }
    }
}

/// What a person says: the first who may answer agrees where nothing else is said.
fn decision(output: &Value, question: &Value) -> Option<Json> {
    let mut said = output.to_json().ok()?;
    let first = match question.field("approvers") {
        Some(Value::List(approvers)) => approvers.first().and_then(|first| first.to_json().ok()),
        _ => None,
    };
    let fields = said.as_object_mut()?;
    fields.entry("decision").or_insert_with(|| "approved".into());
    fields.entry("by").or_insert_with(|| first.unwrap_or_else(|| "somebody".into()));
    Some(said)
}
