use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::checker::{Checker, Input, Site};
use super::cost::check_cost;
use super::errors::KnownErrors;
use super::form::lone_name;
use super::plot::Place;
use super::program::{Program, Workflow, WorkflowIx};
use super::scope::Place as Standpoint;
use super::typed::{Exprs, Marks};
use crate::ast::{self, FieldValue, ItemKind, SectionKind};
use crate::catalog::Reference;
use crate::diagnostic::Problems;
use crate::resolve::DeclarationId;
use crate::source::FileId;

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

/// Checks all files as one program. It is there when no finding is an error.
#[must_use]
pub fn check(input: Input<'_>) -> (Option<Checked<Program>>, Problems) {
    let mut checker = Checker::new(input);
    checker.declarations();
    checker.workflows();
    checker.starts();
    let mut costs = Problems::default();
    for workflow in &checker.program.workflows {
        check_cost(workflow, &|count| checker.constant(count), &mut costs);
    }
    checker.problems.extend(costs);
    checker.program.exprs = checker.exprs;
    let sound = !checker.problems.has_errors();
    (sound.then_some(Checked(checker.program)), checker.problems)
}

/// A declaration with its file and item.
type Declared<'a> = (DeclarationId, &'a ast::File, &'a ast::Item);

/// The words between the declarations of files in which some didn't parse.
fn unparsed(input: Input<'_>) -> BTreeMap<FileId, BTreeSet<&str>> {
    let incomplete = input.resolved.files.iter().filter(|file| file.incomplete);
    let words = incomplete.map(|file| {
        let text = &input.sources.get(file.id).text;
        let ends = std::iter::once(0).chain(file.items.iter().map(|item| item.span.end as usize));
        let starts = file.items.iter().map(|item| item.span.start as usize).chain([text.len()]);
        let gaps = ends.zip(starts).filter_map(|(end, start)| text.get(end..start));
        (file.id, gaps.flat_map(|gap| gap.split(|c: char| !c.is_alphanumeric() && c != '_')).collect())
    });
    words.collect()
}

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
            unparsed: unparsed(input),
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
                ItemKind::Error(error) => self.error_declaration(*id, file, error),
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
        self.errors.publish(self.resolved);
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
        let mut checked: Vec<Option<Workflow>> = Vec::new();
        checked.resize_with(self.plots.len(), || None);
        for workflow in order {
            let done = self.workflow(workflow);
            self.outputs.insert(workflow, (done.output_type.clone(), done.errors.clone()));
            checked[workflow] = Some(done);
        }
        self.program.workflows = checked.into_iter().flatten().collect();
    }

    /// Callees before callers; of those that call each other the first in the files comes last.
    fn call_order(&self) -> Vec<WorkflowIx> {
        let calls: Vec<Vec<WorkflowIx>> = (0..self.plots.len()).map(|ix| self.calls(ix)).collect();
        let mut seen = vec![false; calls.len()];
        let mut order = Vec::new();
        for root in 0..calls.len() {
            let mut path =
                if std::mem::replace(&mut seen[root], true) { Vec::new() } else { vec![(root, 0)] };
            while let Some((at, next)) = path.last_mut() {
                let Some(callee) = calls[*at].get(*next).copied() else {
                    order.push(*at);
                    path.pop();
                    continue;
                };
                *next += 1;
                if !std::mem::replace(&mut seen[callee], true) {
                    path.push((callee, 0));
                }
            }
        }
        order
    }

    /// The workflows that a workflow's nodes call.
    fn calls(&self, ix: WorkflowIx) -> Vec<WorkflowIx> {
        let plot = &self.plots[ix];
        let called = |field: &ast::Field| {
            let FieldValue::Expr(expr) = field.value else { return None };
            self.declared(plot.file.id, Reference::Workflow, lone_name(plot.file, expr)?)
        };
        let is_child = |place: &&Place<'_>| place.kind.is_some_and(|kind| kind.output_is_callee());
        plot.nodes.iter().filter(is_child).filter_map(|place| called(place.field("call")?)).collect()
    }

    /// What starts workflows, plugins, and tests.
    fn starts(&mut self) {
        for (id, file, item) in self.declared_items() {
            match &item.kind {
                ItemKind::Section(section) if section.kind == SectionKind::Schedule => {
                    let site = Site { file, place: Standpoint::Globals, given: &[] };
                    self.schedule(&site, section);
                }
                ItemKind::Section(section) if section.kind == SectionKind::Trigger => {
                    self.trigger(file, section);
                }
                ItemKind::Plugin(plugin) => {
                    let used = self.used_plugins.contains(&id);
                    let site = Site { file, place: Standpoint::Globals, given: &[] };
                    self.plugin(&site, plugin, used);
                }
                ItemKind::Test(test) => self.test(file, test),
                _ => {}
            }
        }
    }
}
