use crate::ast::{Item, ItemKind, Name, SectionKind};
use crate::source::FileId;

/// Which names can't be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are their declarations")]
pub enum Namespace {
    /// Constants, settings and secrets; nodes and variables share it within a workflow.
    Value,
    Type,
    /// Retry policies, breakers and limits.
    Policy,
    Error,
    Workflow,
    Activity,
    Plugin,
    Schedule,
    Trigger,
    Test,
}

impl Namespace {
    /// What a message calls a thing of it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Value => "name",
            Self::Type => "type",
            Self::Policy => "policy",
            Self::Error => "error",
            Self::Workflow => "workflow",
            Self::Activity => "activity",
            Self::Plugin => "plugin",
            Self::Schedule => "schedule",
            Self::Trigger => "trigger",
            Self::Test => "test",
        }
    }

    /// Whether another file may import it.
    #[must_use]
    pub fn is_importable(self) -> bool {
        !matches!(self, Self::Schedule | Self::Trigger | Self::Test)
    }
}

/// A declaration, by its index in [`Resolved`](super::Resolved).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclarationId(pub u32);

/// What declares a name.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The file.
    pub file: FileId,
    /// The index of the item in its file.
    pub item: usize,
    /// Where its name counts.
    pub namespace: Namespace,
    /// Its name.
    pub name: Name,
}

/// The namespace and name that an item declares; imports declare what they name.
pub(super) fn declared(item: &Item) -> Option<(Namespace, Name)> {
    Some(match &item.kind {
        ItemKind::Import(_) => return None,
        ItemKind::Const(it) => (Namespace::Value, it.name.clone()),
        ItemKind::Setting(it) => (Namespace::Value, it.name.clone()),
        ItemKind::Secret(it) => (Namespace::Value, it.name.clone()),
        ItemKind::Type(it) => (Namespace::Type, it.name.clone()),
        ItemKind::Error(it) => (Namespace::Error, it.name.clone()),
        ItemKind::Plugin(it) => (Namespace::Plugin, it.name.clone()),
        ItemKind::Workflow(it) => (Namespace::Workflow, it.name.clone()),
        ItemKind::Test(it) => (Namespace::Test, Name { text: it.name.value.clone(), span: it.name.span }),
        ItemKind::Section(it) => (section_namespace(it.kind), it.name.clone()),
    })
}

fn section_namespace(kind: SectionKind) -> Namespace {
    match kind {
        SectionKind::Retry | SectionKind::Breaker | SectionKind::Limit => Namespace::Policy,
        SectionKind::Activity => Namespace::Activity,
        SectionKind::Schedule => Namespace::Schedule,
        SectionKind::Trigger => Namespace::Trigger,
    }
}
