//! What the parts of the check share: the tables that grow, and the ways to expressions and declarations.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ecow::EcoString;

use super::draft::{Asked, Draft, Reader};
use super::errors::KnownErrors;
use super::expr::Elaborator;
use super::leak::report_leak;
use super::plot::Plot;
use super::program::{ErrorType, Input as RunInput, Program, Retry, WorkflowIx};
use super::reach::unproven;
use super::scope::{Names, Place};
use super::typed::{ExprId, ExprKind, Exprs, Marks};
use crate::ast::{self, Name};
use crate::catalog::{Catalog, Given, Reference};
use crate::diagnostic::Problems;
use crate::resolve::{DeclarationId, Namespace, Resolved};
use crate::source::{FileId, Sources, Span};
use crate::types::Type;
use crate::value::Value;

/// All that a check is told.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The files.
    pub resolved: &'a Resolved,
    /// Their texts.
    pub sources: &'a Sources,
    /// The texts of included files, by where they are included or named.
    pub included: &'a BTreeMap<Span, EcoString>,
    /// The kinds of nodes.
    pub catalog: &'a Catalog,
}

/// The check of all files.
pub(super) struct Checker<'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) input: Input<'a>,
    pub(super) catalog: &'a Catalog,
    pub(super) problems: Problems,
    pub(super) program: Program,
    pub(super) exprs: Exprs,
    pub(super) errors: KnownErrors,
    /// By the index that [`Argument::Policy`](super::program::Argument::Policy) has for `retry`.
    pub(super) policies: Vec<Retry>,
    /// The place of a declaration in the table of its kind.
    pub(super) places: BTreeMap<DeclarationId, usize>,
    /// The declared types.
    pub(super) types: BTreeMap<DeclarationId, Type>,
    /// The types and constants that are being checked: one of them reads itself, which is reported.
    pub(super) open: BTreeSet<DeclarationId>,
    /// The workflows as written, by their index.
    pub(super) plots: Vec<Rc<Plot<'a>>>,
    /// The types of the workflows' inputs.
    pub(super) inputs: Vec<Type>,
    /// What runs are started with, until a workflow is checked.
    pub(super) run_inputs: Vec<Vec<RunInput>>,
    /// What the workflows that have been checked give, and fail with.
    pub(super) outputs: BTreeMap<WorkflowIx, (Type, Vec<ErrorType>)>,
    /// The words of what did not parse between declarations, by file: they may be the names of some.
    pub(super) unparsed: BTreeMap<FileId, BTreeSet<&'a str>>,
    /// The plugins whose tools are used.
    pub(super) used_plugins: BTreeSet<DeclarationId>,
    /// What has been read of nodes and not been asked yet.
    pub(super) marks: Marks,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Site<'s, 'a> {
    pub(super) file: &'a ast::File,
    pub(super) place: Place<'s, 'a>,
    /// What the block gives in which it stands.
    pub(super) given: &'s [Given],
}

