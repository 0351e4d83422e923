use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::machine::Moment;

/// What will happen, in order of time; of several at one time, in the order in which they were planned.
#[derive(Debug)]
pub(super) struct Queue<T> {
    heap: BinaryHeap<Reverse<(Moment, u64, Planned<T>)>>,
    planned: u64,
}

/// What is planned has no order of its own.
#[derive(Debug)]
struct Planned<T>(T);

impl<T> PartialEq for Planned<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Planned<T> {}

impl<T> PartialOrd for Planned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Planned<T> {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self { heap: BinaryHeap::new(), planned: 0 }
    }

    pub(super) fn plan(&mut self, at: Moment, what: T) {
        self.heap.push(Reverse((at, self.planned, Planned(what))));
        self.planned += 1;
    }

    pub(super) fn next(&mut self) -> Option<(Moment, T)> {
        self.heap.pop().map(|Reverse((at, _, Planned(what)))| (at, what))
    }
}
