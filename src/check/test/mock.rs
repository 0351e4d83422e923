//! Mocks: which node they stand for, and whether they give what it could have given.

use ecow::{EcoString, eco_format};
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ExprKind, Field, FieldValue, File, Mock, Name};
use crate::catalog::{Class, Reference};
use crate::check::block::report_duplicate;
use crate::check::checker::{Checker, Site};
use crate::check::errors::check_possible;
use crate::check::program::{
    Argument, GraphIx, Mock as Checked, MockOutcome, MockStep, Node, NodeIx, Workflow, WorkflowIx,
};
use crate::check::typed::{Entry, ExprId, ExprKind as Typed};
use crate::diagnostic::{Finding, nearest};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

/// What can be wrong with a mock.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("{within} has no node `{name}`")]
    #[diagnostic(code(unknown_mock), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a node in a body is mocked as `pages.get`, one of a child as `pay.charge`".to_owned(),
    }))]
    UnknownNode { within: String, name: EcoString, suggestion: Option<String> },
    #[error("`{name}` is {what} and runs in the test itself")]
    #[diagnostic(code(mock_of_pure_node), help("remove the mock{}", if *repeats { ", or mock the nodes of its body" } else { "" }))]
    Pure { name: EcoString, what: String, repeats: bool },
    #[error("`{name}` is mocked twice")]
    #[diagnostic(code(duplicate_mock), help("give several outcomes in a `sequence`"))]
    Duplicate { name: EcoString },
    #[error("`{field}` doesn't go with `{other}`")]
    #[diagnostic(code(mock_forms), help("a mock gives outputs, `fail: …` or `sequence: […]`"))]
    Forms { field: EcoString, other: EcoString },
    #[error("`{node}` has no output `{name}`")]
    #[diagnostic(code(unknown_mock_output), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its outputs are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }))]
    UnknownOutput { node: EcoString, name: EcoString, suggestion: Option<String>, known: Vec<EcoString> },
    #[error("`{node}` waits, and can only fail with `Timeout`")]
    #[diagnostic(
        code(mock_of_wait),
        help("write `fail: Timeout(\"nobody answered\")`, or give what it waits for")
    )]
    Wait { node: EcoString },
    #[error("`sequence` takes a list of outcomes")]
    #[diagnostic(code(mock_sequence), help("write `sequence: [Timeout(\"slow\"), {{ \"status\": 200 }}]`"))]
    Sequence,
    #[error("a mock gives values")]
    #[diagnostic(code(mock_value), help("write `{name}: …`"))]
    Value { name: EcoString },
}

/// The node that a mock stands for, and the way to it.
struct Mocked {
    workflow: WorkflowIx,
    node: NodeIx,
    path: Vec<MockStep>,
}

impl<'a> Checker<'a> {
    /// A mock; `mocked` are the nodes that have one already, with their places.
    pub(super) fn mock(
        &mut self,
        file: &'a File,
        workflow: WorkflowIx,
        mock: &'a Mock,
        mocked: &mut Vec<(Vec<EcoString>, Span)>,
    ) -> Option<Checked> {
        let Mocked { workflow, node, path } = self.mocked_node(file, workflow, &mock.path)?;
        let names: Vec<EcoString> = mock.path.iter().map(|name| name.text.clone()).collect();
        let span = mock.path.first().zip(mock.path.last()).map(|(first, last)| first.span.to(last.span))?;
        if let Some((_, first)) = mocked.iter().find(|(known, _)| *known == names) {
            let error = Error::Duplicate { name: names.join(".").into() };
            self.problems.report(Finding::new(span, error).label(*first, "first mocked here"));
            return None;
        }
        mocked.push((names, span));
        let node = self.program.workflows[workflow].nodes[node].clone();
        if let Some(error) = self.pure(&node) {
            self.problems.report(Finding::new(span, error));
            return None;
        }
        Some(Checked { span, path, outcomes: self.outcomes(file, &node, &mock.block) })
    }

