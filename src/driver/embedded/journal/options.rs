use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// What a journal is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only to look; a journal of a newer version may be opened so.
    Read,
    /// To drive runs or to post messages.
    Write,
}

/// What differs from the usual; the default is right for all but tests.
#[derive(Clone)]
pub struct Options {
    /// Called when the disk failed to make data durable. It must not return in a program: nothing is known of
    /// what was written before, and asking again would be answered with a lie. By default it says so and exits
    /// with code 3.
    pub fatal: Arc<dyn Fn(&str) + Send + Sync>,
    /// The most pages of 4 KiB that the database may have, read before each commit: a disk that is full.
    pub page_limit: Option<Arc<AtomicU32>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { fatal: Arc::new(exit), page_limit: None }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Options").field("page_limit", &self.page_limit).finish_non_exhaustive()
    }
}

fn exit(message: &str) {
    // Nothing can be done about a failure to say it.
    let _ = writeln!(std::io::stderr(), "citadel: {message}");
    std::process::exit(3);
}
