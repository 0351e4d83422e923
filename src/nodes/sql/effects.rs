use crate::catalog::Dialect;

/// The table in which effects are kept that happen once: the key of an execution, what it gave, and when.
pub(super) const TABLE: &str = "citadel_effects";

/// What is said to a database about that table. A key is forgotten after 90 days.
pub(super) struct Effects {
    /// Makes the table, where it isn't there.
    pub(super) create: &'static [&'static str],
    /// Takes a key. Whoever takes one that another transaction holds waits for that one's end.
    pub(super) claim: &'static str,
    /// What a key gave.
    pub(super) find: &'static str,
    /// Keeps what a key, the second value or the first, gave.
    pub(super) keep: &'static str,
    /// Forgets keys.
    pub(super) prune: &'static str,
}

const POSTGRES: Effects = Effects {
    create: &[
        "create table if not exists citadel_effects \
         (key text primary key, output text, at timestamptz not null default now())",
        "create index if not exists citadel_effects_at on citadel_effects (at)",
    ],
    claim: "insert into citadel_effects (key) values ($1) on conflict (key) do nothing",
    find: "select output from citadel_effects where key = $1",
    keep: "update citadel_effects set output = $1 where key = $2",
    prune: "delete from citadel_effects where at < now() - interval '90 days'",
};

const MYSQL: Effects = Effects {
    create: &["create table if not exists citadel_effects \
         (`key` varchar(255) character set ascii collate ascii_bin not null primary key, \
         output longtext character set utf8mb4, at timestamp(6) not null default current_timestamp(6), \
         key citadel_effects_at (at)) engine = InnoDB"],
    claim: "insert into citadel_effects (`key`) values (?)",
    find: "select output from citadel_effects where `key` = ?",
    keep: "update citadel_effects set output = ? where `key` = ?",
    prune: "delete from citadel_effects where at < current_timestamp - interval 90 day",
};

const SQLITE: Effects = Effects {
    create: &[
        "create table if not exists citadel_effects \
         (key text primary key, output text, at text not null default current_timestamp)",
        "create index if not exists citadel_effects_at on citadel_effects (at)",
    ],
    claim: "insert into citadel_effects (key) values (?1) on conflict (key) do nothing",
    find: "select output from citadel_effects where key = ?1",
    keep: "update citadel_effects set output = ?1 where key = ?2",
    prune: "delete from citadel_effects where at < datetime('now', '-90 days')",
};

impl Effects {
    /// In the words of a database.
    pub(super) fn of(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::Postgres => &POSTGRES,
            Dialect::MySql => &MYSQL,
            Dialect::Sqlite => &SQLITE,
        }
    }
}
