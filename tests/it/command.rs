//! The program, started in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A fresh folder under `target/`, empty at first.
pub(crate) struct Folder {
    path: PathBuf,
}

/// What a process printed, and its exit code.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// One for the test of that name.
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder under target/");
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder under target/");
        fs::write(path, text).expect("a file under target/");
        self
    }

    /// Runs `citadel` here.
    pub(crate) fn citadel(&self, arguments: &[&str]) -> Ended {
        self.citadel_reading("", arguments)
    }

    /// Runs `citadel` here in a locale.
    pub(crate) fn citadel_in(&self, locale: &str, arguments: &[&str]) -> Ended {
        self.run("", &[("LANG", locale)], arguments)
    }

    /// Runs `citadel` here with a text on standard input.
    pub(crate) fn citadel_reading(&self, input: &str, arguments: &[&str]) -> Ended {
        self.run(input, &[], arguments)
    }

    /// Runs `citadel` in a folder below this one.
    pub(crate) fn citadel_below(&self, folder: &str, arguments: &[&str]) -> Ended {
        Self { path: self.path.join(folder) }.citadel(arguments)
    }

    /// Runs `citadel` here with these variables in its environment.
    pub(crate) fn citadel_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
        self.run("", variables, arguments)
    }

    fn run(&self, input: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let stdin = self.path.join(".stdin");
        fs::write(&stdin, input).expect("a file under target/");
        let output = Command::new(env!("CARGO_BIN_EXE_citadel"))
            .args(arguments)
            .current_dir(&self.path)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(fs::OpenOptions::new().read(true).open(&stdin).map_or_else(|_| Stdio::null(), Stdio::from))
            .output()
            .expect("the program starts");
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Asserts the exit code, showing all that was printed when it differs.
    pub(crate) fn ends_with(self, code: i32) -> Self {
        let Self { code: actual, stdout, stderr } = &self;
        assert_eq!(*actual, code, "\nstandard output:\n{stdout}\nstandard error:\n{stderr}");
        assert!(!stderr.contains("panicked"), "it panicked:\n{stderr}");
        self
    }
}
