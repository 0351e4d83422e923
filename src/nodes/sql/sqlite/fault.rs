use rusqlite::{Error, ErrorCode, ffi};

use crate::nodes::NodeError;
use crate::nodes::sql::fault::{
    Constraint, connection_failed, constraint_violation, deadlock, no_effects_table, query_failed, timeout,
};
use crate::nodes::sql::order::Order;
use crate::nodes::sql::sink::too_large;

/// The longest text of SQLite that a message holds, in characters.
const LONGEST: usize = 300;

/// What a file failed with that could not be opened.
pub(super) fn of_opening(error: &Error) -> NodeError {
    let failed = match error.sqlite_error() {
        Some(known) => of_code(known, "the file can't be opened"),
        None => connection_failed("the file can't be opened"),
    };
    failed.before_effect()
}

/// What a statement of our own failed with.
pub(super) fn of_own(error: &Error) -> NodeError {
    match error {
        Error::SqlInputError { .. } => no_effects_table("1"),
        Error::SqliteFailure(_, Some(text)) if text.starts_with("no such") => no_effects_table("1"),
        error => match error.sqlite_error() {
            Some(known) => of_code(known, "the database refused the statement"),
            None => query_failed("the database refused the statement", None, None),
        },
    }
}

/// What a statement failed with.
pub(super) fn of_statement(error: &Error, order: &Order<'_>) -> NodeError {
    match error {
        Error::SqlInputError { error, msg, offset, .. } => {
            let sent = usize::try_from(*offset).ok().and_then(|offset| order.statement.text.get(..offset));
            let position = sent.and_then(|text| order.statement.written_position(text.chars().count() + 1));
            query_failed(shown(msg), Some(&error.extended_code.to_string()), position)
        }
        Error::SqliteFailure(known, text) => of_failure(known, text.as_deref().unwrap_or_default()),
        Error::MultipleStatement => {
            query_failed("one node runs one statement, this text has more", None, None)
        }
        Error::NulError(_) => query_failed("the statement holds a NUL", None, None),
        _ => query_failed("the database refused the statement", None, None),
    }
}

fn of_failure(known: &ffi::Error, text: &str) -> NodeError {
    let code = known.extended_code.to_string();
    match known.code {
        ErrorCode::ConstraintViolation => {
            let kind = constraint_kind(known.extended_code);
            constraint_violation(kind, &code, &constraint(known.extended_code, text))
        }
        // Such as `cannot VACUUM from within a transaction`: words about the statement.
        ErrorCode::Unknown if text.ends_with("transaction") => query_failed(shown(text), Some(AGAINST), None),
        ErrorCode::Unknown if text.starts_with("no such") => query_failed(shown(text), Some(&code), None),
        _ => of_code(known, "the database refused the statement"),
    }
}

/// The code by which a statement is known that can't stand in a transaction. SQLite has none of its own for it.
pub(super) const AGAINST: &str = "transaction";

fn of_code(known: &ffi::Error, otherwise: &str) -> NodeError {
    let code = known.extended_code.to_string();
    let message = match known.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => return deadlock(),
        ErrorCode::OperationInterrupted => return timeout(),
        ErrorCode::TooBig => return too_large(),
        ErrorCode::CannotOpen => return connection_failed("the file can't be opened"),
        ErrorCode::DiskFull => return connection_failed("the disk is full"),
        ErrorCode::SystemIoFailure => return connection_failed("the file can't be read or written"),
        ErrorCode::FileLockingProtocolFailed => return connection_failed("the file can't be locked"),
        ErrorCode::ReadOnly => "the database is read only",
        ErrorCode::NotADatabase => "the file is no database",
        ErrorCode::DatabaseCorrupt => "the database is damaged",
        ErrorCode::TypeMismatch => "a value is not of the type that its column takes",
        _ => otherwise,
    };
    query_failed(format!("{message} ({code})"), Some(&code), None)
}

fn shown(text: &str) -> String {
    text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn constraint_kind(code: i32) -> &'static str {
    match code {
        ffi::SQLITE_CONSTRAINT_NOTNULL => "a null where none may be",
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => "a foreign key is broken",
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            "a unique key is there already"
        }
        ffi::SQLITE_CONSTRAINT_CHECK => "a check fails",
        _ => "a constraint is broken",
    }
}

/// `UNIQUE constraint failed: users.email`. What a trigger raises is its own, and may be data.
fn constraint(code: i32, text: &str) -> Constraint<'_> {
    let Some((_, of)) = text.split_once("constraint failed: ") else { return Constraint::default() };
    match (code, of.split(", ").next().and_then(|first| first.split_once('.'))) {
        (ffi::SQLITE_CONSTRAINT_CHECK, _) => Constraint { name: Some(of), ..Constraint::default() },
        (ffi::SQLITE_CONSTRAINT_TRIGGER, _) => Constraint::default(),
        (_, Some((table, column))) => {
            Constraint { table: Some(table), column: Some(column), ..Constraint::default() }
        }
        _ => Constraint::default(),
    }
}
