use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::failure::Failure;
use crate::disk::Folder;

/// Folders that hold what others made.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];

/// Files of one project.
pub(super) struct Job {
    /// The project.
    pub disk: Folder,
    /// The files, as the project names them, sorted.
    pub files: Vec<PathBuf>,
}

/// The projects of files and folders, and which of their files are meant: a folder stands for all `.citadel` files
/// in it. Without a path the whole project of the working folder is.
///
/// The root of a project is the nearest folder with a `citadel.toml`, else the working folder where it holds the
/// file, else the folder that was named or that the file lies in.
pub(super) fn jobs(paths: &[PathBuf]) -> Result<Vec<Job>, Failure> {
    let mut finder = Finder::new()?;
    if paths.is_empty() {
        let root = root_of(&finder.working_folder).unwrap_or(&finder.working_folder).to_owned();
        finder.folder(&root, None)?;
    }
    for path in paths {
        finder.path(path)?;
    }
    Ok(finder.finish())
}

struct Finder {
    working_folder: PathBuf,
    jobs: BTreeMap<PathBuf, Job>,
}

impl Finder {
    fn new() -> Result<Self, Failure> {
        let here = PathBuf::from(".");
        let working_folder =
            std::env::current_dir().and_then(fs::canonicalize).map_err(Failure::io(&here))?;
        Ok(Self { working_folder, jobs: BTreeMap::new() })
    }

    fn path(&mut self, written: &Path) -> Result<(), Failure> {
        let real = fs::canonicalize(written).map_err(Failure::io(written))?;
        if real.is_dir() {
            return self.folder(&real, Some(written));
        }
        let folder = real.parent().unwrap_or(&real).to_owned();
        self.file(&real, &folder, plain(written));
        Ok(())
    }

    /// Takes the `.citadel` files of a folder, in the order of their paths; hidden folders and what others made are
    /// passed over. Links to folders are not followed, so no circle of them can hold the walk up.
    fn folder(&mut self, top: &Path, written: Option<&Path>) -> Result<(), Failure> {
        let mut open = vec![top.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).map_err(Failure::io(&folder))? {
                let entry = entry.map_err(Failure::io(&folder))?;
                let is_folder = entry.file_type().map_err(Failure::io(&folder))?.is_dir();
                let path = entry.path();
                let passed_over =
                    |name: &str| name.starts_with('.') || (is_folder && PASSED_OVER.contains(&name));
                if entry.file_name().to_str().is_some_and(passed_over) {
                    continue;
                }
                if is_folder {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "citadel") {
                    let shown = self.shown(&path, top, written);
                    self.file(&path, top, shown);
                }
            }
        }
        Ok(())
    }

    /// How a file of a folder is shown: below the folder as it was written, else as seen from the working folder.
    fn shown(&self, path: &Path, top: &Path, written: Option<&Path>) -> PathBuf {
        let below = path.strip_prefix(top).unwrap_or(path);
        match written {
            Some(written) => plain(&written.join(below)),
            None => path.strip_prefix(&self.working_folder).unwrap_or(path).to_owned(),
        }
    }

    fn file(&mut self, path: &Path, fallback: &Path, shown: PathBuf) {
        let folder = path.parent().unwrap_or(path);
        let working_folder =
            Some(self.working_folder.as_path()).filter(|working| folder.starts_with(working));
        let root = root_of(folder).or(working_folder).unwrap_or(fallback);
        let job = self.jobs.entry(root.to_owned()).or_insert_with(|| Job {
            disk: Folder::new(root.to_owned(), self.working_folder.clone()),
            files: Vec::new(),
        });
        let name = job.disk.add(path, shown);
        job.files.push(name);
    }

    fn finish(self) -> Vec<Job> {
        let mut jobs: Vec<Job> = self.jobs.into_values().collect();
        for job in &mut jobs {
            job.files.sort();
            job.files.dedup();
        }
        jobs
    }
}

/// The nearest folder with a `citadel.toml`.
fn root_of(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join("citadel.toml").is_file())
}

/// A path without the `.` that lie on its way.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
