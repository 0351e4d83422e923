use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::command;

/// How long the output of a command is used.
const HOLDS: Duration = Duration::from_secs(300);

/// The place of a command's output: whoever holds it runs the command, and the others wait.
type Place = Arc<Mutex<Option<(Instant, String)>>>;

/// What commands printed, for five minutes. A clone is the same; it is never printed.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<BTreeMap<Vec<String>, Place>>>);

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

impl Kept {
    /// What a command prints, asked for again where it is too long ago. A failure is not kept.
    pub(in crate::driver) fn output(&self, words: &[String]) -> Result<String, String> {
        let place = self.place(words);
        let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, output)) = kept.as_ref().filter(|(since, _)| since.elapsed() < HOLDS) {
            return Ok(output.clone());
        }
        *kept = None;
        let output = command::run(words)?;
        *kept = Some((Instant::now(), output.clone()));
        Ok(output)
    }

    fn place(&self, words: &[String]) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.entry(words.to_vec()).or_default().clone()
    }
}
