use miette::Diagnostic;
use sqlparser::ast::Statement;
use sqlparser::dialect::{self, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use thiserror::Error;

use super::Literal;
use crate::catalog::{Dialect, SqlPart, sql_parts};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;

/// What can be wrong with a query's text.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this is no SQL: {reason}")]
    #[diagnostic(
        code(sql_syntax),
        help("the query is read as PostgreSQL, MySQL and SQLite have it; none of them takes it")
    )]
    Syntax { reason: String },
    #[error("the query is empty")]
    #[diagnostic(code(sql_empty), help("write one SQL statement"))]
    Empty,
    #[error("one node runs one statement, this text has {count}")]
    #[diagnostic(
        code(sql_statements),
        help("write a `database_query` node for each, or one statement with `WITH`")
    )]
    Statements { count: usize },
    #[error("the query uses `:{name}`, which `params` doesn't give")]
    #[diagnostic(code(sql_unknown_parameter), help("{}", match suggestion {
        Some(near) => format!("did you mean `:{near}`?"),
        None => format!("add `\"{name}\": …` to `params`"),
    }))]
    UnknownParameter { name: String, suggestion: Option<String> },
    #[error("the query never uses `:{name}`")]
    #[diagnostic(code(sql_unused_parameter), severity(Warning), help("remove it from `params`, or use it"))]
    UnusedParameter { name: String },
    #[error("parameters have names here")]
    #[diagnostic(code(sql_positional_parameter), help("write `:name` and give `\"name\"` in `params`"))]
    Positional,
}

/// What a statement does, as far as a `mode` cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementKind {
    /// It gives rows: `SELECT`, `VALUES`, `… RETURNING`.
    Rows,
    /// It gives none.
    Execute,
}

/// What a query's text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The names of its `:name` parameters, in order, each once.
    pub parameters: Vec<String>,
    /// What it gives.
    pub kind: StatementKind,
}

/// Checks a query's text. `params` are the names that the node gives, with their places; `None` where they can't
/// be told from the file. `None` is returned where the text is refused.
pub fn check_sql(
    literal: Literal<'_>,
    params: Option<&[(&str, Span)]>,
    problems: &mut Problems,
) -> Option<Query> {
    let (statements, dialect) = match parse(literal.value) {
        Ok(parsed) => parsed,
        Err(error) => {
            let place = error.offset.map_or(literal.span, |at| literal.place(at..at));
            problems.report(Finding::new(place, Error::Syntax { reason: error.reason }));
            return None;
        }
    };
    let [statement] = statements.as_slice() else {
        let count = statements.len();
        let error = if count == 0 { Error::Empty } else { Error::Statements { count } };
        problems.report(Finding::new(literal.span, error));
        return None;
    };
    let parameters = named_parameters(literal, dialect, problems);
    if let Some(params) = params {
        compare_parameters(literal, &parameters, params, problems);
    }
    let mut names: Vec<String> = Vec::new();
    for parameter in parameters {
        if !names.contains(&parameter.name) {
            names.push(parameter.name);
        }
    }
    Some(Query { parameters: names, kind: kind(statement) })
}

struct SyntaxError {
    reason: String,
    offset: Option<usize>,
}

/// The statements as the first dialect has them that takes the text; else the error of the one that got furthest.
fn parse(text: &str) -> Result<(Vec<Statement>, Dialect), SyntaxError> {
    let dialects: [(&dyn dialect::Dialect, Dialect); 4] = [
        (&PostgreSqlDialect {}, Dialect::Postgres),
        (&SQLiteDialect {}, Dialect::Sqlite),
        (&MySqlDialect {}, Dialect::MySql),
        (&GenericDialect {}, Dialect::Postgres),
    ];
    let mut furthest: Option<SyntaxError> = None;
    for (parser, dialect) in dialects {
        match Parser::parse_sql(parser, text) {
            Ok(statements) => return Ok((statements, dialect)),
            Err(error) => {
                let error = syntax_error(text, &error.to_string());
                if furthest.as_ref().is_none_or(|known| known.offset < error.offset) {
                    furthest = Some(error);
                }
            }
        }
    }
    Err(furthest.unwrap_or(SyntaxError { reason: "it can't be read".into(), offset: None }))
}

/// The parser says places inside its message: `… at Line: 1, Column: 8`.
fn syntax_error(text: &str, message: &str) -> SyntaxError {
    let message = message.split_once("error: ").map_or(message, |(_, rest)| rest);
    let (reason, place) = message.split_once(" at Line: ").map_or((message, None), |(r, p)| (r, Some(p)));
    let offset = place.and_then(|place| {
        let (line, column) = place.split_once(", Column: ")?;
        let column: String = column.chars().take_while(char::is_ascii_digit).collect();
        offset_of(text, line.parse().ok()?, column.parse().ok()?)
    });
    let reason = reason.replacen("Expected: ", "expected ", 1).replacen(", found: ", ", found ", 1);
    SyntaxError { reason: reason.replace("found EOF", "found its end"), offset }
}

/// Lines and columns count from 1, columns in characters.
fn offset_of(text: &str, line: usize, column: usize) -> Option<usize> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let rest = text.get(start..)?;
    let inside = rest.char_indices().nth(column.checked_sub(1)?).map_or(rest.len(), |(at, _)| at);
    Some(start + inside)
}

struct Parameter {
    name: String,
    span: Span,
}

fn named_parameters(literal: Literal<'_>, dialect: Dialect, problems: &mut Problems) -> Vec<Parameter> {
    let text = literal.value;
    let mut parameters = Vec::new();
    for (range, part) in sql_parts(text, dialect) {
        match part {
            SqlPart::Parameter => {
                let name = text[range.start + 1..range.end].to_owned();
                parameters.push(Parameter { name, span: literal.place(range) });
            }
            SqlPart::Positional if !is_json_operator(text, range.start, range.end) => {
                problems.report(Finding::new(literal.place(range), Error::Positional));
            }
            _ => {}
        }
    }
    parameters
}

