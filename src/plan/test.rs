use std::sync::Arc;

use super::expr::Code;
use super::{Plan, WorkflowId};
use crate::source::{FileId, Span};
use crate::value::EcoString;

/// Tests of workflows, and the plans that they run. They are no part of a plan: they don't change its hash and travel
/// nowhere, so that places in the source can stand in them as they are.
#[derive(Debug, Default)]
pub struct Tests {
    /// Each once, however many tests run it.
    pub plans: Vec<TestedPlan>,
    /// In source order.
    pub tests: Vec<Test>,
}

/// A plan, and which files its places are in.
#[derive(Debug)]
pub struct TestedPlan {
    /// The plan.
    pub plan: Arc<Plan>,
    /// For each file of its debug part the source that it is.
    pub files: Vec<FileId>,
}

/// What a test runs, pretends and expects.
#[derive(Debug)]
pub struct Test {
    /// What it shows.
    pub name: EcoString,
    /// Where its name stands.
    pub span: Span,
    /// The plan of its workflow, by its place in [`Tests::plans`].
    pub plan: usize,
    /// The constants that its values read; one that reads another stands after it.
    pub constants: Vec<Code>,
    /// What the run is started with.
    pub input: Option<Formula>,
    /// In source order.
    pub mocks: Vec<Mock>,
    /// Conditions, in source order. They read [`Variable::Run`](super::expr::Variable::Run) and
    /// [`Variable::Node`](super::expr::Variable::Node), by the nodes of the plan's first workflow.
    pub expectations: Vec<Formula>,
}

/// An expression with the places in which it was written.
#[derive(Debug)]
pub struct Formula {
    /// What is evaluated.
    pub code: Code,
    /// Where the whole was written.
    pub span: Span,
    /// Where each operation of the code was written.
    pub steps: Vec<Span>,
}

/// What stands in for a node.
#[derive(Debug)]
pub struct Mock {
    /// Where its path stands.
    pub span: Span,
    /// The way to the node; all steps but the last lead into another run.
    pub path: Vec<MockStep>,
    /// What the node comes to, time after time; the last of them again and again. At least one.
    pub outcomes: Vec<MockOutcome>,
}

/// A step of the way from the run of a test to a mocked node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MockStep {
    /// A node by its name, behind those of the loops around it: `pages.get`.
    Node(EcoString),
    /// Any run of a workflow below.
    Callee(WorkflowId),
}

/// What a mocked node comes to; its expressions read constants only.
#[derive(Debug)]
pub enum MockOutcome {
    /// A record of outputs; those that are left out get their defaults.
    Output(Formula),
    /// A failure.
    Failure {
        /// The error's name.
        name: EcoString,
        /// Its details, a record.
        details: Option<Formula>,
        /// Its message.
        message: Option<Formula>,
    },
}
