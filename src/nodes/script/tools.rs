use std::path::PathBuf;

use super::lookup::find;

/// The programs of the system that hold a script.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    /// A shell as POSIX has it.
    pub(super) sh: PathBuf,
    /// Starts a program without a terminal.
    pub(super) setsid: Option<PathBuf>,
    /// Starts a program among processes of its own.
    pub(super) unshare: Option<PathBuf>,
    /// Starts a program among those.
    pub(super) nsenter: Option<PathBuf>,
}

impl Tools {
    /// Those of this machine; none without a shell.
    pub(super) fn find() -> Option<Self> {
        Some(Self {
            sh: find("sh")?,
            setsid: find("setsid"),
            unshare: find("unshare"),
            nsenter: find("nsenter"),
        })
    }

    /// All of them that are there.
    pub(super) fn all(&self) -> impl Iterator<Item = &PathBuf> {
        [Some(&self.sh), self.setsid.as_ref(), self.unshare.as_ref(), self.nsenter.as_ref()]
            .into_iter()
            .flatten()
    }
}
