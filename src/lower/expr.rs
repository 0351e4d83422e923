use crate::ast::BinaryOp;
use crate::catalog::Given;
use crate::check::typed::{self, ExprId, ExprKind, Exprs};
use crate::plan::expr::{
    Access, BinaryOperator, Code, Comprehension, Defect, Element, Entry, ExprId as OpId, Function, Gather,
    Op, OptionalBody, OptionalMap, Slot, Variable,
};
use crate::source::Span;
use crate::value::Value;

/// A compiled expression and where its parts were written. Its variables still are those of the checked program.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The operations.
    pub code: Code,
    /// Where the whole was written.
    pub whole: Span,
    /// Where each operation was written.
    pub steps: Vec<Span>,
}

/// Compiles an expression: its tree in post-order, without recursion.
///
/// An expression in error gives code that fails, and that no plan takes.
#[must_use]
pub fn compile(exprs: &Exprs, root: ExprId) -> Compiled {
    Compiler::new(exprs, None).compile(root)
}

/// Compiles an address: what is interpolated behind its host is encoded as one segment of its path, or one value of
/// its query. Any other expression gives the whole address, and is compiled as it is.
pub(super) fn compile_address(exprs: &Exprs, root: ExprId) -> Compiled {
    Compiler::new(exprs, Some(root)).compile(root)
}

enum Step {
    /// Its operands first.
    Enter(ExprId),
    /// Its operands are there.
    Leave(ExprId),
    /// What was compiled last is a part of an address.
    Encode(Span),
}

struct Compiler<'a> {
    exprs: &'a Exprs,
    address: Option<ExprId>,
    todo: Vec<Step>,
    /// The operations that are nobody's operands yet.
    ready: Vec<OpId>,
    ops: Vec<Op>,
    steps: Vec<Span>,
}

impl<'a> Compiler<'a> {
    fn new(exprs: &'a Exprs, address: Option<ExprId>) -> Self {
        Self { exprs, address, todo: Vec::new(), ready: Vec::new(), ops: Vec::new(), steps: Vec::new() }
    }

    fn compile(mut self, root: ExprId) -> Compiled {
        let whole = self.exprs[root].span;
        self.todo.push(Step::Enter(root));
        while let Some(step) = self.todo.pop() {
            match step {
                Step::Enter(id) => self.enter(id),
                Step::Leave(id) => self.leave(id),
                Step::Encode(span) => {
                    let arguments = self.ready.pop().into_iter().collect();
                    self.add(Op::Call { function: Function::UrlEncode, arguments }, span);
                }
            }
        }
        match Code::new(self.ops) {
            Ok(code) => Compiled { code, whole, steps: self.steps },
            Err(error) => {
                let code = Code::failing(Defect::Arguments(error.to_string().into()));
                Compiled { code, whole, steps: vec![whole] }
            }
        }
    }

    /// Puts off an expression until its operands are compiled, the first of them first.
    fn enter(&mut self, id: ExprId) {
        let Self { exprs, todo, .. } = self;
        let kind = &exprs[id].kind;
        todo.push(Step::Leave(id));
        let first = todo.len();
        let is_address = self.address == Some(id) && matches!(kind, ExprKind::Template(_));
        let mut authority = is_address.then(Authority::default);
        kind.operands(|operand| {
            todo.push(Step::Enter(operand));
            if authority.as_mut().is_some_and(|authority| authority.is_passed(&exprs[operand].kind)) {
                todo.push(Step::Encode(exprs[operand].span));
            }
        });
        todo[first..].reverse();
    }

    fn leave(&mut self, id: ExprId) {
        let exprs = self.exprs;
        let mut count = 0;
        exprs[id].kind.operands(|_| count += 1);
        let operands = self.ready.split_off(self.ready.len().saturating_sub(count));
        self.add(op(&exprs[id].kind, &operands), exprs[id].span);
    }

    fn add(&mut self, op: Op, span: Span) {
        self.ready.push(OpId(self.ops.len() as u32));
        self.ops.push(op);
        self.steps.push(span);
    }
}

/// How far an address has been read: up to its host, or beyond.
#[derive(Default)]
struct Authority {
    text: String,
    is_over: bool,
}

impl Authority {
    /// Whether a part is interpolated behind the host. One at the very start is a base with a host of its own.
    fn is_passed(&mut self, part: &ExprKind) -> bool {
        if let ExprKind::Literal(Value::String(text)) = part {
            self.text.push_str(text);
            let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
            self.is_over |= rest.contains(['/', '?', '#']);
            return false;
        }
        let is_base = self.text.is_empty() && !self.is_over;
        self.is_over |= is_base;
        self.is_over && !is_base
    }
}

