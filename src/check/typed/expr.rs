use ecow::EcoString;

use crate::ast::{BinaryOp, Id};
use crate::catalog::Given;
use crate::catalog::function::Function;
use crate::check::program::{ConstantIx, NodeIx, SecretIx, SettingIx};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

/// A typed expression, by its place in [`Exprs`](super::Exprs). What it refers to comes before it.
pub type ExprId = Id<Expr>;

/// A typed expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// The forms of a typed expression.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// A constant value.
    Literal(Value),
    /// What a name stands for.
    Variable(Variable),
    /// `of.field`, `of.?field`, `has(of.field)`
    Select {
        /// A record, a map, json, or an optional of one.
        of: ExprId,
        /// The field.
        field: EcoString,
        /// What a missing field gives.
        access: Access,
    },
    /// `of[key]`, `of[?key]`
    Index {
        /// A list, a map, json, or an optional of one.
        of: ExprId,
        /// The index or key.
        key: ExprId,
        /// What a missing element gives.
        access: Access,
    },
    /// `!x`
    Not(ExprId),
    /// `-x`
    Negate(ExprId),
    /// An int where a double is needed.
    ToDouble(ExprId),
    /// `a && b && …`, two at least
    And(Vec<ExprId>),
    /// `a || b || …`, two at least
    Or(Vec<ExprId>),
    /// Any other operator between two operands.
    Binary {
        /// Which; neither `&&` nor `||`.
        op: BinaryOp,
        /// The left operand.
        left: ExprId,
        /// The right operand.
        right: ExprId,
    },
    /// `condition ? then : otherwise`
    Conditional {
        /// A bool.
        condition: ExprId,
        /// Where it holds.
        then: ExprId,
        /// Where it doesn't.
        otherwise: ExprId,
    },
    /// A function, or a method with its receiver first.
    Call {
        /// Which.
        function: Function,
        /// Its arguments.
        arguments: Vec<ExprId>,
    },
    /// `[a, ?b]`
    List(Vec<Element>),
    /// A map or a record.
    Map(Vec<Entry>),
    /// `"…${x}…"`: texts and what is between them.
    Template(Vec<ExprId>),
    /// A macro over a list or a map.
    Comprehension(Comprehension),
    /// `optMap`, `optFlatMap`
    OptionalMap(OptionalMap),
    /// It was not checked and fails when it is evaluated.
    Fail(Defect),
    /// In error, which was reported. It is never lowered.
    Bad,
}

/// What a name stands for. Indexes are those of the program's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// `input`
    Input,
    /// `run`
    Run,
    /// A constant.
    Constant(ConstantIx),
    /// A setting.
    Setting(SettingIx),
    /// A secret.
    Secret(SecretIx),
    /// The output of a node that has certainly succeeded; in the expectations of a test its report.
    Node(NodeIx),
    /// An optional of a node's output.
    MaybeNode(NodeIx),
    /// The error of a node that has certainly failed.
    NodeError(NodeIx),
    /// An optional of a node's error.
    MaybeNodeError(NodeIx),
    /// `error`
    Error,
    /// `failure`
    Failure,
    /// The loop variable, of the loop so many bodies further out.
    Item(u32),
    /// `index` of that loop.
    Index(u32),
    /// `state` of that loop.
    State(u32),
    /// What a trigger was fired by.
    Body,
    /// What the block gives in which the expression stands.
    Given(Given),
    /// `now`
    Now,
    /// A variable of a macro.
    Local(Slot),
    /// A binding of `citadel eval`.
    Binding(u32),
}

/// The place of a macro's variable; macros that don't enclose each other use the same.
pub type Slot = u8;

/// What reading something that is missing gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// An error.
    Required,
    /// None.
    Optional,
    /// None; an optional that is there becomes an optional of an optional.
    Nesting,
    /// `false`, and `true` where it is there.
    Presence,
}

/// An element of a list.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Its value.
    pub value: ExprId,
    /// An optional that is left out when it is none.
    pub optional: bool,
}

/// An entry of a map.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its key.
    pub key: ExprId,
    /// Its value.
    pub value: ExprId,
    /// An optional that is left out when it is none.
    pub optional: bool,
}

/// A macro over a list or a map. One variable holds the element or the key, two the index and the element or the key
/// and the value.
#[derive(Debug, Clone)]
pub struct Comprehension {
    /// What becomes of the results.
    pub gather: Gather,
    /// The list or map.
    pub range: ExprId,
    /// The first variable.
    pub first: Slot,
    /// The second variable.
    pub second: Option<Slot>,
    /// What is left out before the body is evaluated.
    pub filter: Option<ExprId>,
    /// Evaluated for each element.
    pub body: ExprId,
}

/// What a macro makes of the results of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gather {
    /// Whether all hold.
    All,
    /// Whether one holds.
    Exists,
    /// Whether exactly one holds.
    ExistsOne,
    /// The elements for which it holds.
    Filter,
    /// The list of results.
    List,
    /// The results under their keys.
    Map,
    /// The entries of the maps that are the results.
    Entries,
}

/// What is done with the value of an optional that has one.
#[derive(Debug, Clone)]
pub struct OptionalMap {
    /// The optional.
    pub of: ExprId,
    /// The variable that holds its value.
    pub slot: Slot,
    /// Evaluated with it.
    pub body: ExprId,
    /// What the body gives.
    pub gives: OptionalBody,
}

/// What the body of `optMap` or `optFlatMap` gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionalBody {
    /// A value.
    Value,
    /// An optional.
    Optional,
}

/// Why an expression that was not checked can't be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defect {
    /// No variable of this name.
    UnknownVariable(EcoString),
    /// No function of this name.
    UnknownFunction(EcoString),
    /// The function doesn't take as many arguments.
    Arguments(EcoString),
}

impl ExprKind {
    /// Calls `visit` for each operand, in the order of evaluation.
    pub fn operands(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            Self::Literal(_) | Self::Variable(_) | Self::Fail(_) | Self::Bad => {}
            Self::Select { of, .. } | Self::Not(of) | Self::Negate(of) | Self::ToDouble(of) => visit(*of),
            Self::Index { of, key, .. } => [*of, *key].into_iter().for_each(visit),
            Self::Binary { left, right, .. } => [*left, *right].into_iter().for_each(visit),
            Self::Conditional { condition, then, otherwise } => {
                [*condition, *then, *otherwise].into_iter().for_each(visit);
            }
            Self::And(operands) | Self::Or(operands) | Self::Template(operands) => {
                operands.iter().copied().for_each(visit);
            }
            Self::Call { arguments, .. } => arguments.iter().copied().for_each(visit),
            Self::List(elements) => elements.iter().map(|element| element.value).for_each(visit),
            Self::Map(entries) => entries.iter().flat_map(|entry| [entry.key, entry.value]).for_each(visit),
            Self::Comprehension(Comprehension { range, filter, body, .. }) => {
                [Some(*range), *filter, Some(*body)].into_iter().flatten().for_each(visit);
            }
            Self::OptionalMap(OptionalMap { of, body, .. }) => [*of, *body].into_iter().for_each(visit),
        }
    }
}
