use ecow::EcoString;

use super::elaborator::Elaborator;
use super::error::Error;
use super::scope::Lookup;
use crate::ast;
use crate::catalog::function::Function;
use crate::check::program::NodeIx;
use crate::check::typed::{ExprId, ExprKind, NodeRead, ReadForm, Variable};
use crate::diagnostic::{Finding, nearest};
use crate::source::Span;
use crate::types::Type;

/// What stands before a dot.
pub(super) enum Base {
    /// A value.
    Value(ExprId),
    /// A node.
    Node(NodeBase),
}

/// A node before a dot.
pub(super) struct NodeBase {
    pub(super) index: NodeIx,
    pub(super) output: Type,
    pub(super) error: Type,
    pub(super) span: Span,
}

impl Elaborator<'_> {
    /// A name that stands alone.
    pub(super) fn name(&mut self, name: &str, span: Span) -> ExprId {
        match self.resolved(name, span) {
            Base::Value(typed) => typed,
            Base::Node(node) => self.read(&node, ReadForm::Output, span),
        }
    }

    /// What stands before a dot: a node is not read yet.
    pub(super) fn base(&mut self, id: ast::ExprId) -> Base {
        let ast::Expr { kind, span } = &self.file.exprs[id];
        match kind {
            ast::ExprKind::Name { name, .. } => self.resolved(name, *span),
            _ => Base::Value(self.expr(id, None)),
        }
    }

    fn resolved(&mut self, name: &str, span: Span) -> Base {
        if let Some(local) = self.locals.iter().rev().find(|local| local.name == name) {
            let (variable, ty) = (Variable::Local(local.slot), local.ty.clone());
            return Base::Value(self.exprs.add(ExprKind::Variable(variable), ty, span));
        }
        Base::Value(match self.scope.lookup(name, span) {
            Lookup::Node { index, output, error } => {
                return Base::Node(NodeBase { index, output, error, span });
            }
            Lookup::Value(variable, ty) => self.exprs.add(ExprKind::Variable(variable), ty, span),
            Lookup::Refused(finding) => self.report_finding(*finding, span),
            Lookup::Silent => self.exprs.bad(span),
            Lookup::Unknown => {
                let finding = self.unknown(name, span);
                self.report_finding(finding, span)
            }
        })
    }

    /// What stands before the dot of something that asks an optional: of a node, whether it has succeeded.
    pub(super) fn optional_base(&mut self, id: ast::ExprId) -> ExprId {
        match self.base(id) {
            Base::Value(typed) => typed,
            Base::Node(node) => {
                let selection = node.span;
                self.read(&node, ReadForm::MaybeOutput, selection)
            }
        }
    }

    /// Reads something of a node; `selection` is where that is written as a whole.
    pub(super) fn read(&mut self, node: &NodeBase, form: ReadForm, selection: Span) -> ExprId {
        let NodeBase { index, span, .. } = *node;
        self.exprs.note_read(NodeRead { node: index, form, span, selection, given: self.given });
        let (variable, ty) = match form {
            ReadForm::Output => (Variable::Node(index), node.output.clone()),
            ReadForm::MaybeOutput => (Variable::MaybeNode(index), Type::optional(node.output.clone())),
            ReadForm::Error => (Variable::NodeError(index), node.error.clone()),
            ReadForm::MaybeError => (Variable::MaybeNodeError(index), Type::optional(node.error.clone())),
        };
        self.exprs.add(ExprKind::Variable(variable), ty, span)
    }

    /// Whether a name stands for something here.
    pub(super) fn is_name(&mut self, name: &str, span: Span) -> bool {
        self.locals.iter().any(|local| local.name == name)
            || !matches!(self.scope.lookup(name, span), Lookup::Unknown)
    }

    /// What is said of a name that stands for nothing.
    fn unknown(&self, name: &str, span: Span) -> Finding {
        let near = self.near(name);
        let help = match &near {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => self.foreign(name),
        };
        let finding = Finding::new(span, Error::UnknownName { name: name.into(), help });
        match near {
            Some(near) => finding.fix(format!("write `{near}`"), span, near),
            None => finding,
        }
    }

    fn near(&self, name: &str) -> Option<EcoString> {
        if !self.problems.want_suggestions() {
            return None;
        }
        let names = self.scope.names();
        let locals = self.locals.iter().map(|local| &local.name);
        nearest(name, locals.chain(&names).map(EcoString::as_str)).map(EcoString::from)
    }

    /// What says in this language what a word says in others.
    fn foreign(&self, name: &str) -> Option<String> {
        if !self.problems.want_suggestions() {
            return None;
        }
        if matches!(name, "undefined" | "nil" | "None" | "none") {
            return Some("write `optional.none()` for an optional without a value".into());
        }
        if let Some(near) = nearest(name, ["true", "false", "null"]) {
            return Some(format!("did you mean `{near}`?"));
        }
        Function::named(name).map(|_| format!("`{name}` is a function: `{name}(…)`"))
    }
}
