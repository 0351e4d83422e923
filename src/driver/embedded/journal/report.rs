/// What a check of a whole journal found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many runs were looked at.
    pub runs: u64,
    /// How many records.
    pub records: u64,
    /// The runs that can't be trusted.
    pub broken: Vec<Broken>,
    /// What SQLite says of the file, when it isn't well.
    pub file: Vec<String>,
}

/// A run that can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub run: String,
    /// The first record that is wrong or missing; none when it is something else of the run.
    pub seq: Option<u64>,
    /// What is wrong, in one sentence.
    pub reason: String,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty() && self.file.is_empty()
    }
}
