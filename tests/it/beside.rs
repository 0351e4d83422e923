//! A `citadel` that goes on beside the test, and never longer than it.

#[cfg(feature = "temporal")]
use std::io::Read;
use std::process::{Child, Command, Stdio};

use crate::command::{Ended, Folder};

pub(crate) struct Beside(Option<Child>);

impl Beside {
    /// Starts it in a folder.
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Self {
        Self::start_with(folder, &[], arguments)
    }

    /// Starts it with these variables in its environment too.
    pub(crate) fn start_with(folder: &Folder, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_citadel"))
            .args(arguments)
            .current_dir(folder.path())
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(Some(child.expect("citadel starts")))
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.as_ref().expect("it runs").id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(status.expect("kill starts").success());
    }

    /// Waits until it says something on standard error.
    #[cfg(feature = "temporal")]
    pub(crate) fn hear(&mut self, part: &str) {
        let error = self.0.as_mut().and_then(|child| child.stderr.as_mut()).expect("it runs");
        let mut heard = Vec::new();
        let mut byte = [0];
        while !String::from_utf8_lossy(&heard).contains(part) {
            let count = error.read(&mut byte).expect("it speaks");
            assert_ne!(count, 0, "it never says {part}: {}", String::from_utf8_lossy(&heard));
            heard.extend(byte);
        }
    }

    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().expect("it runs");
        child.kill().expect("it runs");
        child.wait().expect("it ran");
    }

    pub(crate) fn end(mut self) -> Ended {
        let output = self.0.take().expect("it runs").wait_with_output().expect("it ran");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // It may be over.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
