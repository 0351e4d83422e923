use pest::iterators::{Pair, Pairs};

use super::grammar::Rule;

/// What a rule consists of, taken from left to right.
pub(super) struct Parts<'i> {
    pairs: Pairs<'i, Rule>,
    /// The next one, looked at already.
    next: Option<Pair<'i, Rule>>,
}

impl<'i> Parts<'i> {
    pub fn of(pair: Pair<'i, Rule>) -> Self {
        Self::new(pair.into_inner())
    }

    pub fn new(mut pairs: Pairs<'i, Rule>) -> Self {
        let next = pairs.next();
        Self { pairs, next }
    }

    pub fn next(&mut self) -> Option<Pair<'i, Rule>> {
        std::mem::replace(&mut self.next, self.pairs.next())
    }

    /// What the next part is.
    pub fn peek(&self) -> Option<Rule> {
        self.next.as_ref().map(Pair::as_rule)
    }

    /// The next part, if it is this.
    pub fn take(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        if self.peek() == Some(rule) { self.next() } else { None }
    }

    /// The next part, if it is one of these.
    pub fn take_any(&mut self, rules: &[Rule]) -> Option<Pair<'i, Rule>> {
        if self.peek().is_some_and(|next| rules.contains(&next)) { self.next() } else { None }
    }
}
