//! The answers of the flow analysis in the author's words.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::flow::{Cycle, Defect, End, ErrorType, NeverTaken, NodeIx, Readability, Step, Way};
use crate::diagnostic::Finding;
use crate::source::Span;

/// What the flow of a graph refuses, or finds strange.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{of}` may have no output when {reader} reads it")]
    #[diagnostic(code(may_not_have_run), help("{way}; read `{of}.?…` and say what holds otherwise"))]
    MayNotHaveRun { of: EcoString, reader: String, way: String },
    #[error("`{of}` may not have failed when {reader} reads its error")]
    #[diagnostic(code(may_not_have_failed), help("{way}; read `{of}.?error`"))]
    MayNotHaveFailed { of: EcoString, reader: String, way: String },
    #[error("{reader} doesn't come after `{of}`")]
    #[diagnostic(code(not_upstream), help("{}", match (downstream, to) {
        (true, _) => format!("`{of}` comes after it, or is it: what is repeated is a `loop`"),
        (false, Some(to)) => format!("connect them: `{of} -> {to}`"),
        (false, None) => "it has no connections; it reads what it undoes, and what came before that".to_owned(),
    }))]
    NotUpstream { of: EcoString, reader: String, to: Option<EcoString>, downstream: bool },
    #[error("{reader} comes before `{of}`")]
    #[diagnostic(code(not_upstream), help("`{of}` runs after everything else: nothing of it is known here"))]
    RunsAfterwards { of: EcoString, reader: String },
    #[error("this may be none")]
    #[diagnostic(code(value_unproven), help("{way}; use `.orValue(…)`, or ask `hasValue()` before"))]
    ValueUnproven { way: String },
    #[error("these connections form a cycle")]
    #[diagnostic(code(cycle), help("{path}: repetition is a `loop` node with a body"))]
    Cycle { path: String },
    #[error("`{node}` is connected with nothing, so it starts at once")]
    #[diagnostic(code(unconnected_node), severity(Warning), help("write `start -> {node}` if that is meant"))]
    Unconnected { node: EcoString },
    #[error("`{node}` waits for {count} connections and has {incoming}")]
    #[diagnostic(code(join_too_large), help("it would never run"))]
    JoinTooLarge { node: EcoString, count: usize, incoming: usize },
    #[error("`join` makes no difference for a node with {}", if *incoming == 0 { "no connection" } else { "one connection" })]
    #[diagnostic(
        code(join_without_choice),
        severity(Warning),
        help("remove it, or connect `{node}` with more nodes")
    )]
    JoinWithoutChoice { node: EcoString, incoming: usize },
    #[error("`{node}` never runs")]
    #[diagnostic(code(never_runs), severity(Warning), help("its connections are never taken together"))]
    NeverRuns { node: EcoString },
    #[error("this connection is never taken")]
    #[diagnostic(code(dead_route), severity(Warning), help("{reason}"))]
    DeadRoute { reason: String },
}

/// A `.value()` of what no node and no condition can vouch for.
pub(super) fn unproven(span: Span) -> Finding {
    Finding::new(span, Error::ValueUnproven { way: "nothing here says that there is a value".into() })
}

/// The names by which a graph of the analysis is told.
pub(super) struct Names {
    /// Of the nodes.
    pub(super) nodes: Vec<EcoString>,
    /// Of the nodes' own ports.
    pub(super) ports: Vec<Vec<EcoString>>,
    /// Of the interned error types.
    pub(super) errors: Vec<EcoString>,
    /// Where the nodes are declared.
    pub(super) spans: Vec<Span>,
}

/// What is read where.
pub(super) struct Question {
    /// The node that is read; the first where one of several will do.
    pub(super) of: NodeIx,
    /// Who reads: `` `ship` ``, "the output".
    pub(super) reader: String,
    /// Its name, where it is a node that can be connected.
    pub(super) to: Option<EcoString>,
    /// Where.
    pub(super) span: Span,
    /// Whether the error is read, not an output.
    pub(super) error: bool,
    /// Whether `.value()` asks that one of several has succeeded.
    pub(super) value: bool,
}

impl Names {
    /// The finding of an answer that refuses.
    pub(super) fn refusal(&self, question: &Question, answer: &Readability) -> Option<Finding> {
        let of = self.node(question.of);
        let reader = question.reader.clone();
        let error = match answer {
            Readability::Readable | Readability::Unknown => return None,
            Readability::NotUpstream { downstream } => {
                Error::NotUpstream { of, reader, to: question.to.clone(), downstream: *downstream }
            }
            Readability::Optional(Way::RunsAfterwards) => Error::RunsAfterwards { of, reader },
            answer => {
                let way = self.why(&of, question, answer);
                match (question.error, question.value) {
                    (true, _) => Error::MayNotHaveFailed { of, reader, way },
                    (false, true) => Error::ValueUnproven { way },
                    (false, false) => Error::MayNotHaveRun { of, reader, way },
                }
            }
        };
        let declared = self.spans.get(question.of).copied();
        let finding = Finding::new(question.span, error);
        Some(match declared {
            Some(span) => finding.label(span, "declared here"),
            None => finding,
        })
    }

