use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::state::Place;
use crate::plan::Workflow;

/// What a running node takes up of what a run may do at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) enum Slot {
    /// Nothing: it is pure, or waits.
    #[default]
    None,
    /// A part of `parallelism`.
    Child,
    /// A part of `parallelism` and of `max_concurrent`.
    Activity,
}

/// Who has slots and who waits for one, first come first served.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Slots {
    /// Activities and children.
    all: u32,
    activities: u32,
    /// With the number of its arrival.
    waiting_activities: VecDeque<(u64, Place)>,
    waiting_children: VecDeque<(u64, Place)>,
    arrivals: u64,
}

impl Slots {
    /// Lets a node wait for its slot.
    pub(super) fn queue(&mut self, slot: Slot, place: Place) {
        let entry = (self.arrivals, place);
        self.arrivals += 1;
        match slot {
            Slot::Activity => self.waiting_activities.push_back(entry),
            Slot::Child | Slot::None => self.waiting_children.push_back(entry),
        }
    }

    /// The next node whose slot is free, which has it then.
    pub(super) fn next(&mut self, workflow: &Workflow) -> Option<(Place, Slot)> {
        if workflow.parallelism.is_some_and(|limit| self.all >= limit) {
            return None;
        }
        let activity = self.waiting_activities.front().filter(|_| self.activities < workflow.max_concurrent);
        let child = self.waiting_children.front();
        let slot = match (activity, child) {
            (None, None) => return None,
            (Some(activity), Some(child)) if activity.0 > child.0 => Slot::Child,
            (None, Some(_)) => Slot::Child,
            (Some(_), _) => Slot::Activity,
        };
        let queue = match slot {
            Slot::Activity => &mut self.waiting_activities,
            Slot::Child | Slot::None => &mut self.waiting_children,
        };
        let (_, place) = queue.pop_front()?;
        self.take(slot);
        Some((place, slot))
    }

    /// Gives a slot, whether one is free or not.
    pub(super) fn take(&mut self, slot: Slot) {
        self.all += u32::from(slot != Slot::None);
        self.activities += u32::from(slot == Slot::Activity);
    }

    /// Gives a slot back.
    pub(super) fn release(&mut self, slot: Slot) {
        self.all = self.all.saturating_sub(u32::from(slot != Slot::None));
        self.activities = self.activities.saturating_sub(u32::from(slot == Slot::Activity));
    }

    /// Lets nobody wait any more.
    pub(super) fn clear(&mut self) {
        self.waiting_activities.clear();
        self.waiting_children.clear();
    }
}
