//! What nodes and runs fail with.

use super::checker::Checker;
use super::draft::Draft;
use super::errors::{check_comes, merged};
use super::expr;
use super::failure::{errors_in_scope, unhandled};
use super::plot::Connection;
use super::program::{Argument, Config, ErrorType, GraphIx, Node, NodeIx};
use super::typed::{ExprKind, Variable};
use crate::ast;
use crate::catalog::UNNAMED_FAILURE;
use crate::diagnostic::Finding;
use crate::source::FileId;
use crate::types::Type;

impl<'a> Checker<'a> {
    /// The errors of a body, a callee, a remote activity.
    pub(super) fn further_errors(&self, draft: &Draft<'a>, ix: NodeIx, config: &Config) -> Vec<ErrorType> {
        if let Some(body) = draft.plot.nodes[ix].body {
            // What fails an iteration that is dropped doesn't fail the loop.
            let drops = config.word("on_iteration_error").is_some_and(|word| word == "continue");
            return if drops { Vec::new() } else { self.unhandled_in(draft, body) };
        }
        match config.get("call") {
            Some(Argument::Workflow(callee)) if !config.flag("detached") => {
                self.outputs.get(callee).map(|(_, errors)| errors.clone()).unwrap_or_default()
            }
            Some(Argument::Activity(callee)) => self
                .program
                .activities
                .get(*callee)
                .map(|activity| activity.errors.clone())
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What a run of the workflow may fail with.
    pub(super) fn run_errors(&self, draft: &Draft<'a>) -> Vec<ErrorType> {
        let timeout =
            draft.header.timeout.map(|_| self.declared_error(draft.plot.file.id, "WorkflowTimeout", false));
        merged(self.unhandled_in(draft, 0).into_iter().chain(timeout))
    }

    fn unhandled_in(&self, draft: &Draft<'a>, graph: GraphIx) -> Vec<ErrorType> {
        unhandled(&draft.plot, graph, &draft.nodes, &|ix, node| self.ends_with(draft, ix, node))
    }

    /// The errors that a node ends its run with.
    fn ends_with(&self, draft: &Draft<'a>, ix: NodeIx, node: &Node) -> Vec<ErrorType> {
        if let Some(Argument::Error { name, .. }) = node.config.get("error") {
            return vec![self.declared_error(draft.plot.file.id, name, false)];
        }
        let with = node.config.expr("with").map(|with| &self.exprs[with].kind);
        match with {
            None if node.kind == "fail" => {
                vec![self.declared_error(draft.plot.file.id, UNNAMED_FAILURE, false)]
            }
            Some(ExprKind::Variable(Variable::NodeError(of) | Variable::MaybeNodeError(of))) => {
                draft.node(*of).map(|node| node.errors.clone()).unwrap_or_default()
            }
            Some(ExprKind::Variable(Variable::Error)) => {
                let errors = errors_in_scope(&draft.plot, &draft.nodes, ix).unwrap_or_default();
                errors.into_iter().cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// An error by the name that runs know, with the details that a file declares for it.
    pub(super) fn declared_error(&self, file: FileId, name: &str, retryable: bool) -> ErrorType {
        ErrorType { name: name.into(), retryable, details: self.errors.details(file, name).cloned() }
    }

    /// Refuses an error that is raised without the details which it is declared with.
    pub(super) fn check_details(&mut self, file: FileId, config: &Config) {
        let Some(Argument::Error { name, details: None, .. }) = config.get("error") else { return };
        let (Some(Type::Record(details)), Some(at)) = (self.errors.details(file, name), config.span("error"))
        else {
            return;
        };
        let required = details.fields().iter().filter(|field| field.is_required());
        let fields: Vec<String> = required.map(|field| format!("`{}`", field.name)).collect();
        if !fields.is_empty() && config.span("details").is_none() {
            let error = expr::Error::MissingField { ty: name.to_string(), fields: fields.join(", ") };
            self.problems.report(Finding::new(at, error));
        }
    }

    /// Refuses cases for errors that never reach a handler.
    pub(super) fn check_cases(&mut self, draft: &Draft<'a>, ix: NodeIx) {
        let place = &draft.plot.nodes[ix];
        let Some(errors) = errors_in_scope(&draft.plot, &draft.nodes, ix) else { return };
        let unknown_source =
            |connection: &Connection<'_>| connection.source.is_none_or(|source| draft.node(source).is_none());
        if draft.plot.incoming(ix).any(unknown_source) {
            return;
        }
        let Some(ast::FieldValue::Block(cases)) = place.field("cases").map(|field| &field.value) else {
            return;
        };
        for case in &cases.fields {
            let Some(text) = self.errors.name(draft.plot.file.id, &case.name.text).cloned() else { continue };
            let (of, name) =
                (format!("what leads to `{}`", place.name()), ast::Name { text, span: case.name.span });
            check_comes(of, errors.iter().copied(), &name, &mut self.problems);
        }
    }
}
