use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::gate::{Gate, LEASE};
use super::machine::Machine;

/// A place at a gate, which is free again when this is dropped, however that comes.
pub(super) struct Hold<M: Machine> {
    gate: Arc<Gate<M>>,
    id: u64,
    renewing: Option<AbortHandle>,
    is_over: bool,
}

impl<M: Machine> Hold<M> {
    /// A place that may be asked for.
    pub(super) fn new(gate: &Arc<Gate<M>>) -> Self {
        let id = uuid::Uuid::new_v4().as_u64_pair().0;
        Self { gate: Arc::clone(gate), id, renewing: None, is_over: false }
    }

    /// What it is known by.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn gate(&self) -> &Arc<Gate<M>> {
        &self.gate
    }

    /// The place was given. In a store it is held as long as this process says so.
    pub(super) fn kept(mut self) -> Self {
        if self.gate.is_shared() {
            let (gate, id) = (Arc::clone(&self.gate), self.id);
            let renewing = tokio::spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_millis(LEASE / 3)).await;
                    gate.change(move |_, state, now| state.renew(now, id, LEASE)).await;
                }
            });
            self.renewing = Some(renewing.abort_handle());
        }
        self
    }

    /// The place was not given, or given back.
    pub(super) fn forget(mut self) {
        self.is_over = true;
    }
}

impl<M: Machine> Drop for Hold<M> {
    fn drop(&mut self) {
        if let Some(renewing) = &self.renewing {
            renewing.abort();
        }
        if !self.is_over {
            self.gate.let_go(self.id);
        }
    }
}
