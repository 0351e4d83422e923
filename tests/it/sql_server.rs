//! Real databases for a test: each on a port of its own, with data of its own, and gone with the test.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// The password of the user `citadel`, who may do everything.
pub(crate) const PASSWORD: &str = "c4n4ry-of-the-database";

/// Nobody, whom PostgreSQL can be when the tests are root, which it refuses to be.
const NOBODY: &str = "65534";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Postgres,
    MariaDb,
}

/// A server that ends with this.
pub(crate) struct Database {
    kind: Kind,
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Database {
    /// A PostgreSQL with the database `citadel`.
    pub(crate) fn postgres(name: &str) -> Self {
        Self::begin(Kind::Postgres, name)
    }

    /// A MariaDB with the database `citadel`.
    pub(crate) fn mariadb(name: &str) -> Self {
        Self::begin(Kind::MariaDb, name)
    }

    fn begin(kind: Kind, name: &str) -> Self {
        let port = free_port();
        let folder = ground().join(format!("{kind:?}-{name}-{port}").to_lowercase());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the data");
        match kind {
            Kind::Postgres => make_postgres(&folder),
            Kind::MariaDb => make_mariadb(&folder),
        }
        let server = Self { kind, process: launch(kind, &folder, port), port, folder };
        server.wait();
        server
    }

    /// Where it is, with the password.
    pub(crate) fn url(&self) -> String {
        self.url_with(PASSWORD)
    }

    /// Where it is, with another password.
    pub(crate) fn url_with(&self, password: &str) -> String {
        let scheme = if self.kind == Kind::Postgres { "postgres" } else { "mysql" };
        format!("{scheme}://citadel:{password}@127.0.0.1:{}/citadel", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ran");
    }

    /// Starts it again where it was.
    pub(crate) fn revive(&mut self) {
        let start = Instant::now();
        loop {
            self.process = launch(self.kind, &self.folder, self.port);
            if self.answers() {
                return;
            }
            // What is left of the one that was killed may hold its files for a moment.
            let _ = self.process.kill();
            let _ = self.process.wait();
            assert!(start.elapsed() < PATIENCE, "it doesn't come back: see {}", self.folder.display());
        }
    }

    fn wait(&self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || !self.lets_in() {
            assert!(start.elapsed() < PATIENCE, "no answer: see {}/log", self.folder.display());
            std::thread::yield_now();
        }
    }

    /// Whether it answers before it ends.
    fn answers(&mut self) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if self.lets_in() {
                return true;
            }
            if self.process.try_wait().expect("a child").is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        false
    }

    /// Whether its user can ask it something.
    fn lets_in(&self) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            match self.kind {
                Kind::Postgres => tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.is_ok(),
                Kind::MariaDb => {
                    mysql_async::Conn::from_url(self.url() + "?prefer_socket=false").await.is_ok()
                }
            }
        })
    }

    /// Says something to it on a connection of its own, and gives the first column of what it answers, as text.
    pub(crate) fn ask(&self, text: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            match self.kind {
                Kind::Postgres => self.ask_postgres(text).await,
                Kind::MariaDb => self.ask_mariadb(text).await,
            }
        })
    }

    async fn ask_postgres(&self, text: &str) -> Vec<String> {
        let (client, connection) =
            tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.expect("it answers");
        tokio::spawn(connection);
        let answer = client.simple_query(text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        let rows = answer.into_iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        });
        rows.collect()
    }

    async fn ask_mariadb(&self, text: &str) -> Vec<String> {
        use mysql_async::prelude::Queryable;
        let mut conn =
            mysql_async::Conn::from_url(self.url() + "?prefer_socket=false").await.expect("it answers");
        let mut answers = Vec::new();
        for text in text.split(";\n") {
            let rows: Vec<mysql_async::Row> =
                conn.query(text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
            answers.extend(rows.into_iter().map(|mut row| {
                let value: mysql_async::Value = row.take(0).expect("a column");
                value.as_sql(true).trim_matches('\'').to_owned()
            }));
        }
        conn.disconnect().await.expect("it answers");
        answers
    }

    /// Executes something in a transaction that stays open until it is told to end.
    pub(crate) async fn hold(
        &self,
        text: &str,
        begun: tokio::sync::oneshot::Sender<()>,
        end: tokio::sync::oneshot::Receiver<()>,
    ) {
        use mysql_async::prelude::Queryable;
        match self.kind {
            Kind::Postgres => {
                let (client, connection) =
                    tokio_postgres::connect(&self.url(), tokio_postgres::NoTls).await.expect("it answers");
                tokio::spawn(connection);
                client.batch_execute(&format!("begin; {text}")).await.expect(text);
                begun.send(()).expect("somebody waits");
                end.await.expect("it ends");
                client.batch_execute("rollback").await.expect("it ends");
            }
            Kind::MariaDb => {
                let url = self.url() + "?prefer_socket=false";
                let mut conn = mysql_async::Conn::from_url(url).await.expect("it answers");
                conn.query_drop("start transaction").await.expect("it begins");
                conn.query_drop(text).await.expect(text);
                begun.send(()).expect("somebody waits");
                end.await.expect("it ends");
                conn.query_drop("rollback").await.expect("it ends");
            }
        }
    }

    /// Asks again and again until it answers so.
    pub(crate) fn until(&self, text: &str, answer: &str) {
        let start = Instant::now();
        loop {
            let found = self.ask(text);
            if found.first().map(String::as_str) == Some(answer) {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{text} gives {found:?} and not {answer}");
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // PostgreSQL's own processes end with the first one only when it is asked.
        let signal = if self.kind == Kind::Postgres { "-QUIT" } else { "-KILL" };
        let _ = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        let _ = self.process.wait();
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id");
    output.stdout.trim_ascii() == b"0"
}

/// A command of PostgreSQL, by nobody where the tests are root's.
fn postgres(program: &str) -> Command {
    let program = postgres_programs().join(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
    command
}

/// Where data lies: under target/, or where nobody can come to it.
fn ground() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    if is_root() && !nobody_reaches(&target) { std::env::temp_dir().join("citadel-tests") } else { target }
}

fn nobody_reaches(folder: &Path) -> bool {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "test", "-x"]).arg(folder);
    command.status().is_ok_and(|status| status.success())
}

/// The folder of PostgreSQL's programs: where `tests/run` puts them, or where a system has them.
fn postgres_programs() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/postgres");
    let installed = ["programs/bin"].map(|folder| tools.join(folder)).into_iter();
    let system = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let system = system.map(|version| version.path().join("bin"));
    let Some(found) = installed.chain(system).find(|folder| folder.join("initdb").is_file()) else {
        panic!("there is no PostgreSQL: run `tests/run`, which installs it under target/tools")
    };
    if !is_root() || nobody_reaches(&found) {
        return found;
    }
    let copy = ground().join("postgres");
    if !copy.exists() {
        let whole = found.canonicalize().expect("it is there");
        let whole = whole.parent().expect("programs have a folder").to_owned();
        std::fs::create_dir_all(ground()).expect("a folder");
        done(Command::new("cp").arg("-r").arg(whole).arg(&copy));
    }
    copy.join("bin")
}

