use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::failure::Failure;

/// Folders that hold what others made.
const PASSED_OVER: [&str; 2] = ["target", "node_modules"];

/// The `.citadel` files of files and folders: folders whole, hidden ones and build output passed over; sorted, each
/// once.
pub(super) fn citadel_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = BTreeSet::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| Failure::Io { path: path.clone(), error })?;
        if metadata.is_dir() {
            collect(path, &mut found)?;
        } else {
            found.insert(path.clone());
        }
    }
    Ok(found.into_iter().collect())
}

/// Links to folders are not followed, so no circle of them can hold the walk up.
fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let io = |error| Failure::Io { path: folder.clone(), error };
        for entry in fs::read_dir(&folder).map_err(io)? {
            let entry = entry.map_err(io)?;
            let kind = entry.file_type().map_err(io)?;
            let name = entry.file_name();
            let hidden = name.to_str().is_some_and(|name| name.starts_with('.') || PASSED_OVER.contains(&name));
            if kind.is_dir() && !hidden {
                open.push(entry.path());
            } else if !kind.is_dir() && !hidden && entry.path().extension().is_some_and(|it| it == "citadel") {
                found.insert(entry.path());
            }
        }
    }
    Ok(())
}
