//! Connections: chains of stops.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use crate::ast::{Chain, End, Name, Port, Stop};
use crate::source::Span;

impl Builder<'_> {
    /// A `chain` pair; two where an arrow at the end of a line leads nowhere, none where nothing is connected.
    pub fn chain(&mut self, pair: Pair<'_, Rule>) -> Vec<Chain> {
        let whole = self.span(&pair);
        let mut chains = vec![Vec::new()];
        let mut backwards = false;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::long_arrow | Rule::fat_arrow | Rule::odd_arrow => {
                    backwards |= part.as_str().starts_with(['<', '←']);
                    self.wrong_arrow(&part);
                }
                Rule::missing_end => {
                    let place = if span.start == whole.start { span } else { self.after_token(span) };
                    self.report(place, Error::ChainEnd);
                }
                _ => {
                    let stop = self.stop(part);
                    let last = chains.last().and_then(|stops: &Vec<Stop>| stops.last()).map(|stop| stop.span);
                    if let Some(arrow) = last.and_then(|last| self.dangling_arrow(whole, last, stop.span)) {
                        self.report(arrow, Error::ChainEnd);
                        chains.push(Vec::new());
                    }
                    chains.last_mut().unwrap_or(&mut Vec::new()).push(stop);
                }
            }
        }
        let complete = chains.into_iter().filter(|stops| stops.len() > 1 && !backwards);
        complete.map(|stops| Chain { span: whole_of(&stops, whole), stops }).collect()
    }

    fn wrong_arrow(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        match pair.as_rule() {
            Rule::fat_arrow => self.report_fixed(span, Error::FatArrow, "->"),
            Rule::long_arrow => self.report_fixed(span, Error::LongArrow, "->"),
            _ => self.report(span, Error::OddArrow { written: pair.as_str().into() }),
        }
    }

    /// The end of the arrow between two stops, if the second begins the next chain: the arrow ends its line, and the
    /// stop is no more indented than the chain is.
    fn dangling_arrow(&self, chain: Span, last: Span, stop: Span) -> Option<Span> {
        let between = self.original.get(last.end as usize..stop.start as usize)?;
        let arrow = between.find("->")? + "->".len();
        let dangles =
            between.get(arrow..)?.contains('\n') && self.column(stop.start) <= self.column(chain.start);
        let end = last.end as usize + arrow;
        dangles.then(|| Span::new(self.file, end, end))
    }

    fn column(&self, at: u32) -> usize {
        let before = self.original.get(..at as usize).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |end| end + 1)
    }

    fn stop(&mut self, pair: Pair<'_, Rule>) -> Stop {
        let span = self.span(&pair);
        let mut ends = Vec::new();
        match pair.as_rule() {
            Rule::end => ends.extend(self.end(pair)),
            Rule::group => {
                for part in pair.into_inner() {
                    if part.as_rule() == Rule::end {
                        ends.extend(self.end(part));
                    } else {
                        self.separator(&part);
                    }
                }
                if ends.is_empty() {
                    self.report(span, Error::EmptyGroup);
                }
            }
            _ => {
                let node = self.name(&pair);
                ends.push(End { node: self.unquoted(node), port: None, span });
            }
        }
        Stop { ends, span }
    }

    fn end(&mut self, pair: Pair<'_, Rule>) -> Option<End> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let node = parts.take(Rule::name).map(|name| self.name(&name))?;
        let port = match parts.next() {
            Some(part) if part.as_rule() == Rule::error_port => Some(self.error_port(part)),
            Some(part) if part.as_rule() == Rule::port => {
                Some(Port::Named(Name { text: part.as_str().into(), span: self.span(&part) }))
            }
            Some(missing) => {
                self.expected(self.span(&missing), "a port");
                None
            }
            None => None,
        };
        Some(End { node, port, span })
    }

    fn error_port(&mut self, pair: Pair<'_, Rule>) -> Port {
        let span = self.span(&pair);
        let mut types = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => types.push(self.name(&part)),
                Rule::quoted_word => {
                    let name = self.name(&part);
                    types.push(self.unquoted(name));
                }
                _ => {
                    self.separator(&part);
                }
            }
        }
        Port::Error { types, span }
    }
}

fn whole_of(stops: &[Stop], whole: Span) -> Span {
    match (stops.first(), stops.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => whole,
    }
}