    /// Follows a path through bodies and children.
    fn mocked_node(&mut self, file: &'a File, workflow: WorkflowIx, path: &[Name]) -> Option<Mocked> {
        let (mut workflow, mut graph): (WorkflowIx, GraphIx) = (workflow, 0);
        let (mut steps, mut bodies) = (Vec::new(), EcoString::new());
        let (last, way) = path.split_last()?;
        for name in way {
            // A child is also named by the workflow that it runs.
            if let Some(callee) = self.called(file, workflow, name) {
                steps.push(MockStep::Callee(callee));
                (workflow, graph, bodies) = (callee, 0, EcoString::new());
                continue;
            }
            let node = self.node_named(workflow, graph, name)?;
            let node = &self.program.workflows[workflow].nodes[node];
            match (&node.body, node.config.get("call")) {
                (Some(body), _) => {
                    graph = body.graph;
                    bodies = eco_format!("{bodies}{}.", name.text);
                }
                (None, Some(Argument::Workflow(callee))) => {
                    steps.push(MockStep::Node(eco_format!("{bodies}{}", name.text)));
                    (workflow, graph, bodies) = (*callee, 0, EcoString::new());
                }
                _ => {
                    let within = format!("`{}`", name.text);
                    let error = Error::UnknownNode { within, name: last.text.clone(), suggestion: None };
                    self.problems.report(Finding::new(last.span, error));
                    return None;
                }
            }
        }
        let node = self.node_named(workflow, graph, last)?;
        steps.push(MockStep::Node(eco_format!("{bodies}{}", last.text)));
        Some(Mocked { workflow, node, path: steps })
    }

    fn called(&self, file: &'a File, workflow: WorkflowIx, name: &Name) -> Option<WorkflowIx> {
        let callee = self.declared(file.id, Reference::Workflow, &name.text)?;
        let nodes = &self.program.workflows[workflow].nodes;
        let calls =
            |node: &Node| matches!(node.config.get("call"), Some(Argument::Workflow(of)) if *of == callee);
        let is_node = nodes.iter().any(|node| node.name == name.text);
        (!is_node && nodes.iter().any(calls)).then_some(callee)
    }

    fn node_named(&mut self, workflow: WorkflowIx, graph: GraphIx, name: &Name) -> Option<NodeIx> {
        let workflow: &Workflow = &self.program.workflows[workflow];
        let nodes = &workflow.graphs.get(graph)?.nodes;
        let found = nodes.iter().find(|node| workflow.nodes[**node].name == name.text);
        if found.is_some() {
            return found.copied();
        }
        let names = nodes.iter().map(|node| workflow.nodes[*node].name.as_str());
        let suggestion = nearest(&name.text, names).map(str::to_owned);
        let within = match workflow.graphs[graph].owner {
            Some(owner) => format!("the body of `{}`", workflow.nodes[owner].name),
            None => format!("`{}`", workflow.name),
        };
        let error = Error::UnknownNode { within, name: name.text.clone(), suggestion: suggestion.clone() };
        let finding = Finding::new(name.span, error);
        self.problems.report(match suggestion {
            Some(near) => finding.fix(format!("write `{near}`"), name.span, near),
            None => finding,
        });
        None
    }

    /// Why a node can't be mocked: what it does is a part of what is tested. Time is virtual, so that delays take none.
    fn pure(&self, node: &Node) -> Option<Error> {
        let class = self.catalog.kind(&node.kind)?.class;
        let repeats = node.body.is_some();
        let own = matches!(class, Class::Pure | Class::Ending) || node.kind == "delay" || repeats;
        own.then(|| Error::Pure { name: node.name.clone(), what: format!("a `{}`", node.kind), repeats })
    }

