use super::{Access, Comprehension, ExprId, Function, Gather, Op, OptionalMap, Slot, Variable};

/// How deep operations may nest. Chains of operators to the left and of `?:` to the right count once, since their
/// evaluation doesn't recurse.
pub const MAX_DEPTH: u32 = 400;

/// Why operations are no code.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeError {
    /// There is no operation, or there are too many to count.
    #[error("no operations")]
    Empty,
    /// An operand that doesn't come before its operation.
    #[error("operation {} has an operand that does not come before it", .0.0)]
    Order(ExprId),
    /// An operation is the operand of none, or of several.
    #[error("operation {} is not the operand of exactly one other", .0.0)]
    Shared(ExprId),
    /// Operations nest too deep.
    #[error("operation {} nests too deep", .0.0)]
    Depth(ExprId),
    /// A function with too few or too many arguments.
    #[error("operation {} calls `{}` with a wrong number of arguments", .0.0, .1.name())]
    Arity(ExprId, Function),
    /// An operation whose parts don't go together.
    #[error("operation {} has parts that do not go together", .0.0)]
    Form(ExprId),
    /// A local variable outside the macro that sets it.
    #[error("a local variable is read outside its macro")]
    Local,
}

/// What is known of the tree under an operation.
#[derive(Clone, Copy, Default)]
struct Tree {
    depth: u32,
    /// The local variables that it reads and doesn't set.
    free: Slots,
    used: bool,
}

/// A set of slots.
#[derive(Clone, Copy, Default, PartialEq)]
struct Slots([u64; 4]);

impl Slots {
    fn one(slot: Slot) -> Self {
        let mut slots = Self::default();
        slots.0[usize::from(slot.0 >> 6)] = 1 << (slot.0 & 63);
        slots
    }

