use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::config::{Config, Inputs, Key, ProjectFile};

/// The name of a project's file.
const FILE: &str = "citadel.toml";

/// The folder of the project: the nearest one with a `citadel.toml`, else the working folder.
pub(in crate::cli) fn project() -> Result<PathBuf, Failure> {
    let here = working_folder()?;
    let root = here.ancestors().find(|folder| folder.join(FILE).is_file());
    Ok(root.unwrap_or(&here).to_path_buf())
}

/// The project's `citadel.toml`, where there is one.
pub(in crate::cli) fn project_file() -> Result<Option<ProjectFile>, Failure> {
    let path = project()?.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.map_err(Failure::io(&path))?,
    };
    let here = working_folder()?;
    Ok(Some(ProjectFile::parse(path.strip_prefix(&here).unwrap_or(&path), &text)))
}

fn working_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(Failure::io(Path::new(".")))
}

/// What flags, the environment and `citadel.toml` say, once it is right.
pub(in crate::cli) fn configuration(
    flags: &BTreeMap<Key, String>,
    profile: Option<&str>,
) -> Result<Config, Failure> {
    let file = project_file()?;
    let variables = variables();
    let inputs = Inputs { file: file.as_ref(), variables: &variables, flags, profile };
    Ok(Config::read(&inputs)?)
}

/// The environment. What is no Unicode can't be meant for this.
fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
