use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Error, Refused};
use crate::catalog::Catalog;
use crate::compile::{self, Compilation};
use crate::disk::Folder;
use crate::plan::Plan;
use crate::source::MemoryWorld;

/// The workflows of a program, by name.
pub(super) struct Registry {
    catalog: Catalog,
    plans: Mutex<BTreeMap<String, Arc<Plan>>>,
}

impl Registry {
    /// None, which are to be checked with the kinds of this catalogue.
    pub(super) fn new(catalog: Catalog) -> Self {
        Self { catalog, plans: Mutex::default() }
    }

    /// Takes all workflows of a text.
    pub(super) fn add_text(&self, text: &str) -> Result<(), Error> {
        let path = PathBuf::from("text.citadel");
        let world = MemoryWorld::default().with(&path, text);
        self.add(compile::check_with(&world, &[path], &self.catalog))
    }

    /// Takes all workflows of a file. Imports are read from its folder and below.
    pub(super) fn add_file(&self, file: &Path) -> Result<(), Error> {
        let unreadable = |reason: std::io::Error| Error::Unreadable {
            path: file.to_path_buf(),
            reason: reason.to_string(),
        };
        let real = std::fs::canonicalize(file).map_err(unreadable)?;
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
        };
        let world = Folder::new(folder.to_path_buf(), folder.to_path_buf());
        let mut compilation = compile::check_with(&world, &[PathBuf::from(name)], &self.catalog);
        match compilation.unreadable.pop() {
            Some(reason) => Err(unreadable(std::io::Error::other(reason.to_string()))),
            None => self.add(compilation),
        }
    }

    fn add(&self, compilation: Compilation) -> Result<(), Error> {
        let plans = match compilation.plans() {
            Ok(plans) => plans,
            Err(compile::PlanError::Refused) => return Err(Refused::new(compilation).into()),
            Err(error) => return Err(error.into()),
        };
        let mut known = self.plans();
        for plan in plans {
            if let Some(workflow) = plan.program().workflows.first() {
                known.insert(workflow.name.clone(), Arc::new(plan));
            }
        }
        Ok(())
    }

    /// The plan of a workflow.
    pub(super) fn plan(&self, workflow: &str) -> Result<Arc<Plan>, Error> {
        let plan = self.plans().get(workflow).cloned();
        plan.ok_or_else(|| Error::UnknownWorkflow(workflow.to_owned()))
    }

    /// The plans of all workflows.
    #[cfg(feature = "temporal")]
    pub(super) fn all(&self) -> Vec<Arc<Plan>> {
        self.plans().values().cloned().collect()
    }

    fn plans(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Plan>>> {
        // A plan is in it or not.
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
