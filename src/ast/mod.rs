//! What was written: declarations, members, expressions and types with their spans, before any name means anything.
//!
//! In: made by `syntax` alone. Out: read by `resolve`, `check` and the formatter. Expressions and types lie in
//! arenas of their file, so a tree of any depth is dropped without recursion and side tables are plain vectors.
//! Never sees: what names stand for.

mod arena;
mod expr;
mod item;
mod member;
mod trivia;
mod type_expr;

pub use arena::{Arena, Id};
pub use expr::{
    BinaryOp, Element, Entry, Expr, ExprId, ExprKind, Part, RESERVED_WORDS, RecordField, StringStyle, UnaryOp,
};
pub use item::{
    Const, ErrorDecl, Expect, File, Import, ImportName, Item, ItemKind, Mock, Plugin, SecretDecl, Section,
    SectionKind, Setting, Test, TestMember, TypeDecl, Workflow,
};
pub use member::{Block, Body, Chain, End, Field, FieldValue, Member, Node, Port, Stop};
pub use trivia::{Allow, Comment, CommentKind, Trivia};
pub use type_expr::{Param, TypeExpr, TypeId, TypeKind, TypeLiteral};

use crate::source::Span;
use ecow::EcoString;

/// A name as it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Its text, without backticks or quotes.
    pub text: EcoString,
    /// Its place.
    pub span: Span,
}

/// A text that must be literal (an import's path, a test's name), unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What the literal stands for.
    pub value: EcoString,
    /// The literal with its quotes.
    pub span: Span,
}
