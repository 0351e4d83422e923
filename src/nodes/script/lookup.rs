use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where programs are looked for beside the worker's own `PATH`, and what a script's is.
pub(super) const STANDARD_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where a program is: the first of that name in the worker's `PATH`, or in a usual place.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&own).chain(std::env::split_paths(STANDARD_PATH));
    // A relative folder would mean another one for each worker.
    folders
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

/// A file that can be executed.
pub(super) fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// A script's `PATH`: where its interpreter lies, then the usual places.
pub(super) fn path_with(program: &Path) -> OsString {
    let mut path = OsString::new();
    let usual = || std::env::split_paths(STANDARD_PATH);
    if let Some(folder) = program.parent().filter(|folder| !usual().any(|usual| usual == **folder)) {
        path.push(folder);
        path.push(":");
    }
    path.push(STANDARD_PATH);
    path
}
