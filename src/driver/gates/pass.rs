use super::hold::Hold;
use crate::engine::breaker::{Admission, Circuit, Health};
use crate::engine::limit::Lane;
use crate::engine::machine::Moment;

/// That an attempt may begin. When it is dropped without a report, its places are free, and nothing was learnt.
#[must_use = "an attempt that is over reports"]
pub(in crate::driver) struct Pass {
    pub(super) circuit: Option<(Hold<Circuit>, Admission)>,
    pub(super) lane: Option<(Hold<Lane>, Moment)>,
}

impl Pass {
    /// The attempt is over.
    pub(in crate::driver) async fn report(self, health: Health) {
        if let Some((hold, admission)) = self.circuit {
            hold.gate().report(admission, health).await;
            hold.forget();
        }
        if let Some((hold, _)) = self.lane {
            let (gate, id) = (hold.gate(), hold.id());
            gate.change(move |_, lane, _| lane.leave(id)).await;
            gate.tell_all();
            hold.forget();
        }
    }
}

/// An attempt that was let through by its limit doesn't begin.
pub(super) async fn give_back((hold, at): (Hold<Lane>, Moment)) {
    let (gate, id) = (hold.gate(), hold.id());
    gate.change(move |_, lane, _| lane.give_back(id, at)).await;
    gate.tell_all();
    hold.forget();
}
