use ecow::EcoString;

use crate::ast::{Body, ExprKind, Field, FieldValue, File, ItemKind, Member, Node};
use crate::catalog::{Catalog, Meaning};
use crate::source::Span;

/// The files whose texts fields of nodes take, such as a script's: where each path stands, and the path.
pub(super) fn named_files(file: &File, catalog: &Catalog) -> Vec<(Span, EcoString)> {
    let mut names = Names { file, catalog, found: Vec::new() };
    for item in &file.items {
        if let ItemKind::Workflow(workflow) = &item.kind {
            names.body(&workflow.body);
        }
    }
    names.found
}

struct Names<'a> {
    file: &'a File,
    catalog: &'a Catalog,
    found: Vec<(Span, EcoString)>,
}

impl Names<'_> {
    fn body(&mut self, body: &Body) {
        for member in &body.members {
            if let Member::Node(node) = member {
                self.node(node);
            }
        }
    }

    fn node(&mut self, node: &Node) {
        for field in &node.block.fields {
            if let FieldValue::Body(body) = &field.value {
                self.body(body);
            } else if let Some(named) = self.named(node, field) {
                self.found.push(named);
            }
        }
    }

    fn named(&self, node: &Node, field: &Field) -> Option<(Span, EcoString)> {
        let [kind] = node.kind.as_slice() else { return None };
        let fields = &self.catalog.kind(&kind.text)?.block.fields;
        let spec = fields.iter().find(|spec| spec.name == field.name.text)?;
        let FieldValue::Expr(expr) = &field.value else { return None };
        let path = &self.file.exprs[*expr];
        match (&path.kind, spec.meaning) {
            (ExprKind::String { value, .. }, Meaning::FileOf(_)) => Some((path.span, value.clone())),
            _ => None,
        }
    }
}
