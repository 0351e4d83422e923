use std::ops::Range;

use crate::catalog::{Dialect, SqlPart, sql_parts};

/// A statement as its database has it, with placeholders where the author wrote `:name`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// What is sent.
    pub(super) text: String,
    /// The names of the values that are bound, in the order in which the database counts them.
    pub(super) names: Vec<String>,
    /// The author's text.
    written: String,
    /// Which part of the author's text became which part of what is sent.
    places: Vec<(Range<usize>, Range<usize>)>,
}

impl Statement {
    /// Puts placeholders in the places of parameters.
    pub(super) fn new(written: &str, dialect: Dialect) -> Self {
        let mut statement = Self {
            text: String::with_capacity(written.len()),
            names: Vec::new(),
            written: written.to_owned(),
            places: Vec::new(),
        };
        for (range, part) in sql_parts(written, dialect) {
            let start = statement.text.len();
            statement.add(&written[range.clone()], part, dialect);
            statement.places.push((range, start..statement.text.len()));
        }
        statement
    }

    fn add(&mut self, part: &str, kind: SqlPart, dialect: Dialect) {
        match (kind, dialect) {
            (SqlPart::Parameter, Dialect::MySql) => {
                self.names.push(part[1..].to_owned());
                self.text.push('?');
            }
            (SqlPart::Parameter, _) => {
                let number = self.number(&part[1..]);
                let mark = if dialect == Dialect::Postgres { '$' } else { '?' };
                self.text.push_str(&format!("{mark}{number}"));
            }
            // Libraries and proxies read comments and strings of MySQL each in their own way.
            (SqlPart::Comment, Dialect::MySql) => self.text.push(' '),
            (SqlPart::Quoted, Dialect::MySql) => {
                if self.text.ends_with(['-', '/']) {
                    self.text.push(' ');
                }
                self.text.push_str(part);
            }
            (SqlPart::Text, Dialect::MySql) => self.text.push_str(&part.replace("--", "- -")),
            _ => self.text.push_str(part),
        }
    }

    /// The number of a name, from 1: the same wherever it stands.
    fn number(&mut self, name: &str) -> usize {
        match self.names.iter().position(|known| known == name) {
            Some(at) => at + 1,
            None => {
                self.names.push(name.to_owned());
                self.names.len()
            }
        }
    }

    /// The character of the author's text, from 1, that a character of the sent one comes from.
    pub(super) fn written_position(&self, sent: usize) -> Option<usize> {
        let at = self.text.char_indices().nth(sent.checked_sub(1)?).map_or(self.text.len(), |(at, _)| at);
        let (from, to) = self.places.iter().find(|(_, to)| to.contains(&at)).or(self.places.last())?;
        let offset = if from.len() == to.len() { from.start + (at - to.start) } else { from.start };
        Some(self.written.get(..offset)?.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;
    use crate::catalog::Dialect::{MySql, Postgres, Sqlite};

    #[test]
    fn each_database_has_its_own_placeholders() {
        let text = "select :a, ':a', :b::text, :a -- :c";
        let sent = |dialect| {
            let statement = Statement::new(text, dialect);
            (statement.text, statement.names.join(" "))
        };
        assert_eq!(sent(Postgres), ("select $1, ':a', $2::text, $1 -- :c".into(), "a b".into()));
        assert_eq!(sent(Sqlite), ("select ?1, ':a', ?2::text, ?1 -- :c".into(), "a b".into()));
        assert_eq!(sent(MySql), ("select ?, ':a', ?::text, ?  ".into(), "a b a".into()));
        assert_eq!(Statement::new("select 1--':a', 2-':b'", MySql).text, "select 1- - ':a', 2- ':b'");
    }

    #[test]
    fn places_are_those_of_the_written_text() {
        let statement = Statement::new("select 'ä', :long, nothing", Postgres);
        let sent = statement.text.find("nothing").expect("it is there");
        let sent = statement.text[..sent].chars().count() + 1;
        assert_eq!(statement.written_position(sent), Some("select 'ä', :long, ".chars().count() + 1));
        assert_eq!(statement.written_position(0), None);
        assert!(statement.written_position(10_000).is_some());
    }
}