fn make_postgres(folder: &Path) {
    let password = folder.join("password");
    std::fs::write(&password, PASSWORD).expect("a file");
    if is_root() {
        done(Command::new("chown").args(["-R", &format!("{NOBODY}:{NOBODY}")]).arg(folder));
    }
    done(
        postgres("initdb")
            .args([
                "--username=citadel",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .arg(format!("--pwfile={}", password.display()))
            .arg("-D")
            .arg(folder.join("data")),
    );
    let create = folder.join("create.sql");
    std::fs::write(&create, "create database citadel;\n").expect("a file");
    let input = std::fs::File::open(&create).expect("a file");
    let mut single = postgres("postgres");
    single.args(["--single", "-F", "-D"]).arg(folder.join("data")).arg("postgres").stdin(input);
    done(&mut single);
}

/// What `tests/run` unpacked, or the system's own.
fn mariadb_home() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/mariadb");
    [tools, PathBuf::from("/")].into_iter().find(|home| home.join("usr/sbin/mariadbd").is_file())
}

fn mariadb(folder: &Path) -> Command {
    let Some(home) = mariadb_home() else {
        panic!("there is no MariaDB: run `tests/run`, which installs it under target/tools")
    };
    let mut command = Command::new(home.join("usr/sbin/mariadbd"));
    if home != Path::new("/") {
        let libraries = ["usr/lib", "lib"].map(|folder| home.join(folder));
        let libraries =
            libraries.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
        let libraries: Vec<String> = libraries.map(|entry| entry.path().display().to_string()).collect();
        command.env("LD_LIBRARY_PATH", libraries.join(":"));
    }
    let share = home.join("usr/share/mysql");
    command
        .args(["--no-defaults", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"])
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--basedir={}", home.join("usr").display()))
        .arg(format!("--lc-messages-dir={}", share.join("english").display()));
    if is_root() {
        command.arg("--user=root");
    }
    command
}

fn make_mariadb(folder: &Path) {
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    let share = mariadb(folder).get_program().to_owned();
    let share = Path::new(&share).ancestors().nth(2).expect("usr").join("share/mysql");
    let mut text = String::from(
        "create database mysql;\nuse mysql;\nset @auth_root_socket=null;\nset @skip_auth_anonymous=1;\n",
    );
    for file in ["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"] {
        text += &std::fs::read_to_string(share.join(file)).expect(file);
    }
    let boot = folder.join("boot.sql");
    std::fs::write(&boot, text).expect("a file");
    let user = format!(
        "create user if not exists citadel@'%' identified by '{PASSWORD}';\n\
         grant all on *.* to citadel@'%' with grant option;\n\
         create database if not exists citadel;\n"
    );
    std::fs::write(folder.join("init.sql"), user).expect("a file");
    let input = std::fs::File::open(&boot).expect("a file");
    done(mariadb(folder).arg("--bootstrap").stdin(input));
}

fn launch(kind: Kind, folder: &Path, port: u16) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let mut command = match kind {
        Kind::Postgres => {
            let mut command = postgres("postgres");
            command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
            for setting in [
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "fsync=off",
                "shared_buffers=16MB",
                "max_connections=60",
                "deadlock_timeout=50ms",
            ] {
                command.args(["-c", setting]);
            }
            command
        }
        Kind::MariaDb => {
            let mut command = mariadb(folder);
            command
                .args(["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=1"])
                .arg(format!("--port={port}"))
                .arg(format!("--socket={}", folder.join("socket").display()))
                .arg(format!("--pid-file={}", folder.join("pid").display()))
                .arg(format!("--init-file={}", folder.join("init.sql").display()));
            command
        }
    };
    let second = log.try_clone().expect("a second handle");
    command.stdin(Stdio::null()).stdout(second).stderr(log).spawn().expect("the database starts")
}

fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
}
