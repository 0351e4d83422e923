use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

use super::fault;
use crate::catalog::Dialect;
use crate::nodes::NodeError;

/// Where a database is, as the text of a connection says it.
pub(super) enum Address {
    /// On a server.
    Server(Dialect, Box<Server>),
    /// In a file, or in memory.
    Sqlite(File),
}

/// A server and who asks it.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) place: Place,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
    pub(super) tls: Tls,
    /// Certificates of the authorities that are believed, in place of the public ones.
    pub(super) root: Option<PathBuf>,
    /// How the connection is called on the server.
    pub(super) application: Option<String>,
    /// Settings that PostgreSQL takes when a connection begins.
    pub(super) options: Option<String>,
}

/// What a server is reached by.
#[derive(Clone)]
pub(super) enum Place {
    Host(String),
    Socket(PathBuf),
}

/// How much a connection is protected, by the names of PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Disable,
    /// Encrypted if the server can.
    Prefer,
    /// Encrypted, whoever the server is.
    Require,
    /// The certificate is from an authority that is believed.
    VerifyCa,
    /// And it is the host's.
    VerifyFull,
}

/// A file of SQLite.
pub(super) struct File {
    /// None: in memory, for as long as the process lives.
    pub(super) path: Option<PathBuf>,
    pub(super) access: FileAccess,
}

/// What may be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileAccess {
    Read,
    Write,
    /// It is made where it isn't there.
    Create,
}

impl Address {
    /// Reads the text of a connection. Errors never show it.
    pub(super) fn read(text: &str) -> Result<Self, NodeError> {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase()).unwrap_or_default();
        match scheme.as_str() {
            "postgres" | "postgresql" => Server::read(text, Dialect::Postgres, 5432),
            "mysql" | "mariadb" => Server::read(text, Dialect::MySql, 3306),
            "sqlite" => File::read(&text[scheme.len() + 1..]).map(Self::Sqlite),
            _ => {
                Err(fault::invalid("it must begin with `postgres://`, `mysql://`, `mariadb://` or `sqlite:`"))
            }
        }
    }

    /// Whose SQL is spoken there.
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Server(dialect, _) => *dialect,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }
}

impl Server {
    fn read(text: &str, dialect: Dialect, port: u16) -> Result<Address, NodeError> {
        let url = Url::parse(text).map_err(|error| fault::invalid(format!("it is no URL: {error}")))?;
        let host = decoded(url.host_str().unwrap_or_default())?;
        let part = |text: &str| decoded(text).map(|text| (!text.is_empty()).then_some(text));
        let mut server = Self {
            place: place(&host),
            port: url.port().unwrap_or(port),
            user: part(url.username())?,
            password: part(url.password().unwrap_or_default())?,
            database: part(url.path().trim_start_matches('/'))?,
            tls: Tls::Prefer,
            root: None,
            application: None,
            options: None,
        };
        for (name, value) in url.query_pairs() {
            server.set(&name, &value, dialect)?;
        }
        match &server.place {
            Place::Host(host) if host.is_empty() => Err(fault::invalid("it names no host")),
            Place::Host(host) if host.contains(',') => Err(fault::invalid("it names several hosts")),
            _ => Ok(Address::Server(dialect, Box::new(server))),
        }
    }

    fn set(&mut self, name: &str, value: &str, dialect: Dialect) -> Result<(), NodeError> {
        let is_socket = value.starts_with('/');
        match (name, dialect) {
            ("sslmode" | "ssl-mode" | "ssl_mode", _) => self.tls = tls(value)?,
            ("sslrootcert" | "ssl-ca" | "ssl_ca", _) => self.root = Some(value.into()),
            ("host", Dialect::Postgres) if is_socket => self.place = Place::Socket(value.into()),
            ("socket", Dialect::MySql) if is_socket => self.place = Place::Socket(value.into()),
            ("application_name", Dialect::Postgres) => self.application = Some(value.to_owned()),
            ("options", Dialect::Postgres) => self.options = Some(value.to_owned()),
            // What is spoken is the best that both sides can.
            ("channel_binding", Dialect::Postgres) if ["prefer", "require"].contains(&value) => {}
            _ => return Err(fault::invalid(format!("`{}` is no option that it can have", shown(name)))),
        }
        Ok(())
    }
}

/// A name that somebody may have written a password into is not shown.
fn shown(name: &str) -> &str {
    let is_plain = name.len() <= 30 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_plain { name } else { "…" }
}

fn place(host: &str) -> Place {
    if host.starts_with('/') { Place::Socket(host.into()) } else { Place::Host(host.to_owned()) }
}

