use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::engine::machine::{ChildStart, Failure, Start, Wired, identify};
use crate::value::{EcoString, Value, eco_format};

/// The idempotency key of an execution, the same on every attempt: 32 hexadecimal digits of SHA-256 over what stands for
/// the run as long as it lives, the node's path with its iterations, and the generation, which counts an operator's
/// deliberate repeats.
pub(super) fn of_execution(run: &str, path: &str) -> EcoString {
    let generation = 0;
    let digest = Sha256::digest(format!("{run}\n{path}\n{generation}"));
    digest.iter().take(16).fold(EcoString::new(), |text, byte| eco_format!("{text}{byte:02x}"))
}

/// The id of a run whose workflow gives it none: 60 random bits, as many runs start in the same instant.
pub(super) fn unique(workflow: &str) -> String {
    let random = uuid::Uuid::new_v4().as_u64_pair().0;
    format!("{workflow}-{random:016x}")
}

/// The id of a child: what its workflow says, else one made of its parent's and its node's path.
pub(super) fn of_started_child(
    parent: &str,
    wired: &Arc<Wired>,
    child: &ChildStart,
    settings: BTreeMap<EcoString, Value>,
) -> Result<String, Failure> {
    let start = Start { run: EcoString::new(), input: child.input.clone(), settings, scheduled_at: None };
    let named = identify(wired, child.workflow, &start)?;
    Ok(named.map_or_else(|| of_child(parent, &child.path, child.round), String::from))
}

fn of_child(parent: &str, path: &str, round: u32) -> String {
    match round {
        0 => format!("{parent}/{path}"),
        round => format!("{parent}/{path}#{}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::unique;

    #[test]
    fn runs_that_start_at_once_have_ids_of_their_own() {
        let ids: BTreeSet<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..10_000).map(|_| unique("w")).collect::<Vec<_>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("it makes ids")).collect()
        });
        assert_eq!(ids.len(), 80_000);
    }
}
