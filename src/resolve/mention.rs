//! Which words a declaration mentions: what it may use.

use std::collections::BTreeSet;

use ecow::EcoString;

use crate::ast::{
    Block, Body, Expr, ExprId, ExprKind, Field, FieldValue, File, Item, ItemKind, Member, Param, Part, Port, TestMember,
    TypeId, TypeKind,
};

/// The words of a declaration that may be names of others.
pub(super) fn mentions(file: &File, item: &Item) -> BTreeSet<EcoString> {
    let mut walk = Walk { file, words: BTreeSet::new(), exprs: Vec::new(), types: Vec::new() };
    walk.item(item);
    walk.finish()
}

struct Walk<'a> {
    file: &'a File,
    words: BTreeSet<EcoString>,
    exprs: Vec<ExprId>,
    types: Vec<TypeId>,
}

impl Walk<'_> {
    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Import(_) => {}
            ItemKind::Const(it) => self.exprs.push(it.value),
            ItemKind::Setting(it) => {
                self.types.push(it.ty);
                self.exprs.extend(it.default);
            }
            ItemKind::Secret(it) => self.exprs.push(it.value),
            ItemKind::Type(it) => self.types.push(it.ty),
            ItemKind::Error(it) => self.params(&it.params),
            ItemKind::Plugin(it) => it.block.iter().for_each(|block| self.block(block)),
            ItemKind::Section(it) => self.block(&it.block),
            ItemKind::Workflow(it) => self.body(&it.body),
            ItemKind::Test(it) => it.members.iter().for_each(|member| self.test_member(member)),
        }
    }

    fn test_member(&mut self, member: &TestMember) {
        match member {
            TestMember::Field(field) => self.field(field),
            TestMember::Mock(mock) => self.block(&mock.block),
            TestMember::Expect(expect) => self.exprs.extend(&expect.conditions),
        }
    }

    fn body(&mut self, body: &Body) {
        for member in &body.members {
            match member {
                Member::Field(field) => self.field(field),
                Member::Node(node) => {
                    self.words.extend(node.kind.first().map(|kind| kind.text.clone()));
                    self.block(&node.block);
                }
                Member::Chain(chain) => {
                    let ports = chain.stops.iter().flat_map(|stop| &stop.ends).filter_map(|end| end.port.as_ref());
                    for port in ports {
                        if let Port::Error { types, .. } = port {
                            self.words.extend(types.iter().map(|name| name.text.clone()));
                        }
                    }
                }
            }
        }
    }

    fn block(&mut self, block: &Block) {
        block.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        match &field.value {
            FieldValue::Expr(expr) => self.exprs.push(*expr),
            FieldValue::Type(ty) => self.types.push(*ty),
            FieldValue::Block(block) => {
                // The cases of an `error_handler` are named by errors.
                self.words.extend(block.fields.iter().map(|case| case.name.text.clone()));
                self.block(block);
            }
            FieldValue::Params { params, .. } => self.params(params),
            FieldValue::Body(body) => self.body(body),
            FieldValue::Bad => {}
        }
    }

    fn params(&mut self, params: &[Param]) {
        for param in params {
            self.types.push(param.ty);
            self.exprs.extend(param.default);
        }
    }

    /// Expressions and types have no depth here: what is still to be seen waits in two lists.
    fn finish(mut self) -> BTreeSet<EcoString> {
        loop {
            if let Some(expr) = self.exprs.pop() {
                self.expr(&self.file.exprs[expr]);
            } else if let Some(ty) = self.types.pop() {
                self.type_expr(ty);
            } else {
                return self.words;
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Name { name, .. } => self.words.extend([name.clone()]),
            ExprKind::Template(parts) => {
                self.exprs.extend(parts.iter().filter_map(|part| if let Part::Expr(id) = part { Some(*id) } else { None }));
            }
            ExprKind::Select { base, .. } => self.exprs.push(*base),
            ExprKind::Index { base, index, .. } => self.exprs.extend([*base, *index]),
            ExprKind::Call { function, args } => {
                self.words.insert(function.text.clone());
                self.exprs.extend(args);
            }
            ExprKind::MethodCall { receiver, args, .. } => {
                self.exprs.push(*receiver);
                self.exprs.extend(args);
            }
            ExprKind::Unary { operand, .. } => self.exprs.push(*operand),
            ExprKind::Binary { left, right, .. } => self.exprs.extend([*left, *right]),
            ExprKind::Conditional { condition, then, otherwise } => self.exprs.extend([*condition, *then, *otherwise]),
            ExprKind::List(elements) => self.exprs.extend(elements.iter().map(|element| element.value)),
            ExprKind::Map(entries) => self.exprs.extend(entries.iter().flat_map(|entry| [entry.key, entry.value])),
            ExprKind::Record { path, fields } => {
                self.words.extend(path.iter().map(|name| name.text.clone()));
                self.exprs.extend(fields.iter().map(|field| field.value));
            }
            _ => {}
        }
    }

    fn type_expr(&mut self, ty: TypeId) {
        let file = self.file;
        match &file.types[ty].kind {
            TypeKind::Named(name) => self.words.extend([name.clone()]),
            TypeKind::Applied { args, .. } => self.types.extend(args),
            TypeKind::Record(params) => self.params(params),
            TypeKind::Optional(inner) => self.types.push(*inner),
            TypeKind::Literals(_) | TypeKind::Bad => {}
        }
    }
}