    fn why(&self, of: &str, question: &Question, answer: &Readability) -> String {
        let reader = &question.reader;
        match answer {
            Readability::NotDecided { join, after } if join == after => {
                format!("`{}` may start before `{of}` has ended", self.node(*join))
            }
            Readability::NotDecided { join, after } => {
                format!("`{}` may start as soon as `{}` has ended", self.node(*join), self.node(*after))
            }
            Readability::Optional(Way::When(steps)) if !steps.is_empty() => {
                let steps: Vec<String> = steps.iter().map(|step| self.step(step)).collect();
                let lack = if question.error { "no failure of" } else { "no output of" };
                format!("{reader} runs with {lack} `{of}` when {}", steps.join(" and "))
            }
            Readability::Optional(Way::ReaderIsHandler) => {
                "anything may have failed before the end of a run".into()
            }
            Readability::Optional(Way::TooLarge) => "the graph is too large to prove it".into(),
            _ => format!("{reader} may run without it"),
        }
    }

    fn step(&self, step: &Step) -> String {
        let node = self.node(step.node);
        match &step.end {
            End::Fires(port) => match self.port(step.node, *port).as_str() {
                side @ ("true" | "false") => format!("`{node}` is {side}"),
                port => format!("`{node}` ends on `{port}`"),
            },
            End::Succeeds => format!("`{node}` succeeds"),
            End::Fails(errors) => self.failure(&node, errors),
            End::Cancelled { by: Some(by) } => format!("`{}` cancels `{node}`", self.node(*by)),
            End::Cancelled { by: None } => format!("`{node}` is cancelled"),
            End::Missing => format!("`{node}` has no output"),
        }
    }

    fn failure(&self, node: &str, errors: &[ErrorType]) -> String {
        let names: Vec<String> = errors
            .iter()
            .filter_map(|error| self.errors.get(error.0 as usize))
            .map(|name| format!("`{name}`"))
            .collect();
        match names.as_slice() {
            [] => format!("`{node}` fails"),
            [one] => format!("`{node}` fails with {one}"),
            [one, ..] => format!("`{node}` fails, for instance with {one}"),
        }
    }

    /// The finding of a cycle; `at` is the connection that closes it.
    pub(super) fn cycle(&self, cycle: &Cycle, at: Span) -> Finding {
        let mut path: Vec<String> = cycle.path.iter().map(|node| self.node(*node).to_string()).collect();
        path.extend(path.first().cloned());
        Finding::new(at, Error::Cycle { path: format!("`{}`", path.join(" -> ")) })
    }

    /// The finding of a defect; `at` gives a connection's place.
    pub(super) fn defect(
        &self,
        defect: &Defect,
        connections: &[Span],
        joins: &[Option<Span>],
    ) -> Option<Finding> {
        let declared = |node: NodeIx| self.spans.get(node).copied();
        let join = |node: NodeIx| joins.get(node).copied().flatten().or_else(|| declared(node));
        let (span, error) = match defect {
            Defect::Unconnected(node) => (declared(*node)?, Error::Unconnected { node: self.node(*node) }),
            Defect::JoinTooLarge { node, count, incoming } => (
                join(*node)?,
                Error::JoinTooLarge { node: self.node(*node), count: *count, incoming: *incoming },
            ),
            Defect::JoinWithoutChoice(node) => {
                (join(*node)?, Error::JoinWithoutChoice { node: self.node(*node), incoming: 1 })
            }
            Defect::DeadNode { node, conflict } => {
                let finding = Finding::new(declared(*node)?, Error::NeverRuns { node: self.node(*node) });
                let Some((one, other)) = conflict else { return Some(finding) };
                let (one, other) = (*connections.get(*one)?, *connections.get(*other)?);
                return Some(finding.label(one, "this one excludes").label(other, "this one"));
            }
            Defect::DeadRoute { connection, because } => {
                (*connections.get(*connection)?, Error::DeadRoute { reason: reason(*because).into() })
            }
        };
        Some(Finding::new(span, error))
    }

    /// That a node behind a connection that is never taken never runs.
    pub(super) fn never_runs(&self, node: NodeIx) -> Option<Finding> {
        Some(Finding::new(self.spans.get(node).copied()?, Error::NeverRuns { node: self.node(node) }))
    }

    fn node(&self, node: NodeIx) -> EcoString {
        self.nodes.get(node).cloned().unwrap_or_default()
    }

    fn port(&self, node: NodeIx, port: usize) -> EcoString {
        self.ports.get(node).and_then(|ports| ports.get(port)).cloned().unwrap_or_default()
    }
}

fn reason(because: NeverTaken) -> &'static str {
    match because {
        NeverTaken::NoErrors => "its source can't fail",
        NeverTaken::AllErrorsNamed => "other connections name every error of its source",
        NeverTaken::Excluded => "what has been decided before excludes that port",
    }
}