impl<'a> Checker<'a> {
    /// The place where only constants can be read.
    pub(super) fn constant_site<'s>(&self, file: &'a ast::File) -> Site<'s, 'a>
    where
        'a: 's,
    {
        Site { file, place: Place::Constants, given: &[] }
    }

    /// An expression where a type is taken; `None` where it is in error, which is reported.
    pub(super) fn value(
        &mut self,
        site: &Site<'_, 'a>,
        expr: ast::ExprId,
        ty: &Type,
        secret: bool,
    ) -> Option<ExprId> {
        self.typed(site, secret, None, |elaborator| elaborator.check(expr, ty))
    }

    /// The same for a condition.
    pub(super) fn condition(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId) -> Option<ExprId> {
        self.typed(site, false, None, |elaborator| elaborator.condition(expr))
    }

    /// An expression of any type.
    pub(super) fn inferred(
        &mut self,
        site: &Site<'_, 'a>,
        expr: ast::ExprId,
        secret: bool,
    ) -> Option<ExprId> {
        self.typed(site, secret, None, |elaborator| elaborator.infer(expr))
    }

    /// An error's details, built like a value of a type.
    pub(super) fn details(
        &mut self,
        site: &Site<'_, 'a>,
        expr: ast::ExprId,
        name: &EcoString,
        details: &Type,
    ) -> Option<ExprId> {
        self.typed(site, false, Some((name, details)), |elaborator| elaborator.infer(expr))
    }

    /// A value for which the type's defaults fill in what it lacks.
    pub(super) fn partial(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId, ty: &Type) -> Option<ExprId> {
        self.typed(site, false, None, |elaborator| elaborator.check_partial(expr, ty))
    }

    /// An expression where one of several types is taken.
    pub(super) fn one_of(
        &mut self,
        site: &Site<'_, 'a>,
        expr: ast::ExprId,
        types: &[Type],
        secret: bool,
    ) -> Option<ExprId> {
        self.typed(site, secret, None, |elaborator| elaborator.check_one_of(expr, types))
    }

    fn typed(
        &mut self,
        site: &Site<'_, 'a>,
        secret: bool,
        error: Option<(&EcoString, &Type)>,
        make: impl FnOnce(&mut Elaborator<'_>) -> ExprId,
    ) -> Option<ExprId> {
        let mut names = Names {
            resolved: self.resolved,
            program: &self.program,
            places: &self.places,
            types: &self.types,
            unparsed: &self.unparsed,
            file: site.file,
            place: site.place,
            given: site.given,
            error,
        };
        let marks = self.exprs.marks();
        let mut elaborator = Elaborator::new(site.file, &mut names, &mut self.exprs, &mut self.problems);
        let typed = make(&mut elaborator);
        if !matches!(site.place, Place::Graph(..) | Place::Before(..)) {
            // No flow of a graph proves anything there.
            self.exprs
                .proofs_since(marks)
                .iter()
                .for_each(|proof| self.problems.report(unproven(proof.span)));
        }
        if !secret && self.exprs.ty(typed).has_secret() {
            report_leak(&self.exprs, typed, &mut self.problems);
            return None;
        }
        (!matches!(self.exprs[typed].kind, ExprKind::Bad)).then_some(typed)
    }

    /// The same as [`Self::value`], where an expression in error leaves its place.
    pub(super) fn value_or_bad(&mut self, site: &Site<'_, 'a>, expr: ast::ExprId, ty: &Type) -> ExprId {
        let value = self.value(site, expr, ty, false);
        value.unwrap_or_else(|| self.exprs.bad(site.file.exprs[expr].span))
    }

    /// What an expression is in every run, where that can be told.
    pub(super) fn constant(&self, expr: ExprId) -> Option<Value> {
        self.exprs.constant(expr)
    }

    /// Does something whose findings are reported elsewhere.
    pub(super) fn quietly<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        let problems = std::mem::take(&mut self.problems);
        let result = act(self);
        self.problems = problems;
        result
    }

    /// Puts what has been read since the last time down to a reader.
    pub(super) fn take_reads(&mut self, draft: &mut Draft<'a>, reader: Reader) {
        let reads = self.exprs.reads_since(self.marks).to_vec();
        let proofs = self.exprs.proofs_since(self.marks).to_vec();
        self.marks = self.exprs.marks();
        if !reads.is_empty() || !proofs.is_empty() {
            draft.questions.push(Asked { reader, reads, proofs });
        }
    }

    /// The index of a declared policy, workflow or activity.
    pub(super) fn declared(&self, file: FileId, reference: Reference, name: &str) -> Option<usize> {
        let declaration = self.resolved.lookup(file, namespace(reference)?, name)?;
        let item = &self.resolved.item(declaration).kind;
        let fits = match item {
            ast::ItemKind::Section(section) => section_of(reference) == Some(section.kind),
            ast::ItemKind::Workflow(_) => reference == Reference::Workflow,
            _ => false,
        };
        self.places.get(&declaration).copied().filter(|_| fits)
    }

    /// Whether a name can't be known because an import or a declaration failed.
    pub(super) fn is_missing(&self, file: FileId, name: &str) -> bool {
        self.resolved.is_promised(file, name)
            || self.unparsed.get(&file).is_some_and(|words| words.contains(name))
    }

    /// The names that a reference could have been.
    pub(super) fn names_of(&self, file: FileId, reference: Reference) -> Vec<EcoString> {
        let Some(namespace) = namespace(reference) else { return Vec::new() };
        let known = self.resolved.known(file, namespace);
        known.filter(|name| self.declared(file, reference, name).is_some()).map(EcoString::from).collect()
    }

    /// An error that this file knows, by the name that runs know; reports a name that is none.
    pub(super) fn use_error(&mut self, file: FileId, name: &Name) -> Option<Name> {
        if self.is_missing(file, &name.text) {
            return Some(name.clone());
        }
        self.errors.check(file, name, &mut self.problems)
    }

    /// The text of a place.
    pub(super) fn text(&self, span: Span) -> &'a str {
        self.input.sources.text(span)
    }
}

fn namespace(reference: Reference) -> Option<Namespace> {
    Some(match reference {
        Reference::Retry | Reference::Breaker | Reference::Limit => Namespace::Policy,
        Reference::Workflow => Namespace::Workflow,
        Reference::Activity => Namespace::Activity,
        Reference::Node => return None,
    })
}

fn section_of(reference: Reference) -> Option<ast::SectionKind> {
    Some(match reference {
        Reference::Retry => ast::SectionKind::Retry,
        Reference::Breaker => ast::SectionKind::Breaker,
        Reference::Limit => ast::SectionKind::Limit,
        Reference::Activity => ast::SectionKind::Activity,
        Reference::Workflow | Reference::Node => return None,
    })
}
