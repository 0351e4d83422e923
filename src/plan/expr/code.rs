use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CodeError, Function, Slot, Variable, verify};
use crate::value::{EcoString, Value};

/// The index of an operation in its [`Code`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ExprId(pub u32);

/// A compiled expression: operations in post-order, the root last.
///
/// Every operation but the root is the operand of exactly one other, which comes after it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Op>", into = "Vec<Op>")]
pub struct Code {
    ops: Vec<Op>,
}

impl Code {
    /// The code of `ops`.
    ///
    /// # Errors
    /// When they are no single tree in post-order, nest too deep, or read a local variable outside its macro.
    pub fn new(ops: Vec<Op>) -> Result<Self, CodeError> {
        verify::verify(&ops)?;
        Ok(Self { ops })
    }

    /// The code that gives `value`.
    #[must_use]
    pub fn literal(value: Value) -> Self {
        Self { ops: vec![Op::Literal(value)] }
    }

    /// The operation whose result is the expression's.
    #[must_use]
    pub fn root(&self) -> ExprId {
        ExprId(u32::try_from(self.ops.len()).map_or(u32::MAX, |len| len - 1))
    }

    /// The operation at `id`.
    #[must_use]
    pub fn op(&self, id: ExprId) -> &Op {
        &self.ops[id.0 as usize]
    }

    /// The code that fails, since what it stands for was never checked.
    #[must_use]
    pub fn failing(defect: Defect) -> Self {
        Self { ops: vec![Op::Fail(defect)] }
    }

    /// Lets its variables stand for others; those of macros stay.
    pub fn rename(&mut self, mut rename: impl FnMut(Variable) -> Variable) {
        for op in &mut self.ops {
            match op {
                Op::Variable(Variable::Local(_)) => {}
                Op::Variable(variable) => *variable = rename(*variable),
                _ => {}
            }
        }
    }

    /// All operations, in post-order.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }
}

impl TryFrom<Vec<Op>> for Code {
    type Error = CodeError;

    fn try_from(ops: Vec<Op>) -> Result<Self, CodeError> {
        Self::new(ops)
    }
}

impl From<Code> for Vec<Op> {
    fn from(code: Code) -> Self {
        code.ops
    }
}

/// One operation. Operands are evaluated in the order in which they stand, unless it says otherwise.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// A constant.
    Literal(Value),
    /// What a name stands for.
    Variable(Variable),
    /// `of.field`, `of.?field`, `has(of.field)`.
    Select {
        /// A record, a map, or an optional of one.
        of: ExprId,
        /// The field's name.
        #[schemars(with = "String")]
        field: EcoString,
        /// What happens when it is missing.
        access: Access,
    },
    /// `of[key]`, `of[?key]`.
    Index {
        /// A list, a map, or an optional of one.
        of: ExprId,
        /// An integer, or a key.
        key: ExprId,
        /// What happens when it is missing.
        access: Access,
    },
    /// `!x`.
    Not(ExprId),
    /// `-x`.
    Negate(ExprId),
    /// An integer where a double is needed; anything else stays as it is.
    ToDouble(ExprId),
    /// `a && b && …`: false if one is false, else the first error, else true.
    And(Vec<ExprId>),
    /// `a || b || …`: true if one is true, else the first error, else false.
    Or(Vec<ExprId>),
    /// `left + right` and the like.
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// The left operand.
        left: ExprId,
        /// The right operand.
        right: ExprId,
    },
    /// `condition ? then : otherwise`; only one branch is evaluated.
    Conditional {
        /// A bool.
        condition: ExprId,
        /// The value when it is true.
        then: ExprId,
        /// The value when it is false.
        otherwise: ExprId,
    },
    /// A function, or a method with its receiver first.
    Call {
        /// Which.
        function: Function,
        /// As many as the function takes.
        arguments: Vec<ExprId>,
    },
    /// `[a, ?b]`.
    List(Vec<Element>),
    /// `{k: v, ?k: v}`, or a record, whose keys are literal texts.
    Map(Vec<Entry>),
    /// `"…${x}…"`: the texts of its parts, one after the other.
    Template(Vec<ExprId>),
    /// A macro over the elements of a list or the entries of a map.
    Comprehension(Comprehension),
    /// `x.optMap(v, body)`, `x.optFlatMap(v, body)`.
    OptionalMap(OptionalMap),
    /// An expression that was not checked and can't be evaluated.
    Fail(Defect),
}

/// What reading a missing field, key or element gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// An error.
    Required,
    /// None; what is there is wrapped, unless it is an optional itself: those of the language do not nest.
    Optional,
    /// None; what is there is wrapped, also an optional: those of CEL nest.
    Nesting,
    /// Whether it is there.
    Presence,
}

/// An operator with two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
}

impl BinaryOperator {
    /// How an author writes it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
        }
    }
}

/// An element of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Element {
    /// Its value.
    pub value: ExprId,
    /// `?x`: the value is an optional, and none leaves the element out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// An entry of a map.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its key.
    pub key: ExprId,
    /// Its value.
    pub value: ExprId,
    /// `?k: x`: the value is an optional, and none leaves the entry out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// A macro over a list or a map.
///
/// With one variable it holds the element, or the key of a map; with two the index and the element, or the key and
/// the value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comprehension {
    /// What becomes of the results of `body`.
    pub gather: Gather,
    /// The list or map.
    pub range: ExprId,
    /// The first variable.
    pub first: Slot,
    /// The second variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Slot>,
    /// Elements for which this is false are left out (not of `all`, `exists` and `exists_one`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<ExprId>,
    /// Evaluated for each element.
    pub body: ExprId,
}

/// What a macro makes of the results of its body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gather {
    /// `all`: false if one is false, else the first error, else true.
    All,
    /// `exists`: true if one is true, else the first error, else false.
    Exists,
    /// `exists_one`, `existsOne`: whether exactly one is true; an error is one.
    ExistsOne,
    /// `filter`: the elements (or keys) for which the body is true, as a list.
    Filter,
    /// `map`, `transformList`: the list of results.
    List,
    /// `transformMap`: the results under the keys (or indexes) they came from.
    Map,
    /// `transformMapEntry`: the entries of the maps that are the results.
    Entries,
}

/// What is done with the value of an optional that has one; none stays none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OptionalBody {
    /// `optMap`: a value, which is wrapped.
    Value,
    /// `optFlatMap`: an optional.
    Optional,
}

/// Why an unchecked expression can't be evaluated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// No variable of this name.
    #[error("unknown variable `{0}`")]
    UnknownVariable(#[schemars(with = "String")] EcoString),
    /// No function of this name.
    #[error("unknown function `{0}`")]
    UnknownFunction(#[schemars(with = "String")] EcoString),
    /// The function doesn't take as many arguments.
    #[error("`{0}` doesn't take these arguments")]
    Arguments(#[schemars(with = "String")] EcoString),
}

impl Op {
    /// Calls `visit` for each operand.
    pub fn operands(&self, mut visit: impl FnMut(ExprId)) {
        match self {
            Self::Literal(_) | Self::Variable(_) | Self::Fail(_) => {}
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
