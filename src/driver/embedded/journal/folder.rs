use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::file_system;
use super::{Access, JournalError};

/// Where the parts of a journal lie.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Finds the folder, or makes it when the journal may be written.
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, JournalError> {
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => return Err(JournalError::NotAFolder { path: path.to_owned() }),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound && access == Access::Write => make(path)?,
            Err(error) => return Err(unread(path, &error)),
        }
        file_system::expect_local(path)?;
        let folder = Self(path.to_owned());
        folder.expect_journal(access)?;
        if access == Access::Write {
            folder.make_owners()?;
        }
        Ok(folder)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.0.join("journal.db")
    }

    /// Its log of what isn't in it yet.
    fn log(&self) -> PathBuf {
        self.0.join("journal.db-wal")
    }

    /// The lock files of the processes that own runs.
    pub(super) fn owners(&self) -> PathBuf {
        self.0.join("owners")
    }

    /// Only this user may look at what runs work with.
    pub(super) fn keep_private(&self) -> Result<(), JournalError> {
        // By its path: closing a second descriptor of the database would drop SQLite's locks.
        let path = self.database();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(|error| refused(&path, &error))
    }

    /// Makes durable what a process that was killed had written, but maybe not synced: after it was read, it may be
    /// acted on.
    pub(super) fn sync_log(&self) -> Result<(), JournalError> {
        let path = self.log();
        match File::open(&path) {
            Ok(log) => log.sync_all().map_err(|_| JournalError::NotDurable),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(refused(&path, &error)),
        }
    }

    fn expect_journal(&self, access: Access) -> Result<(), JournalError> {
        let path = self.database();
        match fs::metadata(&path) {
            Ok(found) if !found.is_file() => Err(JournalError::NotAJournal { path }),
            Err(error) if error.kind() != ErrorKind::NotFound || access == Access::Read => {
                Err(unread(&path, &error))
            }
            _ => Ok(()),
        }
    }

    fn make_owners(&self) -> Result<(), JournalError> {
        let path = self.owners();
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(refused(&path, &error)),
            _ => Ok(()),
        }
    }
}

/// Makes the folder, which no version control shall take in.
fn make(path: &Path) -> Result<(), JournalError> {
    match DirBuilder::new().mode(0o700).create(path) {
        // Another process was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(JournalError::NoFolder { path: around(path).to_owned() });
        }
        made => made.map_err(|error| refused(path, &error))?,
    }
    let ignore = path.join(".gitignore");
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&ignore)
        .and_then(|mut file| file.write_all(b"*\n"))
        .map_err(|error| refused(&ignore, &error))?;
    sync_entry(path)
}

/// Makes the entry of a new file or folder durable in the folder around it.
pub(super) fn sync_entry(path: &Path) -> Result<(), JournalError> {
    let parent = around(path);
    let opened = File::open(parent).map_err(|error| refused(parent, &error))?;
    opened.sync_all().map_err(|_| JournalError::NotDurable)
}

fn around(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a system says of a journal that is looked for.
fn unread(path: &Path, error: &io::Error) -> JournalError {
    match error.kind() {
        ErrorKind::NotFound => JournalError::Missing(path.to_owned()),
        _ => refused(path, error),
    }
}

/// What a system says of a path.
pub(super) fn refused(path: &Path, error: &io::Error) -> JournalError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::NotADirectory => JournalError::NotAFolder { path },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => JournalError::Denied { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => JournalError::DiskFull,
        _ => {
            let said = error.to_string();
            let reason = said.split_once(" (os error").map_or(said.as_str(), |(said, _)| said).to_lowercase();
            JournalError::Io { path, reason }
        }
    }
}
