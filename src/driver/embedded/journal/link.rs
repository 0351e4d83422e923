use sha2::{Digest, Sha256};

use super::NewRun;

/// How many bytes of a hash are kept.
const LENGTH: usize = 16;

/// A checksum that covers what it stands beside and all that came before it in its run.
///
/// SHA-256, cut to 16 bytes: the hash is in the program anyway, no two records collide by chance (as they do with
/// 32 bits over the millions of rows of a journal), and a record that was moved, swapped or left out is seen as
/// surely as one that was changed. It has no key: it finds accidents, not forgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link([u8; LENGTH]);

impl Link {
    /// The link of a run's header, where its chain begins.
    pub(super) fn of_header(run: &NewRun) -> Self {
        let parent = run.parent.as_deref().unwrap_or_default();
        Self::of_fixed(&run.id, &run.workflow, &run.plan_hash, parent, run.started_at, &run.header)
    }

    /// The same of what was read back.
    pub(super) fn of_fixed(
        id: &str,
        workflow: &str,
        plan_hash: &str,
        parent: &str,
        started_at: i64,
        header: &[u8],
    ) -> Self {
        let parts = [id, workflow, plan_hash, parent].map(str::as_bytes);
        Self::of(b"run", &[parts[0], parts[1], parts[2], parts[3], &started_at.to_le_bytes(), header])
    }

    /// The link of the record after this one.
    pub(super) fn then(self, seq: u64, kind: u8, at: i64, payload: &[u8]) -> Self {
        Self::of(b"record", &[&self.0, &seq.to_le_bytes(), &[kind], &at.to_le_bytes(), payload])
    }

    /// The link of a snapshot that stands beside the record of this one.
    pub(super) fn of_snapshot(self, seq: u64, bytes: &[u8]) -> Self {
        Self::of(b"snapshot", &[&self.0, &seq.to_le_bytes(), bytes])
    }

    /// The link of how a run ended.
    pub(super) fn of_end(id: &str, status: &str, at: i64, outcome: &[u8]) -> Self {
        Self::of(b"end", &[id.as_bytes(), status.as_bytes(), &at.to_le_bytes(), outcome])
    }

    /// The link of a message.
    pub(super) fn of_message(id: &str, payload: &[u8]) -> Self {
        Self::of(b"message", &[id.as_bytes(), payload])
    }

    /// The link of a plan.
    pub(super) fn of_plan(hash: &str, bytes: &[u8]) -> Self {
        Self::of(b"plan", &[hash.as_bytes(), bytes])
    }

    /// What was read; none when it has another length.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// What is written.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Every part goes in behind its length, so that no two lists of parts give the same bytes.
    fn of(purpose: &[u8], parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in [&[purpose], parts].concat() {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let whole = hash.finalize();
        let mut kept = [0; LENGTH];
        kept.copy_from_slice(&whole[..LENGTH]);
        Self(kept)
    }
}
