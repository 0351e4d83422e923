use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::reason;
use crate::source::{ReadError, World};

/// A project on disk.
#[derive(Debug)]
pub struct Folder {
    /// Its folder, without links.
    root: PathBuf,
    /// Other files are shown relative to the working folder where they lie in it.
    working_folder: PathBuf,
    /// How the caller wrote the files that were asked for.
    written: BTreeMap<PathBuf, PathBuf>,
}

impl Folder {
    /// The project of a folder, whose files are shown relative to another; both folders without links.
    #[must_use]
    pub fn new(root: PathBuf, working_folder: PathBuf) -> Self {
        Self { root, working_folder, written: BTreeMap::new() }
    }

    /// Names a file of it, which messages show as it was written.
    pub fn add(&mut self, file: &Path, written: PathBuf) -> PathBuf {
        let name = file.strip_prefix(&self.root).unwrap_or(file).to_owned();
        self.written.entry(name.clone()).or_insert(written);
        name
    }

    fn real(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| read_error(&error))?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(ReadError::OutsideRoot) }
    }
}

impl World for Folder {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        let real = self.real(path)?;
        let metadata = fs::metadata(&real).map_err(|error| read_error(&error))?;
        // Asked before opening: opening a pipe would wait for a writer.
        if !metadata.is_file() {
            return Err(ReadError::NotAFile);
        }
        let file = fs::OpenOptions::new().read(true).open(&real).map_err(|error| read_error(&error))?;
        let mut bytes = Vec::with_capacity(limit.min(metadata.len() as usize) + 1);
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| read_error(&error))?;
        Ok(bytes)
    }

    fn locate(&self, path: &Path) -> Result<PathBuf, ReadError> {
        let real = self.real(path)?;
        Ok(real.strip_prefix(&self.root).map(Path::to_owned).unwrap_or(real))
    }

    fn display(&self, path: &Path) -> PathBuf {
        if let Some(written) = self.written.get(path) {
            return written.clone();
        }
        let full = self.root.join(path);
        full.strip_prefix(&self.working_folder).map(Path::to_owned).unwrap_or(full)
    }
}

fn read_error(error: &std::io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::NotFound,
        _ => ReadError::Refused(reason(error)),
    }
}
