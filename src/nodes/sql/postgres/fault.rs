use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, ErrorPosition};

use crate::nodes::NodeError;
use crate::nodes::sql::fault::{
    Constraint, connection_failed, constraint_violation, deadlock, mismatch, no_effects_table, query_failed,
    timeout,
};
use crate::nodes::sql::order::Order;

/// The longest text of the server that a message holds, in characters.
const LONGEST: usize = 300;

/// What a connection failed with that never came to be.
pub(super) fn of_connect(error: &Error) -> NodeError {
    if let Some(refusal) = error.as_db_error() {
        return refused(refusal.code().code());
    }
    let what = error.to_string();
    if what.starts_with("error performing TLS handshake") {
        let reason = match tls_reason(error) {
            Some(reason) => reason,
            None => "the server has none".to_owned(),
        };
        return NodeError::new("TlsFailed", format!("no TLS with the database: {reason}"));
    }
    if what.starts_with("authentication error") || what.starts_with("invalid configuration") {
        return query_failed("the database asks for a proof that the connection doesn't give", None, None);
    }
    connection_failed(reason(error))
}

/// By the code alone: the text names the user.
fn refused(code: &str) -> NodeError {
    match code {
        "3D000" => query_failed("the server has no such database", Some(code), None),
        code if code.starts_with("28") => {
            query_failed("the server refuses the user or its password", Some(code), None)
        }
        code if is_of_the_server(code) => connection_failed(format!("the server has no place now ({code})")),
        code => query_failed(format!("the server refuses the connection ({code})"), Some(code), None),
    }
}

fn tls_reason(error: &Error) -> Option<String> {
    let io = error.source()?.downcast_ref::<io::Error>()?;
    Some(io.get_ref()?.downcast_ref::<rustls::Error>()?.to_string())
}

/// What went wrong below, without the address.
fn reason(error: &Error) -> String {
    let io = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match io {
        Some(io) => io.kind().to_string(),
        None if error.is_closed() => "it is closed".to_owned(),
        None => "what the server says can't be read".to_owned(),
    }
}

/// What a statement failed with.
pub(super) fn of_statement(error: &Error, order: &Order<'_>) -> NodeError {
    match error.as_db_error() {
        Some(refusal) => of_refusal(refusal, order),
        None => connection_failed(reason(error)),
    }
}

/// What binding the values failed with: which one, if the server says it, and not what it is.
pub(super) fn of_binding(error: &Error, order: &Order<'_>, types: &[String]) -> NodeError {
    let Some(refusal) = error.as_db_error() else { return of_statement(error, order) };
    if !refusal.code().code().starts_with("22") {
        return of_refusal(refusal, order);
    }
    let number = refusal.where_().and_then(parameter_number).filter(|number| *number > 0);
    let known =
        number.and_then(|number| Some((order.statement.names.get(number - 1)?, types.get(number - 1)?)));
    match known {
        Some((name, ty)) => mismatch(format!("the parameter `:{name}` is no {ty}")),
        // What can be computed before the statement runs fails here too.
        None => of_refusal(refusal, order),
    }
}

/// `… parameter $3 …`
fn parameter_number(context: &str) -> Option<usize> {
    let (_, rest) = context.split_once('$')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

/// What a statement of our own failed with: one about a transaction, or about the table of effects.
pub(super) fn of_own(error: &Error) -> NodeError {
    let Some(refusal) = error.as_db_error() else { return connection_failed(reason(error)) };
    match refusal.code().code() {
        code @ ("42P01" | "42703") => no_effects_table(code),
        "40001" | "40P01" | "55P03" => deadlock(),
        "57014" => timeout(),
        code if code.starts_with("23") => {
            let name = refusal.constraint();
            let of = Constraint { name, table: refusal.table(), column: refusal.column() };
            constraint_violation(constraint_kind(code), code, &of)
        }
        code if is_of_the_server(code) => connection_failed(format!("the server can't go on now ({code})")),
        code => query_failed(format!("{} ({code})", trouble(code)), Some(code), None),
    }
}

fn of_refusal(refusal: &DbError, order: &Order<'_>) -> NodeError {
    let code = refusal.code().code();
    match code {
        "40001" | "40P01" | "55P03" => deadlock(),
        "57014" if order.is_over() => timeout(),
        "57014" => query_failed("the statement was cancelled on the server", Some(code), None),
        _ if code.starts_with("23") => {
            let of =
                Constraint { name: refusal.constraint(), table: refusal.table(), column: refusal.column() };
            constraint_violation(constraint_kind(code), code, &of)
        }
        _ if is_of_the_server(code) => connection_failed(format!("the server can't go on now ({code})")),
        _ => query_failed(message(refusal, order), Some(code), position(refusal, order)),
    }
}

/// Classes of connections, resources, operators and the system: they pass.
fn is_of_the_server(code: &str) -> bool {
    ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
}

fn constraint_kind(code: &str) -> &'static str {
    match code {
        "23502" => "a null where none may be",
        "23503" => "a foreign key is broken",
        "23505" => "a unique key is there already",
        "23514" => "a check fails",
        "23P01" => "an exclusion is broken",
        _ => "a constraint is broken",
    }
}

fn position(refusal: &DbError, order: &Order<'_>) -> Option<usize> {
    match refusal.position()? {
        ErrorPosition::Original(at) => order.statement.written_position(usize::try_from(*at).ok()?),
        ErrorPosition::Internal { .. } => None,
    }
}

/// The server's own words where they are about the statement, which the author knows. Where they may be about data,
/// or come out of a function, it is told what kind of trouble it is.
fn message(refusal: &DbError, order: &Order<'_>) -> String {
    const OF_STATEMENTS: [&str; 14] =
        ["0A", "21", "24", "25", "26", "2B", "2D", "34", "3B", "3D", "3F", "42", "44", "54"];
    let code = refusal.code().code();
    let is_of_the_statement = OF_STATEMENTS.iter().any(|class| code.starts_with(class));
    if is_of_the_statement && refusal.where_().is_none() {
        return named(refusal.message(), order);
    }
    format!("{} ({code})", trouble(code))
}

/// With `:name` in the place of `$1`, in one line.
fn named(text: &str, order: &Order<'_>) -> String {
    let mut text: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    for (index, name) in order.statement.names.iter().enumerate().rev() {
        text = text.replace(&format!("${}", index + 1), &format!(":{name}"));
    }
    text
}

fn trouble(code: &str) -> &'static str {
    match code {
        "22001" => "a text is too long for its column",
        "22003" => "a number is out of the range of its type",
        "22007" | "22008" => "a text is no date or time, or one out of range",
        "22012" => "a division by zero",
        "22021" | "22P05" => "a text holds what the database's encoding can't hold",
        "22P02" | "22P03" => "a text is no value of the type that it is read as",
        "P0001" => "the statement raised an exception",
        "P0002" => "a function found no row",
        _ if code.starts_with("22") => "the data don't fit the statement",
        _ => "the database refused the statement",
    }
}
