use mysql_async::{DriverError, Error, IoError, ServerError};

use crate::nodes::NodeError;
use crate::nodes::sql::fault::{
    Constraint, connection_failed, constraint_violation, deadlock, no_effects_table, query_failed, timeout,
};
use crate::nodes::sql::order::Order;
use crate::nodes::sql::sink::too_large;

/// The longest text of the server that a message holds, in characters.
const LONGEST: usize = 300;

/// A key is there already.
pub(super) const DUPLICATE: u16 = 1062;

/// What a connection failed with that never came to be.
pub(super) fn of_connect(error: &Error) -> NodeError {
    match error {
        Error::Server(refusal) => refused(refusal),
        Error::Io(IoError::Tls(error)) => {
            NodeError::new("TlsFailed", format!("no TLS with the database: {error}"))
        }
        Error::Driver(DriverError::NoClientSslFlagFromServer) => {
            NodeError::new("TlsFailed", "no TLS with the database: the server has none")
        }
        Error::Driver(
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled,
        ) => query_failed("the database asks for a proof that the connection doesn't give", None, None),
        error => connection_failed(reason(error)),
    }
}

/// By the code alone: the text names the user.
fn refused(refusal: &ServerError) -> NodeError {
    let code = refusal.code.to_string();
    match refusal.code {
        1044 | 1045 | 1698 => query_failed("the server refuses the user or its password", Some(&code), None),
        1049 => query_failed("the server has no such database", Some(&code), None),
        number if is_of_the_server(number) => {
            connection_failed(format!("the server has no place now ({code})"))
        }
        _ => query_failed(format!("the server refuses the connection ({code})"), Some(&code), None),
    }
}

/// What went wrong below, without the address.
fn reason(error: &Error) -> String {
    match error {
        Error::Io(IoError::Io(error)) => error.kind().to_string(),
        Error::Io(IoError::Tls(_)) => "TLS broke".to_owned(),
        Error::Driver(DriverError::ConnectionClosed) => "it is closed".to_owned(),
        _ => "what the server says can't be read".to_owned(),
    }
}

/// What a statement failed with.
pub(super) fn of_statement(error: &Error, order: &Order<'_>) -> NodeError {
    match error {
        Error::Server(refusal) => of_refusal(refusal, order),
        Error::Driver(DriverError::PacketTooLarge) => too_large(),
        Error::Driver(DriverError::LocalInfile(_)) => {
            query_failed("a statement can't read files of this machine", None, None)
        }
        Error::Driver(DriverError::MixedParams | DriverError::StmtParamsMismatch { .. }) => {
            query_failed("parameters have names here: write `:name`", None, None)
        }
        error => connection_failed(reason(error)),
    }
}

/// What a statement of our own failed with.
pub(super) fn of_own(error: &Error) -> NodeError {
    let Error::Server(refusal) = error else { return connection_failed(reason(error)) };
    let code = refusal.code.to_string();
    match refusal.code {
        1146 | 1054 => no_effects_table(&code),
        1205 | 1213 => deadlock(),
        number if is_timeout(number) => timeout(),
        number if is_of_the_server(number) => {
            connection_failed(format!("the server can't go on now ({code})"))
        }
        _ => query_failed(format!("the database refused the statement ({code})"), Some(&code), None),
    }
}

fn of_refusal(refusal: &ServerError, order: &Order<'_>) -> NodeError {
    let code = refusal.code.to_string();
    match refusal.code {
        1205 | 1213 => deadlock(),
        number if is_timeout(number) && order.is_over() => timeout(),
        number if is_of_the_server(number) => {
            connection_failed(format!("the server can't go on now ({code})"))
        }
        number => match constraint_kind(number) {
            Some(kind) => {
                let of = constraint(refusal);
                constraint_violation(kind, &code, &of)
            }
            None => query_failed(message(refusal), Some(&code), None),
        },
    }
}

/// Of a limit of MySQL, of one of MariaDB, or told by another connection.
fn is_timeout(code: u16) -> bool {
    [3024, 1969, 1317].contains(&code)
}

/// Too many connections, shutdown, resources, network.
fn is_of_the_server(code: u16) -> bool {
    [1040, 1041, 1053, 1077, 1078, 1079, 1129, 1152, 1153, 1158, 1159, 1160, 1161, 1203, 1226, 1927, 3169]
        .contains(&code)
}

fn constraint_kind(code: u16) -> Option<&'static str> {
    Some(match code {
        1048 | 1364 => "a null where none may be",
        1022 | DUPLICATE | 1169 | 1586 => "a unique key is there already",
        1216 | 1217 | 1451 | 1452 | 1701 => "a foreign key is broken",
        3819 | 4025 => "a check fails",
        1557 | 1761 | 1762 => "a constraint is broken",
        _ => return None,
    })
}

/// The constraint's name out of the text, which beside it may hold what was inserted.
fn constraint(refusal: &ServerError) -> Constraint<'_> {
    let text = refusal.message.as_str();
    match refusal.code {
        DUPLICATE | 1586 => Constraint { name: last_between(text, '\''), ..Constraint::default() },
        1048 | 1364 => Constraint { column: last_between(text, '\''), ..Constraint::default() },
        1451 | 1452 => {
            let name = text.split_once("CONSTRAINT `").and_then(|(_, rest)| rest.split_once('`'));
            Constraint { name: name.map(|(name, _)| name), ..Constraint::default() }
        }
        3819 => Constraint { name: last_between(text, '\''), ..Constraint::default() },
        4025 => {
            let name = text.split_once('`').and_then(|(_, rest)| rest.split_once('`'));
            Constraint { name: name.map(|(name, _)| name), ..Constraint::default() }
        }
        _ => Constraint::default(),
    }
}

/// What stands between the last two quotes, if it looks like a name.
fn last_between(text: &str, quote: char) -> Option<&str> {
    let (rest, _) = text.rsplit_once(quote)?;
    let (_, name) = rest.rsplit_once(quote)?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || "_.$-".contains(c));
    (is_name && !name.is_empty()).then_some(name)
}

/// The server's own words where they are about the statement, which the author knows.
fn message(refusal: &ServerError) -> String {
    const OF_STATEMENTS: [u16; 24] = [
        1046, 1051, 1052, 1054, 1060, 1064, 1066, 1091, 1096, 1109, 1110, 1111, 1136, 1142, 1143, 1146, 1149,
        1166, 1222, 1241, 1242, 1295, 1305, 1327,
    ];
    let code = refusal.code;
    if OF_STATEMENTS.contains(&code) {
        let text = refusal.message.chars().take(LONGEST);
        return text.map(|c| if c.is_control() { ' ' } else { c }).collect();
    }
    let trouble = match code {
        1264 | 1690 => "a number is out of the range of its type",
        1406 => "a text is too long for its column",
        1292 | 1366 | 1411 | 1525 => "a value is none of the type that it is read as",
        1365 => "a division by zero",
        1644 => "the statement raised an error",
        3140 | 3141 | 4037 | 4038 => "a text is not JSON",
        _ => "the database refused the statement",
    };
    format!("{trouble} ({code})")
}

#[cfg(test)]
mod tests {
    use super::last_between;

    #[test]
    fn a_name_is_told_and_data_are_not() {
        let text = "Duplicate entry 'ada@example.com' for key 'users.email'";
        assert_eq!(last_between(text, '\''), Some("users.email"));
        assert_eq!(last_between("Duplicate entry 'it's a \u{1b} thing' for", '\''), None);
        assert_eq!(last_between("no quotes", '\''), None);
    }
}
