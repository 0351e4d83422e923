//! Which words a declaration mentions: what it may use.

use std::collections::BTreeSet;

use ecow::EcoString;

use super::declaration::Namespace;
use crate::ast::{
    Block, Body, Expr, ExprId, ExprKind, Field, FieldValue, File, Item, ItemKind, Member, Param, Part, Port,
    TestMember, TypeId, TypeKind,
};

/// Where a word stands, which decides what it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Position {
    /// Alone, as a value or a bare word.
    Alone,
    /// Before `(`.
    Called,
    /// Before `{` in an expression.
    Built,
    /// In a type.
    Type,
    /// As a node's kind.
    Kind,
    /// In a port or a case.
    Error,
}

impl Position {
    /// What a word there may name.
    pub(super) fn namespaces(self) -> &'static [Namespace] {
        use Namespace::{Activity, Error, Plugin, Policy, Type, Value, Workflow};
        match self {
            Self::Alone => &[Value, Policy, Error, Workflow, Activity, Plugin],
            Self::Called => &[Policy, Error],
            Self::Built => &[Type, Error],
            Self::Type => &[Type],
            Self::Kind => &[Plugin, Activity],
            Self::Error => &[Error],
        }
    }
}

/// What a declaration mentions.
pub(super) struct Mentions {
    /// Its words that are among the known ones, by where they stand.
    pub words: BTreeSet<(Position, EcoString)>,
    /// Whether all of it parsed; else it may mention more.
    pub is_whole: bool,
}

impl Mentions {
    pub(super) fn of(file: &File, item: &Item, known: &BTreeSet<&str>) -> Self {
        let found = Self { words: BTreeSet::new(), is_whole: true };
        let mut walk =
            Walk { file, known, found, exprs: Vec::new(), types: Vec::new(), variables: Vec::new() };
        walk.item(item);
        walk.finish();
        walk.found
    }
}

/// The innermost variable of a macro that is in scope: its place in [`Walk::variables`].
type Scope = Option<usize>;

/// Expressions and types have no depth here: what is still to be seen waits in two lists.
struct Walk<'a> {
    file: &'a File,
    known: &'a BTreeSet<&'a str>,
    found: Mentions,
    exprs: Vec<(ExprId, Scope)>,
    types: Vec<TypeId>,
    /// The variables of macros, each with the one around it.
    variables: Vec<(&'a str, Scope)>,
}

impl<'a> Walk<'a> {
    fn mention(&mut self, position: Position, word: &EcoString) {
        if self.known.contains(word.as_str()) {
            self.found.words.insert((position, word.clone()));
        }
    }

    fn item(&mut self, item: &'a Item) {
        match &item.kind {
            ItemKind::Import(_) => {}
            ItemKind::Const(it) => self.value(it.value),
            ItemKind::Setting(it) => {
                self.types.push(it.ty);
                it.default.into_iter().for_each(|default| self.value(default));
            }
            ItemKind::Secret(it) => self.value(it.value),
            ItemKind::Type(it) => self.types.push(it.ty),
            ItemKind::Error(it) => self.params(&it.params),
            ItemKind::Plugin(it) => it.block.iter().for_each(|block| self.block(block)),
            ItemKind::Section(it) => self.block(&it.block),
            ItemKind::Workflow(it) => self.body(&it.body),
            ItemKind::Test(it) => {
                self.found.is_whole &= !it.incomplete;
                it.members.iter().for_each(|member| self.test_member(member));
            }
        }
    }

    fn test_member(&mut self, member: &TestMember) {
        match member {
            TestMember::Field(field) => self.field(field),
            TestMember::Mock(mock) => {
                mock.path.first().into_iter().for_each(|name| self.mention(Position::Alone, &name.text));
                self.block(&mock.block);
            }
            TestMember::Expect(expect) => {
                expect.conditions.iter().for_each(|condition| self.value(*condition));
            }
        }
    }

