use ecow::EcoString;

use super::{Id, Name};
use crate::source::Span;

/// CEL's reserved words: none of them can be the name of a variable.
pub const RESERVED_WORDS: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// An expression of a file's arena.
pub type ExprId = Id<Expr>;

/// An expression and its place.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// From its first to its last byte, parentheses around it left out.
    pub span: Span,
}

/// The forms of an expression (CEL's, with interpolation and duration literals).
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `42`, `-1` where the sign belongs to the literal, `0x1F`, and sizes such as `8MiB` (in bytes)
    Int(i64),
    /// `42u`
    Uint(u64),
    /// `1.5`
    Double(f64),
    /// A text without interpolation, unescaped and dedented.
    String {
        /// What it stands for.
        value: EcoString,
        /// How it was quoted.
        style: StringStyle,
    },
    /// `"a ${b} c"`: at least one part is an expression.
    Template(Vec<Part>),
    /// `b"…"`
    Bytes(Box<[u8]>),
    /// `1h30m`, in nanoseconds
    Duration(i64),
    /// `x`; `leading_dot` for CEL's `.x`
    Name {
        /// The name.
        name: EcoString,
        /// Written with a dot before it.
        leading_dot: bool,
    },
    /// `base.field`, `base.?field`, `` base.`odd-name` ``
    Select {
        /// What is selected from.
        base: ExprId,
        /// The field.
        field: Name,
        /// With `.?`.
        optional: bool,
    },
    /// `base[index]`, `base[?index]`
    Index {
        /// What is indexed.
        base: ExprId,
        /// The index or key.
        index: ExprId,
        /// With `[?`.
        optional: bool,
    },
    /// `f(a, b)`, macros among them
    Call {
        /// The function.
        function: Name,
        /// Its arguments.
        args: Vec<ExprId>,
    },
    /// `x.f(a, b)`, macros among them
    MethodCall {
        /// What stands before the dot.
        receiver: ExprId,
        /// The function.
        function: Name,
        /// The arguments in parentheses.
        args: Vec<ExprId>,
    },
    /// `-x`, `!x`
    Unary {
        /// Which.
        op: UnaryOp,
        /// Its operand.
        operand: ExprId,
    },
    /// `a + b`
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left operand.
        left: ExprId,
        /// Right operand.
        right: ExprId,
    },
    /// `c ? a : b`
    Conditional {
        /// The condition.
        condition: ExprId,
        /// Where it holds.
        then: ExprId,
        /// Where it doesn't.
        otherwise: ExprId,
    },
    /// `[a, ?b]`
    List(Vec<Element>),
    /// `{ "a": 1, ?"b": c }`
    Map(Vec<Entry>),
    /// `Order { id: "x" }`; `path` has several names for CEL's dotted type names
    Record {
        /// The type's name.
        path: Vec<Name>,
        /// Its fields.
        fields: Vec<RecordField>,
    },
    /// Did not parse; it has been reported.
    Bad,
}

impl Expr {
    /// Calls `visit` for each expression that stands directly in this one, in source order.
    pub fn operands(&self, mut visit: impl FnMut(ExprId)) {
        match &self.kind {
            ExprKind::Template(parts) => parts.iter().filter_map(Part::expr).for_each(visit),
            ExprKind::Select { base, .. } => visit(*base),
            ExprKind::Index { base, index, .. } => [*base, *index].into_iter().for_each(visit),
            ExprKind::Call { args, .. } => args.iter().copied().for_each(visit),
            ExprKind::MethodCall { receiver, args, .. } => {
                std::iter::once(*receiver).chain(args.iter().copied()).for_each(visit);
            }
            ExprKind::Unary { operand, .. } => visit(*operand),
            ExprKind::Binary { left, right, .. } => [*left, *right].into_iter().for_each(visit),
            ExprKind::Conditional { condition, then, otherwise } => {
                [*condition, *then, *otherwise].into_iter().for_each(visit);
            }
            ExprKind::List(elements) => elements.iter().map(|element| element.value).for_each(visit),
            ExprKind::Map(entries) => {
                entries.iter().flat_map(|entry| [entry.key, entry.value]).for_each(visit);
            }
            ExprKind::Record { fields, .. } => fields.iter().map(|field| field.value).for_each(visit),
            _ => {}
        }
    }
}

/// How a string literal was quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringStyle {
    /// `"…"` or `"""…"""`: interpolates.
    Double,
    /// `'…'` or `'''…'''`: never interpolates.
    Single,
    /// `r"…"` and its like: no escapes, no interpolation.
    Raw,
}

/// A part of an interpolated text.
#[derive(Debug, Clone)]
pub enum Part {
    /// Text between interpolations, unescaped and dedented.
    Text(EcoString),
    /// The expression of `${…}`.
    Expr(ExprId),
}

impl Part {
    /// The expression of an interpolation.
    #[must_use]
    pub fn expr(&self) -> Option<ExprId> {
        match self {
            Self::Text(_) => None,
            Self::Expr(expr) => Some(*expr),
        }
    }
}

/// An element of a list literal.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its value.
    pub value: ExprId,
    /// With `?`: an optional that is left out when it is none.
    pub optional: bool,
}

/// An entry of a map literal.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its key, an expression.
    pub key: ExprId,
    /// Its value.
    pub value: ExprId,
    /// With `?`.
    pub optional: bool,
}

/// A field of `Type { … }`.
#[derive(Debug, Clone)]
pub struct RecordField {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: ExprId,
    /// With `?`.
    pub optional: bool,
}

/// Operators before an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Operators between operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are their names")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl BinaryOp {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}
