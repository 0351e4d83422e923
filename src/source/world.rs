use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// All that the compiler may ask of outside.
///
/// Paths are relative to the project's root, with `/` and without `.` or `..`; a world never gives a file from
/// outside the root, whatever links lie in it.
pub trait World {
    /// The bytes of a file, at most `limit` of them and one more.
    ///
    /// # Errors
    /// When there is no such file in the project, or it can't be read.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError>;

    /// The path of a file without the links that lie on its way, so that a file has one path.
    ///
    /// # Errors
    /// When there is no such file in the project.
    fn locate(&self, path: &Path) -> Result<PathBuf, ReadError> {
        Ok(path.to_owned())
    }

    /// How messages show a path of this world.
    fn display(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

/// Why a file can't be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Nothing is there.
    #[error("there is no such file")]
    NotFound,
    /// The path, or a link on its way, leads out of the project's root.
    #[error("it lies outside the project's root")]
    OutsideRoot,
    /// A folder, a device, a socket.
    #[error("it is not a file")]
    NotAFile,
    /// The system refuses.
    #[error("it can't be read: {0}")]
    Refused(String),
}

/// A world in memory, for tests and for editors' unsaved texts.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryWorld {
    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl World for MemoryWorld {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(ReadError::OutsideRoot);
        }
        let bytes = self.files.get(path).ok_or(ReadError::NotFound)?;
        Ok(bytes[..bytes.len().min(limit + 1)].to_vec())
    }
}
