use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use miette::Diagnostic;
use thiserror::Error;

use super::checker::{Checker, Input, Site};
use super::errors::KnownErrors;
use super::program::{Program, WorkflowIx};
use super::scope::Place;
use super::typed::{Exprs, Marks};
use crate::ast::{self, FieldValue, ItemKind, SectionKind};
use crate::diagnostic::{Finding, Problems};
use crate::resolve::DeclarationId;
use crate::source::Span;

/// What has been found to be without errors. Only [`check`] makes one.
#[derive(Debug)]
pub struct Checked<T>(T);

impl<T> Checked<T> {
    /// What was checked.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.0
    }

    /// Takes it out.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// What is wrong between workflows.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("these workflows call each other without end")]
    #[diagnostic(code(workflow_cycle), help("{way}: a run would need a run of itself; use a `loop`"))]
    WorkflowCycle { way: String },
}

/// Checks all files as one program. It is there when no finding is an error.
#[must_use]
pub fn check(input: Input<'_>) -> (Option<Checked<Program>>, Problems) {
    let mut checker = Checker::new(input);
    checker.declarations();
    checker.workflows();
    checker.starts();
    checker.program.exprs = checker.exprs;
    let sound = !checker.problems.has_errors();
    (sound.then_some(Checked(checker.program)), checker.problems)
}

/// A declaration with its file and item.
type Declared<'a> = (DeclarationId, &'a ast::File, &'a ast::Item);

impl<'a> Checker<'a> {
    fn new(input: Input<'a>) -> Self {
        Self {
            resolved: input.resolved,
            input,
            catalog: input.catalog,
            problems: Problems::default(),
            program: Program::default(),
            exprs: Exprs::default(),
            errors: KnownErrors::new(input.catalog),
            policies: Vec::new(),
            places: BTreeMap::new(),
            types: BTreeMap::new(),
            open: BTreeSet::new(),
            plots: Vec::new(),
            inputs: Vec::new(),
            outputs: BTreeMap::new(),
            run_inputs: Vec::new(),
            used_plugins: BTreeSet::new(),
            marks: Marks::default(),
        }
    }

