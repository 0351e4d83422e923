//! Nodes that run for another reason than their connections: undos, and those of `on_failure` and `finally`.

use std::collections::BTreeMap;

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::program::{Config, Node, NodeIx, OnError, Role};
use crate::catalog::{Class, Kind, Ports};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;

/// What can be wrong with such a node.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{undo}` undoes `{other}` already")]
    #[diagnostic(code(undo_shared), help("an undo belongs to one node; write a second one"))]
    Shared { undo: EcoString, other: EcoString },
    #[error("`{undo}` undoes `{of}`, so it can't be connected")]
    #[diagnostic(
        code(undo_connected),
        help("it runs when the run stops after `{of}` has succeeded; remove this connection")
    )]
    UndoConnected { undo: EcoString, of: EcoString },
    #[error("`{node}` is named by `{by}`, so it can't be connected")]
    #[diagnostic(code(special_connected), help("it runs at the end of the run; remove this connection"))]
    HandlerConnected { node: EcoString, by: &'static str },
    #[error("an undo can't be undone")]
    #[diagnostic(
        code(undo_compensated),
        help("remove `compensate`; a failed undo is listed in the run's failure")
    )]
    Compensated,
    #[error("an undo has no `on_error`")]
    #[diagnostic(
        code(undo_on_error),
        help("remove it; a failed undo is listed, and the others run all the same")
    )]
    OnError,
    #[error("`{node}` can't undo itself")]
    #[diagnostic(code(undo_of_itself), help("name another node of the same graph"))]
    OfItself { node: EcoString },
    #[error("`{node}` is named by `{by}` and as an undo")]
    #[diagnostic(code(special_twice), help("write a node for each"))]
    Twice { node: EcoString, by: &'static str },
    #[error("`{kind}` can't undo anything: {why}")]
    #[diagnostic(code(undo_kind), help("an undo is an activity, a child or a computation"))]
    Kind { kind: EcoString, why: &'static str },
    #[error("`{kind}` does nothing in `{by}`: {why}")]
    #[diagnostic(code(special_kind), help("name a node that does something: an activity, a child, a loop"))]
    HandlerKind { kind: EcoString, by: &'static str, why: &'static str },
    #[error("what `{by}` names is never undone")]
    #[diagnostic(code(undo_compensated), help("remove `compensate`; undos have run by then"))]
    HandlerCompensated { by: &'static str },
    #[error("a failed node stays failed here, and is never undone")]
    #[diagnostic(
        code(continue_with_compensate),
        severity(Warning),
        help("with `on_error: continue` the run goes on and nothing is taken back; remove one of the two")
    )]
    WithContinue,
    #[error("a success by `fallback` did nothing that could be undone")]
    #[diagnostic(code(fallback_with_compensate), severity(Warning), help("remove one of the two"))]
    WithFallback,
}

/// Why a node runs at the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Special<'a> {
    /// Its name.
    pub(super) name: &'a EcoString,
    /// What it is.
    pub(super) reason: Reason<'a>,
}

/// Why a node runs without connections.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reason<'a> {
    /// `compensate` of this node.
    Undo(&'a EcoString),
    /// This field of the workflow.
    Handler(&'static str),
}

/// The roles of a graph's nodes, as they are claimed one after the other.
#[derive(Debug)]
pub(super) struct Roles {
    roles: Vec<Role>,
    /// The members of the workflow that name handlers.
    handlers: BTreeMap<NodeIx, &'static str>,
}

impl Roles {
    /// Steps, all of them.
    pub(super) fn new(nodes: usize) -> Self {
        Self { roles: vec![Role::Step; nodes], handlers: BTreeMap::new() }
    }

    /// What a node is.
    pub(super) fn get(&self, node: NodeIx) -> Role {
        self.roles.get(node).copied().unwrap_or(Role::Step)
    }

    /// `on_failure` or `finally` names a node; both may name the same.
    pub(super) fn claim_handler(&mut self, node: NodeIx, by: &'static str) {
        if let Some(role) = self.roles.get_mut(node) {
            *role = Role::Handler;
            self.handlers.entry(node).or_insert(by);
        }
    }

    /// The member of the workflow that names a handler.
    pub(super) fn handler_of(&self, node: NodeIx) -> &'static str {
        self.handlers.get(&node).copied().unwrap_or("finally")
    }

    /// `compensate` of `of` names `undo`, written at `at`: whether it can be that.
    pub(super) fn claim_undo(
        &mut self,
        undo: NodeIx,
        of: NodeIx,
        names: &[EcoString],
        at: Span,
        problems: &mut Problems,
    ) -> bool {
        let name = |node: NodeIx| names.get(node).cloned().unwrap_or_default();
        let error = match self.get(undo) {
            _ if undo == of => Error::OfItself { node: name(of) },
            Role::Undo(other) => Error::Shared { undo: name(undo), other: name(other) },
            Role::Handler => Error::Twice { node: name(undo), by: self.handler_of(undo) },
            Role::Step => {
                if let Some(role) = self.roles.get_mut(undo) {
                    *role = Role::Undo(of);
                }
                return true;
            }
        };
        problems.report(Finding::new(at, error));
        false
    }
}

/// Refuses a connection to or from such a node.
pub(super) fn report_connected(special: Special<'_>, end: Span, problems: &mut Problems) {
    let error = match special.reason {
        Reason::Undo(of) => Error::UndoConnected { undo: special.name.clone(), of: of.clone() },
        Reason::Handler(by) => Error::HandlerConnected { node: special.name.clone(), by },
    };
    problems.report(Finding::new(end, error));
}

/// What an undo's kind and own fields may not say.
pub(super) fn check_undo(kind: &Kind, undo: &Node, problems: &mut Problems) {
    if let Some(why) = idle(kind) {
        problems.report(Finding::new(undo.span, Error::Kind { kind: undo.kind.clone(), why }));
    }
    for (field, error) in [("compensate", Error::Compensated), ("on_error", Error::OnError)] {
        if let Some(span) = undo.config.span(field) {
            problems.report(Finding::new(span, error));
        }
    }
}

/// What the kind and the own fields of a node that a member of the workflow names may not say.
pub(super) fn check_handler(by: &'static str, kind: &Kind, node: &Node, problems: &mut Problems) {
    if let Some(why) = idle(kind) {
        problems.report(Finding::new(node.span, Error::HandlerKind { kind: node.kind.clone(), by, why }));
    }
    if let Some(span) = node.config.span("compensate") {
        problems.report(Finding::new(span, Error::HandlerCompensated { by }));
    }
}

/// Why a node of a kind does nothing without connections.
fn idle(kind: &Kind) -> Option<&'static str> {
    match kind.class {
        Class::Ending => Some("the run is ending already"),
        _ if kind.is_handler() || matches!(kind.ports, Ports::Condition) => {
            Some("it decides where to go on, and nothing follows")
        }
        _ => None,
    }
}

/// Warns of an undo that never runs.
pub(super) fn check_undone(config: &Config, on_error: &OnError, problems: &mut Problems) {
    let Some(at) = config.span("compensate") else { return };
    if *on_error == OnError::Continue {
        problems.report(Finding::new(at, Error::WithContinue));
    }
    if config.span("fallback").is_some() {
        problems.report(Finding::new(at, Error::WithFallback));
    }
}
