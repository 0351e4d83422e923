use ecow::EcoString;

use crate::source::Span;

/// What the tree leaves out and a formatter needs, in source order.
#[derive(Debug, Clone, Default)]
pub struct Trivia {
    /// All comments.
    pub comments: Vec<Comment>,
    /// First byte of each blank line.
    pub blank_lines: Vec<u32>,
    /// The suppressions among the comments.
    pub allows: Vec<Allow>,
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// How it was written.
    pub kind: CommentKind,
    /// With its delimiters.
    pub span: Span,
    /// Nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// How a comment was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/* … */`
    Block,
    /// `/// …`
    Doc,
}

/// `// citadel: allow(code, …) reason`
#[derive(Debug, Clone)]
pub struct Allow {
    /// What it allows, each with its place.
    pub codes: Vec<super::Name>,
    /// Why; empty where none is given.
    pub reason: EcoString,
    /// The comment.
    pub span: Span,
    /// The line (from 1) whose findings it covers: its own, or the next when it stands alone.
    pub line: u32,
}