    /// Outputs, `fail` or `sequence`: one of the three.
    fn outcomes(&mut self, file: &'a File, node: &Node, block: &'a ast::Block) -> Vec<MockOutcome> {
        let mut seen: Vec<&Field> = Vec::new();
        let (mut outputs, mut outcomes) = (Vec::new(), Vec::new());
        for field in &block.fields {
            if let Some(other) = seen.iter().find(|other| other.name.text == field.name.text) {
                report_duplicate(&field.name, other.name.span, &mut self.problems);
                continue;
            }
            if let Some(other) = seen.first().filter(|other| is_outcome(other) || is_outcome(field)) {
                let error = Error::Forms { field: field.name.text.clone(), other: other.name.text.clone() };
                self.problems.report(Finding::new(field.name.span, error));
            } else if let Some(expr) = self.mock_value(field) {
                match field.name.text.as_str() {
                    "fail" => outcomes.extend(self.mocked_failure(file, node, expr)),
                    "sequence" => outcomes = self.mocked_sequence(file, node, expr),
                    _ => outputs.extend(self.mocked_output(file, node, &field.name, expr)),
                }
            }
            seen.push(field);
        }
        if !seen.iter().any(|field| is_outcome(field)) {
            outcomes.push(MockOutcome::Output(self.record(outputs, node, block.span)));
        }
        outcomes
    }

    fn mock_value(&mut self, field: &Field) -> Option<ast::ExprId> {
        match &field.value {
            FieldValue::Expr(expr) => Some(*expr),
            FieldValue::Bad => None,
            _ => {
                let error = Error::Value { name: field.name.text.clone() };
                self.problems.report(Finding::new(field.name.span, error));
                None
            }
        }
    }

    /// The outputs as one record.
    fn record(&mut self, outputs: Vec<(EcoString, ExprId)>, node: &Node, span: Span) -> ExprId {
        let entry = |(name, value): (EcoString, ExprId)| {
            let key = self.exprs.add(Typed::Literal(Value::String(name)), Type::String, span);
            Entry { key, value, optional: false }
        };
        let entries = outputs.into_iter().map(entry).collect();
        self.exprs.add(Typed::Map(entries), node.output.clone(), span)
    }

    fn mocked_output(
        &mut self,
        file: &'a File,
        node: &Node,
        name: &Name,
        expr: ast::ExprId,
    ) -> Option<(EcoString, ExprId)> {
        let site = self.constant_site(file);
        let Type::Record(outputs) = &node.output else { return None };
        let Some(ty) = outputs.field(&name.text).map(|field| field.ty.clone()) else {
            let known: Vec<EcoString> = outputs.fields().iter().map(|field| field.name.clone()).collect();
            let suggestion = nearest(&name.text, known.iter().map(EcoString::as_str)).map(str::to_owned);
            let error =
                Error::UnknownOutput { node: node.name.clone(), name: name.text.clone(), suggestion, known };
            self.problems.report(Finding::new(name.span, error));
            return None;
        };
        Some((name.text.clone(), self.partial(&site, expr, &ty)?))
    }

    fn mocked_failure(&mut self, file: &'a File, node: &Node, expr: ast::ExprId) -> Option<MockOutcome> {
        let site = self.constant_site(file);
        let span = file.exprs[expr].span;
        let Argument::Error { name, details, message } = self.error_value(&site, &"fail".into(), expr)?
        else {
            return None;
        };
        let written = Name { text: name.clone(), span };
        let is_possible = check_possible(node, &written, &mut self.problems);
        let waits = self.catalog.kind(&node.kind).is_some_and(|kind| kind.class == Class::Waiting);
        if is_possible && waits && name != "Timeout" {
            self.problems.report(Finding::new(span, Error::Wait { node: node.name.clone() }));
        }
        Some(MockOutcome::Failure { name, details, message })
    }

    fn mocked_sequence(&mut self, file: &'a File, node: &Node, expr: ast::ExprId) -> Vec<MockOutcome> {
        let whole = &file.exprs[expr];
        let outcomes = match &whole.kind {
            ExprKind::List(outcomes) if !outcomes.is_empty() => outcomes,
            _ => {
                self.problems.report(Finding::new(whole.span, Error::Sequence));
                return Vec::new();
            }
        };
        let site: Site<'_, 'a> = self.constant_site(file);
        let outcome = |outcome: &ast::Element| match &file.exprs[outcome.value].kind {
            ExprKind::Map(_) => self.partial(&site, outcome.value, &node.output).map(MockOutcome::Output),
            _ => self.mocked_failure(file, node, outcome.value),
        };
        outcomes.iter().filter_map(outcome).collect()
    }
}

fn is_outcome(field: &Field) -> bool {
    matches!(field.name.text.as_str(), "fail" | "sequence")
}
