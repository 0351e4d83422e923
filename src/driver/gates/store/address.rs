use std::path::Path;

use super::StoreError;
use super::postgres::Postgres;
use super::shelf::Change;
use super::sqlite::Sqlite;

/// A database in which processes share their breakers and limits. It is not looked for before it is used.
pub struct Store(Kind);

enum Kind {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Sqlite(_) => "Store(sqlite)",
            Kind::Postgres(_) => "Store(postgres)",
        })
    }
}

impl Store {
    /// The one at `sqlite:PATH`, which is relative to `folder`, or `postgres://...`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn at(address: &str, folder: &Path) -> Result<Self, StoreError> {
        if let Some(path) = address.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self(Kind::Sqlite(Sqlite::at(folder.join(path)))));
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Self(Kind::Postgres(Postgres::at(address))));
        }
        let message = "write `sqlite:PATH` or `postgres://USER@HOST/DATABASE`";
        Err(StoreError::Address(message.to_owned()))
    }

    pub(super) async fn change<R: Send + 'static>(
        &self,
        id: &str,
        change: impl Change<R>,
    ) -> Result<R, StoreError> {
        match &self.0 {
            Kind::Sqlite(sqlite) => sqlite.change(id.to_owned(), change).await,
            Kind::Postgres(postgres) => postgres.change(id, change).await,
        }
    }
}
