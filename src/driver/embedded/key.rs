use sha2::{Digest, Sha256};

use crate::value::{EcoString, eco_format};

/// The idempotency key of an execution, the same on every attempt: 32 hexadecimal digits of SHA-256 over the run's id,
/// the node's path with its iterations, and the generation, which counts an operator's deliberate repeats.
pub(super) fn of_execution(run: &str, path: &str) -> EcoString {
    let generation = 0;
    let digest = Sha256::digest(format!("{run}\n{path}\n{generation}"));
    digest.iter().take(16).fold(EcoString::new(), |text, byte| eco_format!("{text}{byte:02x}"))
}

/// The id of a child whose workflow gives it none.
pub(super) fn of_child(parent: &str, path: &str, round: u32) -> String {
    match round {
        0 => format!("{parent}/{path}"),
        round => format!("{parent}/{path}#{}", round + 1),
    }
}