fn tls(word: &str) -> Result<Tls, NodeError> {
    match word.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" => Ok(Tls::Disable),
        "allow" | "prefer" | "preferred" => Ok(Tls::Prefer),
        "require" | "required" => Ok(Tls::Require),
        "verify-ca" => Ok(Tls::VerifyCa),
        "verify-full" | "verify-identity" => Ok(Tls::VerifyFull),
        _ => Err(fault::invalid("`sslmode` is disable, prefer, require, verify-ca or verify-full")),
    }
}

fn decoded(text: &str) -> Result<String, NodeError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| fault::invalid("a part of it is not UTF-8"))
}

impl File {
    /// What stands behind `sqlite:`.
    fn read(text: &str) -> Result<Self, NodeError> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let path = decoded(path.strip_prefix("//").unwrap_or(path))?;
        let mut access = FileAccess::Create;
        let mut in_memory = path == ":memory:";
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("mode", "ro") => access = FileAccess::Read,
                ("mode", "rw") => access = FileAccess::Write,
                ("mode", "rwc") => access = FileAccess::Create,
                ("mode", "memory") => in_memory = true,
                ("mode", _) => return Err(fault::invalid("`mode` is ro, rw, rwc or memory")),
                _ => {
                    let name = shown(&name);
                    return Err(fault::invalid(format!("`{name}` is no option that it can have")));
                }
            }
        }
        match path.as_str() {
            "" if !in_memory => Err(fault::invalid("it names no file")),
            path => Ok(Self { path: (!in_memory).then(|| path.into()), access }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, FileAccess, Place, Server, Tls};

    fn server(text: &str) -> Server {
        match Address::read(text) {
            Ok(Address::Server(_, server)) => *server,
            Ok(Address::Sqlite(_)) => panic!("{text} is a file"),
            Err(error) => panic!("{text}: {}", error.message),
        }
    }

    fn refusal(text: &str) -> String {
        let error = Address::read(text).err().unwrap_or_else(|| panic!("{text} is taken"));
        assert_eq!(error.name, "InvalidUrl");
        assert!(!error.message.contains("hunter2"), "{}", error.message);
        error.message
    }

    #[test]
    fn servers_are_read_with_their_options() {
        let read = server(
            "postgresql://me%40x:p%2Fw%20@db.example.com:6543/app?sslmode=verify-full&options=-c%20a%3Db",
        );
        assert!(matches!(&read.place, Place::Host(host) if host == "db.example.com"));
        assert_eq!((read.port, read.tls), (6543, Tls::VerifyFull));
        assert_eq!((read.user.as_deref(), read.password.as_deref()), (Some("me@x"), Some("p/w ")));
        assert_eq!((read.database.as_deref(), read.options.as_deref()), (Some("app"), Some("-c a=b")));
        let read = server("mysql://root@[::1]/app?ssl-mode=VERIFY_IDENTITY");
        assert!(matches!(&read.place, Place::Host(host) if host == "[::1]"));
        assert_eq!((read.port, read.tls, read.password), (3306, Tls::VerifyFull, None));
        for text in
            ["postgres://me@%2Frun%2Fpg/app", "postgres:///app?host=/run/pg", "mariadb://h/a?socket=/run/pg"]
        {
            assert!(
                matches!(server(text).place, Place::Socket(path) if path.to_str() == Some("/run/pg")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_not_shown() {
        for text in [
            "hunter2",
            "http://hunter2@h/x",
            "postgres://me:hunter2@a,b/x",
            "postgres://me:hunter2@/x",
            "postgres://h/x?host=10.0.0.1",
            "postgres://h/x?hostaddr=10.0.0.1",
            "postgres://h/x?service=hunter2",
            "postgres://h/x?hunter2%20=1",
            "postgres://h/x?sslmode=hunter2",
            "postgres://me:hunter2@h:99999/x",
            "mysql://h/x?socket=rel",
            "mysql://h/x?init_command=hunter2",
            "sqlite:",
            "sqlite:a?mode=hunter2",
            "sqlite:a?vfs=hunter2",
        ] {
            refusal(text);
        }
    }

    #[test]
    fn files_are_read_in_all_their_forms() {
        for (text, path, access) in [
            ("sqlite:a.db", Some("a.db"), FileAccess::Create),
            ("sqlite://a/b.db", Some("a/b.db"), FileAccess::Create),
            ("sqlite:///a%20b.db?mode=ro", Some("/a b.db"), FileAccess::Read),
            ("sqlite:a.db?mode=rw", Some("a.db"), FileAccess::Write),
            ("sqlite::memory:", None, FileAccess::Create),
            ("sqlite://:memory:", None, FileAccess::Create),
        ] {
            let Ok(Address::Sqlite(file)) = Address::read(text) else { panic!("{text}") };
            assert_eq!(file.path.as_deref().and_then(|path| path.to_str()), path, "{text}");
            assert_eq!(file.access, access, "{text}");
        }
    }
}