/// The operation of an expression, given those of its operands in the order in which
/// [`operands`](ExprKind::operands) names them.
fn op(kind: &ExprKind, operands: &[OpId]) -> Op {
    let mut rest = operands.iter().copied();
    let mut next = || rest.next().unwrap_or(OpId(u32::MAX));
    match kind {
        ExprKind::Literal(value) => Op::Literal(value.clone()),
        ExprKind::Variable(read) => Op::Variable(variable(*read)),
        ExprKind::Select { field, access, .. } => {
            Op::Select { of: next(), field: field.clone(), access: self::access(*access) }
        }
        ExprKind::Index { access, .. } => {
            Op::Index { of: next(), key: next(), access: self::access(*access) }
        }
        ExprKind::Not(_) => Op::Not(next()),
        ExprKind::Negate(_) => Op::Negate(next()),
        ExprKind::ToDouble(_) => Op::ToDouble(next()),
        ExprKind::And(_) => Op::And(operands.to_vec()),
        ExprKind::Or(_) => Op::Or(operands.to_vec()),
        ExprKind::Template(_) => Op::Template(operands.to_vec()),
        ExprKind::Binary { op, .. } => binary(*op, next(), next()),
        ExprKind::Conditional { .. } => {
            Op::Conditional { condition: next(), then: next(), otherwise: next() }
        }
        ExprKind::Call { function, .. } => call(function.name(), operands),
        ExprKind::List(elements) => Op::List(
            elements.iter().map(|element| Element { value: next(), optional: element.optional }).collect(),
        ),
        ExprKind::Map(entries) => Op::Map(
            entries
                .iter()
                .map(|entry| Entry { key: next(), value: next(), optional: entry.optional })
                .collect(),
        ),
        ExprKind::Comprehension(written) => Op::Comprehension(Comprehension {
            gather: gather(written.gather),
            range: next(),
            first: Slot(written.first),
            second: written.second.map(Slot),
            filter: written.filter.map(|_| next()),
            body: next(),
        }),
        ExprKind::OptionalMap(written) => Op::OptionalMap(OptionalMap {
            of: next(),
            slot: Slot(written.slot),
            body: next(),
            gives: match written.gives {
                typed::OptionalBody::Value => OptionalBody::Value,
                typed::OptionalBody::Optional => OptionalBody::Optional,
            },
        }),
        ExprKind::Fail(defect) => Op::Fail(self::defect(defect)),
        ExprKind::Bad => Op::Fail(Defect::Arguments("an expression in error".into())),
    }
}

fn call(name: &str, operands: &[OpId]) -> Op {
    match Function::named(name) {
        Some(function) => Op::Call { function, arguments: operands.to_vec() },
        None => Op::Fail(Defect::UnknownFunction(name.into())),
    }
}

fn binary(op: BinaryOp, left: OpId, right: OpId) -> Op {
    let operator = match op {
        BinaryOp::Or => return Op::Or(vec![left, right]),
        BinaryOp::And => return Op::And(vec![left, right]),
        BinaryOp::Equal => BinaryOperator::Equal,
        BinaryOp::NotEqual => BinaryOperator::NotEqual,
        BinaryOp::Less => BinaryOperator::Less,
        BinaryOp::LessEqual => BinaryOperator::LessEqual,
        BinaryOp::Greater => BinaryOperator::Greater,
        BinaryOp::GreaterEqual => BinaryOperator::GreaterEqual,
        BinaryOp::In => BinaryOperator::In,
        BinaryOp::Add => BinaryOperator::Add,
        BinaryOp::Subtract => BinaryOperator::Subtract,
        BinaryOp::Multiply => BinaryOperator::Multiply,
        BinaryOp::Divide => BinaryOperator::Divide,
        BinaryOp::Remainder => BinaryOperator::Remainder,
    };
    Op::Binary { operator, left, right }
}

fn variable(read: typed::Variable) -> Variable {
    let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    match read {
        typed::Variable::Input => Variable::Input,
        typed::Variable::Run => Variable::Run,
        typed::Variable::Constant(index) => Variable::Constant(place(index)),
        typed::Variable::Setting(index) => Variable::Setting(place(index)),
        typed::Variable::Secret(index) => Variable::Secret(place(index)),
        typed::Variable::Node(index) => Variable::Node(place(index)),
        typed::Variable::MaybeNode(index) => Variable::MaybeNode(place(index)),
        typed::Variable::NodeError(index) => Variable::NodeError(place(index)),
        typed::Variable::MaybeNodeError(index) => Variable::MaybeNodeError(place(index)),
        typed::Variable::Error => Variable::Error,
        typed::Variable::Failure => Variable::Failure,
        typed::Variable::Item(out) => Variable::Item(out),
        typed::Variable::Index(out) => Variable::Index(out),
        typed::Variable::State(out) => Variable::State(out),
        typed::Variable::Body => Variable::Body,
        typed::Variable::Given(Given::Link) => Variable::Link,
        typed::Variable::Now => Variable::Now,
        typed::Variable::Local(slot) => Variable::Local(Slot(slot)),
        typed::Variable::Binding(index) => Variable::Binding(index),
    }
}

fn access(access: typed::Access) -> Access {
    match access {
        typed::Access::Required => Access::Required,
        typed::Access::Optional => Access::Optional,
        typed::Access::Nesting => Access::Nesting,
        typed::Access::Presence => Access::Presence,
    }
}

fn gather(gather: typed::Gather) -> Gather {
    match gather {
        typed::Gather::All => Gather::All,
        typed::Gather::Exists => Gather::Exists,
        typed::Gather::ExistsOne => Gather::ExistsOne,
        typed::Gather::Filter => Gather::Filter,
        typed::Gather::List => Gather::List,
        typed::Gather::Map => Gather::Map,
        typed::Gather::Entries => Gather::Entries,
    }
}

fn defect(defect: &typed::Defect) -> Defect {
    match defect {
        typed::Defect::UnknownVariable(name) => Defect::UnknownVariable(name.clone()),
        typed::Defect::UnknownFunction(name) => Defect::UnknownFunction(name.clone()),
        typed::Defect::Arguments(name) => Defect::Arguments(name.clone()),
    }
}