/// PostgreSQL's `jsonb ? 'key'`, `?|`, `?&` and `@?`: a question mark with an operand on its right.
fn is_json_operator(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&text[..start], text[end..].trim_start());
    let is_alone = text[start..end] == *"?";
    is_alone && (before.ends_with('@') || after.starts_with(['\'', ':', '|', '&']))
}

fn compare_parameters(
    literal: Literal<'_>,
    used: &[Parameter],
    given: &[(&str, Span)],
    problems: &mut Problems,
) {
    for parameter in used.iter().filter(|parameter| !given.iter().any(|(name, _)| *name == parameter.name)) {
        let near = given
            .iter()
            .map(|(name, _)| (strsim::jaro_winkler(name, &parameter.name), *name))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(likeness, _)| *likeness > 0.85);
        let suggestion = near.map(|(_, name)| name.to_owned());
        let place = if literal.written.is_empty() { literal.span } else { parameter.span };
        problems.report(Finding::new(
            place,
            Error::UnknownParameter { name: parameter.name.clone(), suggestion },
        ));
    }
    let misspelt = used.iter().any(|parameter| !given.iter().any(|(name, _)| *name == parameter.name));
    for (name, span) in given.iter().filter(|(name, _)| !used.iter().any(|parameter| parameter.name == *name))
    {
        // A misspelt parameter is one mistake, though it leaves a given one unused.
        if !misspelt {
            problems.report(Finding::new(*span, Error::UnusedParameter { name: (*name).into() }));
        }
    }
}

fn kind(statement: &Statement) -> StatementKind {
    let gives_rows = match statement {
        Statement::Insert(insert) => insert.returning.is_some(),
        Statement::Update(update) => update.returning.is_some(),
        Statement::Delete(delete) => delete.returning.is_some(),
        Statement::Query(_)
        | Statement::Explain { .. }
        | Statement::ExplainTable { .. }
        | Statement::ShowTables { .. }
        | Statement::ShowVariable { .. }
        | Statement::Pragma { .. }
        | Statement::Call(_) => true,
        _ => false,
    };
    if gives_rows { StatementKind::Rows } else { StatementKind::Execute }
}

#[cfg(test)]
mod tests {
    use super::super::Literal;
    use super::{StatementKind, check_sql};
    use crate::diagnostic::Problems;
    use crate::source::{FileId, Span};

    fn findings(value: &str, params: &[&str]) -> Vec<(String, String)> {
        let written = format!("\"{value}\"");
        let literal = Literal { value, span: Span::new(FileId(0), 0, written.len()), written: &written };
        let params: Vec<(&str, Span)> = params.iter().map(|name| (*name, Span::default())).collect();
        let mut problems = Problems::default();
        check_sql(literal, Some(&params), &mut problems);
        problems.iter().map(|f| (f.code.clone(), written[f.span.range()].to_owned())).collect()
    }

    fn codes(value: &str, params: &[&str]) -> Vec<String> {
        findings(value, params).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn statements_of_the_three_databases_are_accepted() {
        for (sql, params) in [
            ("select id, name from users where id = :id", &["id"][..]),
            (
                "insert into t (a, b) values (:a, :b) on conflict (a) do update set b = excluded.b returning id",
                &["a", "b"],
            ),
            ("insert into t (a) values (:a) on duplicate key update a = values(a)", &["a"]),
            (
                "update t set total = total - :n where id = :id and created_at > now() - interval '1 day'",
                &["n", "id"],
            ),
            ("delete from t where id in (select id from old limit :n)", &["n"]),
            (
                "with recent as (select * from orders where at > :since::timestamptz) select count(*) from recent",
                &["since"],
            ),
            ("select data->>'name', tags @> :tags::jsonb from docs where data ? 'name'", &["tags"]),
            ("insert or replace into t (a) values (:a)", &["a"]),
            ("select * from t where a = any(:ids) for update skip locked", &["ids"]),
            ("create table if not exists t (id integer primary key)", &[]),
        ] {
            assert!(codes(sql, params).is_empty(), "{sql}: {:?}", findings(sql, params));
        }
    }

    #[test]
    fn mistakes_are_found_at_their_place() {
        assert_eq!(codes("selec 1", &[]), ["sql_syntax"]);
        assert_eq!(codes("select * form t", &[]), ["sql_syntax"]);
        assert_eq!(codes("", &[]), ["sql_empty"]);
        assert_eq!(codes("select 1; drop table t", &[]), ["sql_statements"]);
        assert_eq!(findings("select :ud", &["id"]), [("sql_unknown_parameter".into(), ":ud".into())]);
        assert_eq!(codes("select 1", &["id"]), ["sql_unused_parameter"]);
        assert_eq!(findings("select ?", &[]), [("sql_positional_parameter".into(), "?".into())]);
        assert_eq!(findings("select $1", &[]), [("sql_positional_parameter".into(), "$1".into())]);
    }

    #[test]
    fn returning_gives_rows() {
        let kind = |sql: &str| {
            let literal = Literal { value: sql, span: Span::default(), written: "" };
            check_sql(literal, None, &mut Problems::default()).map(|query| query.kind)
        };
        assert_eq!(kind("insert into t values (1)"), Some(StatementKind::Execute));
        assert_eq!(kind("insert into t values (1) returning id"), Some(StatementKind::Rows));
        assert_eq!(kind("select 1"), Some(StatementKind::Rows));
    }
}
