use ecow::EcoString;

use super::{Arena, Block, Body, Expr, ExprId, Field, Name, Param, Text, Trivia, TypeExpr, TypeId};
use crate::source::{FileId, Span};

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Which.
    pub id: FileId,
    /// Its declarations, in order. What did not parse has been reported and is not here.
    pub items: Vec<Item>,
    /// A declaration did not parse: names may be missing that are there.
    pub incomplete: bool,
    /// Its expressions.
    pub exprs: Arena<Expr>,
    /// Its types.
    pub types: Arena<TypeExpr>,
    /// Its comments and blank lines.
    pub trivia: Trivia,
}

/// A declaration at the top level.
#[derive(Debug, Clone)]
pub struct Item {
    /// What it declares.
    pub kind: ItemKind,
    /// The whole.
    pub span: Span,
    /// The `///` lines above it.
    pub doc: Option<EcoString>,
}

/// The kinds of declarations.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are their declarations")]
pub enum ItemKind {
    Import(Import),
    Const(Const),
    Setting(Setting),
    Secret(SecretDecl),
    Type(TypeDecl),
    Error(ErrorDecl),
    Plugin(Plugin),
    Section(Section),
    Workflow(Workflow),
    Test(Test),
}

/// `import { a as b } from "./x.citadel"`
#[derive(Debug, Clone)]
pub struct Import {
    /// What is taken.
    pub names: Vec<ImportName>,
    /// From where, as written.
    pub path: Text,
}

/// `a as b`
#[derive(Debug, Clone)]
pub struct ImportName {
    /// Its name over there.
    pub name: Name,
    /// Its name here, where it differs.
    pub alias: Option<Name>,
}

/// `const name = value`
#[derive(Debug, Clone)]
pub struct Const {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: ExprId,
}

/// `setting name: type = default`
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeId,
    /// What it is where the environment gives nothing.
    pub default: Option<ExprId>,
}

/// `secret name = env("NAME")`
#[derive(Debug, Clone)]
pub struct SecretDecl {
    /// Its name.
    pub name: Name,
    /// The source's form, a call.
    pub value: ExprId,
}

/// `type Name { … }` or `type Name = T`
#[derive(Debug, Clone)]
pub struct TypeDecl {
    /// Its name.
    pub name: Name,
    /// What it stands for; a record for the first form.
    pub ty: TypeId,
}

/// `error Name { … }`; the block may be absent.
#[derive(Debug, Clone)]
pub struct ErrorDecl {
    /// Its name.
    pub name: Name,
    /// Its details.
    pub params: Vec<Param>,
}

/// `plugin name from "./path" { … }`; the block may be absent.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// Its name.
    pub name: Name,
    /// An executable's path or a URL.
    pub source: Text,
    /// What it is granted.
    pub block: Option<Block>,
}

/// The declarations that are a keyword, a name and a block of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are their keywords")]
pub enum SectionKind {
    Retry,
    Breaker,
    Limit,
    Activity,
    Schedule,
    Trigger,
}

impl SectionKind {
    /// Its keyword.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Breaker => "breaker",
            Self::Limit => "limit",
            Self::Activity => "activity",
            Self::Schedule => "schedule",
            Self::Trigger => "trigger",
        }
    }
}

/// `retry careful { … }` and its like.
#[derive(Debug, Clone)]
pub struct Section {
    /// Which.
    pub kind: SectionKind,
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub block: Block,
}

/// `workflow name { … }`
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// Fields, nodes and chains.
    pub body: Body,
}

/// `test "name" { … }`
#[derive(Debug, Clone)]
pub struct Test {
    /// What it shows.
    pub name: Text,
    /// In order.
    pub members: Vec<TestMember>,
    /// From `{` to `}`.
    pub span: Span,
    /// A member did not parse (reported).
    pub incomplete: bool,
}

/// What stands in a test.
#[derive(Debug, Clone)]
pub enum TestMember {
    /// `workflow: x`, `input: { … }`
    Field(Field),
    /// `mock x { … }`
    Mock(Mock),
    /// `expect { … }`
    Expect(Expect),
}

/// `mock pages.get { … }`; its fields are values, never types.
#[derive(Debug, Clone)]
pub struct Mock {
    /// The node; several names for one in a body or in a child.
    pub path: Vec<Name>,
    /// Its outputs, `fail:` or `sequence:`.
    pub block: Block,
    /// The whole.
    pub span: Span,
}

/// `expect { … }`
#[derive(Debug, Clone)]
pub struct Expect {
    /// One expectation each.
    pub conditions: Vec<ExprId>,
    /// The whole.
    pub span: Span,
}