    fn body(&mut self, body: &Body) {
        self.found.is_whole &= !body.incomplete;
        for member in &body.members {
            match member {
                Member::Field(field) => self.field(field),
                Member::Node(node) => {
                    node.kind.first().into_iter().for_each(|kind| self.mention(Position::Kind, &kind.text));
                    self.block(&node.block);
                }
                Member::Chain(chain) => {
                    let ports =
                        chain.stops.iter().flat_map(|stop| &stop.ends).filter_map(|end| end.port.as_ref());
                    for port in ports {
                        if let Port::Error { types, .. } = port {
                            types.iter().for_each(|name| self.mention(Position::Error, &name.text));
                        }
                    }
                }
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.found.is_whole &= !block.incomplete;
        block.fields.iter().for_each(|field| self.field(field));
    }

    fn field(&mut self, field: &Field) {
        match &field.value {
            FieldValue::Expr(expr) => self.value(*expr),
            FieldValue::Type(ty) => self.types.push(*ty),
            FieldValue::Block(block) => {
                // The cases of an `error_handler` are named by errors.
                block.fields.iter().for_each(|case| self.mention(Position::Error, &case.name.text));
                self.block(block);
            }
            FieldValue::Params { params, incomplete, .. } => {
                self.found.is_whole &= !incomplete;
                self.params(params);
            }
            FieldValue::Body(body) => self.body(body),
            FieldValue::Bad => self.found.is_whole = false,
        }
    }

    fn params(&mut self, params: &[Param]) {
        for param in params {
            self.types.push(param.ty);
            param.default.into_iter().for_each(|default| self.value(default));
        }
    }

    fn value(&mut self, expr: ExprId) {
        self.exprs.push((expr, None));
    }

    fn finish(&mut self) {
        loop {
            if let Some((expr, scope)) = self.exprs.pop() {
                self.expr(&self.file.exprs[expr], scope);
            } else if let Some(ty) = self.types.pop() {
                self.type_expr(ty);
            } else {
                return;
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr, scope: Scope) {
        match &expr.kind {
            ExprKind::Name { name, .. } if self.is_variable(name, scope) => {}
            ExprKind::Name { name, .. } => self.mention(Position::Alone, name),
            ExprKind::Call { function, args } => {
                self.mention(Position::Called, &function.text);
                self.all(args.iter().copied(), scope);
            }
            ExprKind::MethodCall { receiver, function, args } => {
                self.exprs.push((*receiver, scope));
                self.arguments(&function.text, args, scope);
            }
            ExprKind::Record { path, fields } => {
                path.iter().for_each(|name| self.mention(Position::Built, &name.text));
                self.all(fields.iter().map(|field| field.value), scope);
            }
            ExprKind::Template(parts) => {
                let inner = |part: &Part| if let Part::Expr(id) = part { Some(*id) } else { None };
                self.all(parts.iter().filter_map(inner), scope);
            }
            ExprKind::Select { base, .. } => self.exprs.push((*base, scope)),
            ExprKind::Index { base, index, .. } => self.all([*base, *index], scope),
            ExprKind::Unary { operand, .. } => self.exprs.push((*operand, scope)),
            ExprKind::Binary { left, right, .. } => self.all([*left, *right], scope),
            ExprKind::Conditional { condition, then, otherwise } => {
                self.all([*condition, *then, *otherwise], scope);
            }
            ExprKind::List(elements) => self.all(elements.iter().map(|element| element.value), scope),
            ExprKind::Map(entries) => {
                self.all(entries.iter().flat_map(|entry| [entry.key, entry.value]), scope);
            }
            ExprKind::Bad => self.found.is_whole = false,
            _ => {}
        }
    }

    fn all(&mut self, exprs: impl IntoIterator<Item = ExprId>, scope: Scope) {
        self.exprs.extend(exprs.into_iter().map(|expr| (expr, scope)));
    }

    /// The arguments of a method; the first ones of a macro are variables, which the others see.
    fn arguments(&mut self, function: &str, args: &[ExprId], mut scope: Scope) {
        let (variables, others) = args.split_at(variables(function, args.len()));
        for variable in variables {
            if let ExprKind::Name { name, .. } = &self.file.exprs[*variable].kind {
                self.variables.push((name, scope));
                scope = Some(self.variables.len() - 1);
            }
        }
        self.all(others.iter().copied(), scope);
    }

    fn is_variable(&self, name: &str, mut scope: Scope) -> bool {
        while let Some((variable, outer)) = scope.and_then(|at| self.variables.get(at)) {
            if *variable == name {
                return true;
            }
            scope = *outer;
        }
        false
    }

    fn type_expr(&mut self, ty: TypeId) {
        let file = self.file;
        match &file.types[ty].kind {
            TypeKind::Named(name) => self.mention(Position::Type, name),
            TypeKind::Applied { args, .. } => self.types.extend(args),
            TypeKind::Record(params) => self.params(params),
            TypeKind::Optional(inner) => self.types.push(*inner),
            TypeKind::Literals(_) => {}
            TypeKind::Bad => self.found.is_whole = false,
        }
    }
}

/// How many of a method's arguments are variables of a macro.
fn variables(function: &str, args: usize) -> usize {
    match function {
        "map" | "filter" | "optMap" | "optFlatMap" => 1.min(args),
        "all" | "exists" | "exists_one" | "existsOne" => args.saturating_sub(1),
        "transformList" | "transformMap" | "transformMapEntry" => 2.min(args),
        _ => 0,
    }
}
