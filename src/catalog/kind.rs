use ecow::EcoString;

use super::{Ability, Block, Class, Effect, ErrorInfo, Field, Output};

/// A kind of node.
#[derive(Debug, Clone)]
pub struct Kind {
    /// `http_request`, `mailer.send`
    pub name: EcoString,
    /// One sentence on what it does.
    pub summary: EcoString,
    /// How it is executed.
    pub class: Class,
    /// Its own fields; those of its class are in [`Catalog::common`](super::Catalog::common).
    pub block: Block,
    /// Where it may be left, `error` apart.
    pub ports: Ports,
    /// What it gives.
    pub output: Output,
    /// What it may fail with, beside what all nodes of its class may.
    pub errors: Vec<ErrorInfo>,
    /// What a second execution does.
    pub effect: Effect,
    /// What it can do beyond that.
    pub abilities: Vec<Ability>,
    /// What more there is to know, a paragraph each.
    pub notes: Vec<EcoString>,
    /// A small file that uses it; empty where there is none.
    pub example: EcoString,
}

/// The ports of a kind, `error` apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    /// `ok`
    Ok,
    /// These, always.
    Own(Vec<EcoString>),
    /// `true` and `false`, the cases and `otherwise`, or the members of a union: by the form that is chosen.
    Condition,
    /// None: the run is over.
    None,
}

impl Kind {
    /// A kind of a class with the port `ok`, no fields and no output.
    #[must_use]
    pub fn new(name: &str, class: Class, summary: &str) -> Self {
        let effect = if class.is_activity() { Effect::Idempotent } else { Effect::Pure };
        let (block, output, errors) = (Block::new(), Output::None, Vec::new());
        Self {
            name: name.into(),
            summary: summary.into(),
            class,
            block,
            ports: Ports::Ok,
            output,
            errors,
            effect,
            abilities: Vec::new(),
            notes: Vec::new(),
            example: EcoString::new(),
        }
    }

    /// Whether it decides about the failures of others.
    #[must_use]
    pub fn is_handler(&self) -> bool {
        matches!(self.output, Output::Handler)
    }

    /// Whether it runs another workflow.
    #[must_use]
    pub fn output_is_callee(&self) -> bool {
        matches!(self.output, Output::Callee)
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.block = self.block.field(field);
        self
    }

    /// Exactly one of these fields is written; names with a space between them go together.
    #[must_use]
    pub fn one_of(mut self, ways: &[&str]) -> Self {
        self.block = self.block.one_of(ways);
        self
    }

    /// At most one of these fields is written, and one where `field` is.
    #[must_use]
    pub fn one_of_with(mut self, field: &str, ways: &[&str]) -> Self {
        self.block = self.block.one_of_with(field, ways);
        self
    }

    /// At most one of these fields is written.
    #[must_use]
    pub fn at_most_one_of(mut self, ways: &[&str]) -> Self {
        self.block = self.block.at_most_one_of(ways);
        self
    }

    /// What it gives.
    #[must_use]
    pub fn output(self, output: Output) -> Self {
        Self { output, ..self }
    }

    /// What it may fail with.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = ErrorInfo>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Where it may be left.
    #[must_use]
    pub fn ports(self, ports: Ports) -> Self {
        Self { ports, ..self }
    }

    /// It can do this.
    #[must_use]
    pub fn can(mut self, ability: Ability) -> Self {
        self.abilities.push(ability);
        self
    }

    /// A paragraph about it.
    #[must_use]
    pub fn note(mut self, text: &str) -> Self {
        self.notes.push(text.into());
        self
    }

    /// A small file that uses it.
    #[must_use]
    pub fn example(self, text: &str) -> Self {
        Self { example: text.into(), ..self }
    }

    /// What a second execution does.
    #[must_use]
    pub fn effect(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}
