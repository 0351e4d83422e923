use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::compile::Project;
use crate::source::{ReadError, World};

/// A project on disk.
pub(super) struct Disk {
    /// Its folder, without links.
    root: PathBuf,
    /// How messages show paths: relative to the working folder where they lie in it.
    working_folder: PathBuf,
}

impl Disk {
    /// The project of a place: the nearest folder with a `citadel.toml`, else the working folder where it holds the
    /// place, else the place's own folder.
    pub(super) fn of(place: &Path) -> Result<Self, Failure> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| Failure::Io { path, error }
        };
        let place = fs::canonicalize(place).map_err(io(place))?;
        let here = Path::new(".");
        let working_folder = std::env::current_dir().and_then(fs::canonicalize).map_err(io(here))?;
        let folder = if place.is_dir() { place.as_path() } else { place.parent().unwrap_or(&place) };
        let root = folder.ancestors().find(|folder| folder.join("citadel.toml").is_file());
        let fallback = if folder.starts_with(&working_folder) { &working_folder } else { folder };
        Ok(Self { root: root.unwrap_or(fallback).to_owned(), working_folder })
    }

    /// What its `citadel.toml` says; nothing where there is none.
    pub(super) fn project(&self) -> Result<Project, Failure> {
        let path = self.root.join("citadel.toml");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Project::parse(&text)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Project::default()),
            Err(error) => Err(Failure::Io { path, error }),
        }
    }

    /// Its folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A file as this world names it.
    pub(super) fn name(&self, path: &Path) -> Result<PathBuf, Failure> {
        let real = fs::canonicalize(path).map_err(|error| Failure::Io { path: path.to_owned(), error })?;
        match real.strip_prefix(&self.root) {
            Ok(inside) => Ok(inside.to_owned()),
            Err(_) => {
                let text = format!("{} lies outside the project {}", path.display(), self.root.display());
                Err(Failure::Usage(text))
            }
        }
    }
}

impl World for Disk {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| read_error(&error))?;
        if !real.starts_with(&self.root) {
            return Err(ReadError::OutsideRoot);
        }
        // Asked before opening: opening a pipe would wait for a writer.
        if !fs::metadata(&real).map_err(|error| read_error(&error))?.is_file() {
            return Err(ReadError::NotAFile);
        }
        let file = fs::OpenOptions::new().read(true).open(&real).map_err(|error| read_error(&error))?;
        let mut bytes = Vec::new();
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| read_error(&error))?;
        Ok(bytes)
    }

    fn display(&self, path: &Path) -> PathBuf {
        let full = self.root.join(path);
        full.strip_prefix(&self.working_folder).map(Path::to_owned).unwrap_or(full)
    }
}

fn read_error(error: &std::io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Refused(error.to_string()),
    }
}
