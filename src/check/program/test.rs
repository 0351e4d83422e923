use ecow::EcoString;

use super::WorkflowIx;
use crate::check::typed::ExprId;
use crate::source::Span;

/// `test "name" { … }`
#[derive(Debug, Clone)]
pub struct Test {
    /// What it shows.
    pub name: EcoString,
    /// Where its name stands.
    pub span: Span,
    /// What it runs.
    pub workflow: WorkflowIx,
    /// With what; it reads constants only.
    pub input: Option<ExprId>,
    /// In source order.
    pub mocks: Vec<Mock>,
    /// Conditions over the reports of the run and its nodes, in source order.
    pub expectations: Vec<ExprId>,
}

/// `mock pages.get { … }`
#[derive(Debug, Clone)]
pub struct Mock {
    /// Where its path stands.
    pub span: Span,
    /// The way to its node.
    pub path: Vec<MockStep>,
    /// What its node comes to, time after time; the last of them again and again. At least one.
    pub outcomes: Vec<MockOutcome>,
}

/// A step of the way from the run of a test to a mocked node; all but the last lead into another run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MockStep {
    /// A node by its name, behind those of the loops around it: `pages.get`.
    Node(EcoString),
    /// Any run of a workflow below.
    Callee(WorkflowIx),
}

/// What a mocked node comes to. The expressions read constants only.
#[derive(Debug, Clone)]
pub enum MockOutcome {
    /// A record of outputs; those that are left out get their types' defaults, at any depth.
    Output(ExprId),
    /// A failure.
    Failure {
        /// The error's name.
        name: EcoString,
        /// Its details, a record.
        details: Option<ExprId>,
        /// Its message.
        message: Option<ExprId>,
    },
}
