use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// A line of `citadel.toml`, from 1.
    File {
        /// The file, as messages show it.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
    },
    /// A variable of the environment, by its name.
    Variable(String),
    /// A flag, such as `--address`.
    Flag(String),
    /// The program that Citadel is inside of.
    Code,
}

impl Source {
    /// What it is, in one word: `default`, `file`, `variable`, `flag` or `code`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File { .. } => "file",
            Self::Variable(_) => "variable",
            Self::Flag(_) => "flag",
            Self::Code => "code",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
            Self::Default | Self::Code => f.write_str(self.kind()),
        }
    }
}