    /// All declarations with their files and items, in source order.
    fn declared_items(&self) -> Vec<Declared<'a>> {
        let resolved = self.resolved;
        let place = |(id, declaration): (DeclarationId, &'a crate::resolve::Declaration)| {
            let file = &resolved.files[declaration.file.0 as usize];
            (id, file, &file.items[declaration.item])
        };
        resolved.declarations().map(place).collect()
    }

    /// What stands outside workflows and is needed by them.
    fn declarations(&mut self) {
        let items = self.declared_items();
        for (id, ..) in &items {
            self.constant_first(*id);
        }
        for (id, file, item) in &items {
            match &item.kind {
                ItemKind::Type(_) => {
                    self.type_first(*id);
                }
                ItemKind::Error(error) => self.error_declaration(file, error),
                ItemKind::Setting(setting) => {
                    let setting = self.setting(file, setting);
                    self.places.insert(*id, self.program.settings.len());
                    self.program.settings.push(setting);
                }
                ItemKind::Secret(secret) => {
                    let secret = self.secret(file, secret);
                    self.places.insert(*id, self.program.secrets.len());
                    self.program.secrets.push(secret);
                }
                _ => {}
            }
        }
        for (id, file, item) in &items {
            if let ItemKind::Section(section) = &item.kind {
                self.policy(*id, file, section);
            }
        }
    }

    fn policy(&mut self, id: DeclarationId, file: &'a ast::File, section: &'a ast::Section) {
        let site = self.constant_site(file);
        match section.kind {
            SectionKind::Retry => {
                self.places.insert(id, self.policies.len());
                self.retry_policy(&site, section);
            }
            SectionKind::Breaker => {
                self.places.insert(id, self.program.breakers.len());
                self.breaker(&site, section);
            }
            SectionKind::Limit => {
                self.places.insert(id, self.program.limits.len());
                self.limit(&site, section);
            }
            SectionKind::Activity => {
                self.places.insert(id, self.program.activities.len());
                self.activity(&site, section);
            }
            SectionKind::Schedule | SectionKind::Trigger => {}
        }
    }

    /// All workflows, callees before callers.
    fn workflows(&mut self) {
        for (id, file, item) in self.declared_items() {
            let ItemKind::Workflow(workflow) = &item.kind else { continue };
            self.places.insert(id, self.plots.len());
            let plot = self.plot(file, item, workflow);
            let (ty, inputs) = self.run_input(&plot);
            self.plots.push(Rc::new(plot));
            self.inputs.push(ty);
            self.run_inputs.push(inputs);
        }
        let order = self.call_order();
        let mut checked: Vec<Option<super::program::Workflow>> = Vec::new();
        checked.resize_with(self.plots.len(), || None);
        for workflow in order {
            let done = self.workflow(workflow);
            self.outputs.insert(workflow, (done.output_type.clone(), done.errors.clone()));
            checked[workflow] = Some(done);
        }
        self.program.workflows = checked.into_iter().flatten().collect();
    }

    /// Callees before callers; reports those that call each other.
    fn call_order(&mut self) -> Vec<WorkflowIx> {
        let calls: Vec<Vec<(WorkflowIx, Span)>> = (0..self.plots.len()).map(|ix| self.calls(ix)).collect();
        let mut walk = Walk { calls: &calls, state: vec![Visit::New; calls.len()], path: Vec::new(), order: Vec::new(), closing: Vec::new() };
        (0..calls.len()).for_each(|workflow| walk.visit(workflow));
        let Walk { order, closing, .. } = walk;
        for (way, at) in closing {
            let names: Vec<&str> = way.iter().map(|ix| self.plots[*ix].workflow.name.text.as_str()).collect();
            let way = format!("`{}`", names.join(" -> "));
            self.problems.report(Finding::new(at, Error::WorkflowCycle { way }));
        }
        order
    }

    /// The workflows that a workflow's nodes call, and where.
    fn calls(&self, ix: WorkflowIx) -> Vec<(WorkflowIx, Span)> {
        let plot = &self.plots[ix];
        let called = |field: &ast::Field| {
            let FieldValue::Expr(expr) = field.value else { return None };
            let name = super::form::lone_name(plot.file, expr)?;
            let callee = self.declared(plot.file.id, crate::catalog::Reference::Workflow, name)?;
            Some((callee, field.span))
        };
        let is_child = |place: &&super::plot::Place<'_>| place.kind.is_some_and(|kind| kind.name == "workflow");
        plot.nodes.iter().filter(is_child).filter_map(|place| called(place.field("call")?)).collect()
    }

    /// What starts workflows, and plugins.
    fn starts(&mut self) {
        for (id, file, item) in self.declared_items() {
            match &item.kind {
                ItemKind::Section(section) if section.kind == SectionKind::Schedule => {
                    let site = Site { file, place: Place::Globals };
                    self.schedule(&site, section);
                }
                ItemKind::Section(section) if section.kind == SectionKind::Trigger => self.trigger(file, section),
                ItemKind::Plugin(plugin) => {
                    let used = self.used_plugins.contains(&id);
                    let site = Site { file, place: Place::Globals };
                    self.plugin(&site, plugin, used);
                }
                _ => {}
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

/// A walk over calls. A chain of calls is as long as there are workflows in the files, which the parser bounds.
struct Walk<'c> {
    calls: &'c [Vec<(WorkflowIx, Span)>],
    state: Vec<Visit>,
    path: Vec<WorkflowIx>,
    order: Vec<WorkflowIx>,
    closing: Vec<(Vec<WorkflowIx>, Span)>,
}

impl Walk<'_> {
    /// Visits all that a workflow reaches, without recursion.
    fn visit(&mut self, root: WorkflowIx) {
        if self.state[root] != Visit::New {
            return;
        }
        self.state[root] = Visit::Open;
        self.path.push(root);
        let mut next = vec![0];
        while let (Some(at), Some(call)) = (self.path.last().copied(), next.last_mut()) {
            let Some((callee, span)) = self.calls[at].get(*call).copied() else {
                self.state[at] = Visit::Done;
                self.order.push(at);
                self.path.pop();
                next.pop();
                continue;
            };
            *call += 1;
            match self.state[callee] {
                Visit::New => {
                    self.state[callee] = Visit::Open;
                    self.path.push(callee);
                    next.push(0);
                }
                Visit::Open => {
                    let from = self.path.iter().position(|on_path| *on_path == callee).unwrap_or(0);
                    let way = self.path[from..].iter().copied().chain([callee]).collect();
                    self.closing.push((way, span));
                }
                Visit::Done => {}
            }
        }
    }
}
