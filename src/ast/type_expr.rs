use ecow::EcoString;

use super::{ExprId, Id, Name};
use crate::source::Span;

/// A type of a file's arena.
pub type TypeId = Id<TypeExpr>;

/// A type as written, and its place.
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// Its place.
    pub span: Span,
}

/// The forms of a type.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// `string`, `Order`: built in or declared.
    Named(EcoString),
    /// `list<T>`, `map<K, V>` or any other name with arguments; which are right is for `check` to say.
    Applied {
        /// The name before `<`.
        name: Name,
        /// The arguments.
        args: Vec<TypeId>,
    },
    /// `{ id: string, note: string? = optional.none() }`
    Record(Vec<Param>),
    /// `"gold" | "silver"`, also a single literal
    Literals(Vec<TypeLiteral>),
    /// `T?`
    Optional(TypeId),
    /// Did not parse; it has been reported.
    Bad,
}

/// A member of a literal union: an expression that is a literal.
#[derive(Debug, Clone)]
pub struct TypeLiteral {
    /// A string, number or bool literal.
    pub value: ExprId,
    /// Its place.
    pub span: Span,
}

/// `name: type = default`: a field of a record type, an input, a state variable, a detail of an error.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name; it may have been quoted.
    pub name: Name,
    /// Its type.
    pub ty: TypeId,
    /// What it is where nothing is given.
    pub default: Option<ExprId>,
    /// The whole.
    pub span: Span,
    /// The `///` lines above it.
    pub doc: Option<EcoString>,
}