    fn with(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    fn without(self, slot: Slot) -> Self {
        let slot = Self::one(slot);
        Self(std::array::from_fn(|word| self.0[word] & !slot.0[word]))
    }
}

/// One pass: every operand is known when its operation comes.
pub(super) fn verify(ops: &[Op]) -> Result<(), CodeError> {
    let mut trees: Vec<Tree> = Vec::with_capacity(ops.len());
    for (op, number) in ops.iter().zip(0..) {
        let id = ExprId(number);
        verify_form(op, id)?;
        use_operands(op, id, &mut trees)?;
        let depth = depth(op, ops, &trees);
        if depth > MAX_DEPTH {
            return Err(CodeError::Depth(id));
        }
        trees.push(Tree { depth, free: free(op, &trees), used: false });
    }
    let root = trees.pop().ok_or(CodeError::Empty)?;
    if let Some((_, number)) = trees.iter().zip(0..).find(|(tree, _)| !tree.used) {
        return Err(CodeError::Shared(ExprId(number)));
    }
    if root.free == Slots::default() { Ok(()) } else { Err(CodeError::Local) }
}

fn use_operands(op: &Op, id: ExprId, trees: &mut [Tree]) -> Result<(), CodeError> {
    let mut result = Ok(());
    op.operands(|operand| match trees.get_mut(operand.0 as usize) {
        None => result = Err(CodeError::Order(id)),
        Some(tree) if tree.used => result = Err(CodeError::Shared(operand)),
        Some(tree) => tree.used = true,
    });
    result
}

fn verify_form(op: &Op, id: ExprId) -> Result<(), CodeError> {
    let fits = match op {
        Op::Call { function, arguments } => {
            if !function.takes(arguments.len()) {
                return Err(CodeError::Arity(id, *function));
            }
            true
        }
        Op::Index { access, .. } => *access != Access::Presence,
        Op::And(operands) | Op::Or(operands) => operands.len() >= 2,
        Op::Comprehension(Comprehension { gather, second, filter, .. }) => match gather {
            Gather::All | Gather::Exists | Gather::ExistsOne => filter.is_none(),
            Gather::Filter => filter.is_none() && second.is_none(),
            Gather::List => true,
            Gather::Map | Gather::Entries => second.is_some(),
        },
        _ => true,
    };
    if fits { Ok(()) } else { Err(CodeError::Form(id)) }
}

fn depth(op: &Op, ops: &[Op], trees: &[Tree]) -> u32 {
    let of = |id: ExprId| trees.get(id.0 as usize).map_or(0, |tree| tree.depth);
    let is_binary = |id: ExprId| matches!(ops.get(id.0 as usize), Some(Op::Binary { .. }));
    match op {
        Op::Binary { left, right, .. } if is_binary(*left) => of(*left).max(of(*right) + 1),
        Op::Conditional { condition, then, otherwise } => {
            (of(*condition) + 1).max(of(*then)).max(of(*otherwise)).max(1)
        }
        _ => {
            let mut deepest = 0;
            op.operands(|operand| deepest = deepest.max(of(operand)));
            deepest + 1
        }
    }
}

fn free(op: &Op, trees: &[Tree]) -> Slots {
    let of = |id: ExprId| trees.get(id.0 as usize).map_or(Slots::default(), |tree| tree.free);
    match op {
        Op::Variable(Variable::Local(slot)) => Slots::one(*slot),
        Op::Comprehension(comprehension) => {
            let Comprehension { range, first, second, filter, body, .. } = comprehension;
            let inner = filter.map_or(Slots::default(), of).with(of(*body)).without(*first);
            of(*range).with(second.map_or(inner, |second| inner.without(second)))
        }
        Op::OptionalMap(OptionalMap { of: optional, slot, body, .. }) => {
            of(*optional).with(of(*body).without(*slot))
        }
        _ => {
            let mut free = Slots::default();
            op.operands(|operand| free = free.with(of(operand)));
            free
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BinaryOperator, Code, Slot};
    use super::{CodeError, Comprehension, ExprId, Function, Gather, MAX_DEPTH, Op, Variable};
    use crate::value::Value;

    fn int(value: i64) -> Op {
        Op::Literal(Value::Int(value))
    }

    fn add(left: u32, right: u32) -> Op {
        Op::Binary { operator: BinaryOperator::Add, left: ExprId(left), right: ExprId(right) }
    }

    fn map_over(range: u32, body: u32) -> Op {
        let (range, body) = (ExprId(range), ExprId(body));
        Op::Comprehension(Comprehension {
            gather: Gather::List,
            range,
            first: Slot(200),
            second: None,
            filter: None,
            body,
        })
    }

    #[test]
    fn only_one_tree_in_post_order_is_code() {
        assert!(Code::new(vec![int(1), int(2), add(0, 1)]).is_ok());
        assert_eq!(Code::new(vec![]), Err(CodeError::Empty));
        assert_eq!(Code::new(vec![int(1), add(0, 1)]), Err(CodeError::Order(ExprId(1))));
        assert_eq!(Code::new(vec![int(1), add(0, 0)]), Err(CodeError::Shared(ExprId(0))));
        assert_eq!(Code::new(vec![int(1), int(2)]), Err(CodeError::Shared(ExprId(0))));
        let size = Op::Call { function: Function::Size, arguments: vec![] };
        assert_eq!(Code::new(vec![size]), Err(CodeError::Arity(ExprId(0), Function::Size)));
    }

    #[test]
    fn locals_are_read_inside_their_macro_only() {
        let local = || Op::Variable(Variable::Local(Slot(200)));
        assert!(Code::new(vec![int(1), local(), map_over(0, 1)]).is_ok());
        assert_eq!(Code::new(vec![local(), local(), map_over(0, 1)]), Err(CodeError::Local));
    }

    #[test]
    fn depth_is_limited_but_not_the_length_of_a_chain() {
        let mut nots = vec![int(1)];
        nots.extend((0..MAX_DEPTH).map(|below| Op::Not(ExprId(below))));
        assert_eq!(Code::new(nots), Err(CodeError::Depth(ExprId(MAX_DEPTH))));

        let mut chain = vec![int(0)];
        for term in 0..10_000 {
            chain.extend([int(term), add(2 * u32::try_from(term).expect("small"), 2 * term as u32 + 1)]);
        }
        assert!(Code::new(chain).is_ok());
    }

    #[test]
    fn loaded_code_is_verified() {
        let code = Code::new(vec![int(1), int(2), add(0, 1)]).expect("a tree");
        let text = serde_json::to_string(&code).expect("code serialises");
        assert_eq!(
            text,
            r#"[{"literal":{"int":"1"}},{"literal":{"int":"2"}},{"binary":{"operator":"add","left":0,"right":1}}]"#
        );
        assert_eq!(serde_json::from_str::<Code>(&text).ok(), Some(code));
        assert!(serde_json::from_str::<Code>(&text.replace("\"right\":1", "\"right\":2")).is_err());
        assert!(serde_json::from_str::<Code>(&text.replace("\"right\"", "\"x\":0,\"right\"")).is_err());
    }
}
