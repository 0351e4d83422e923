//! Loops, in the reference.

use serde_json::json;

use super::program::{Loop, Repeat};
use super::reference::{Doing, End, Failure, Place, Reference, Status};

/// A loop that runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Repetition {
    started: i64,
    succeeded: usize,
    results: Vec<(i64, i64)>,
    dropped: Vec<(i64, i64, Failure)>,
    state: i64,
    is_ending: bool,
}

impl<'p> Reference<'p> {
    pub(super) fn begin_loop(&mut self, place: Place, task: &'p Loop) {
        let count = match &task.repeat {
            Repeat::Over(items) => items.len(),
            Repeat::Times(times) => *times,
            Repeat::While { .. } => 0,
        };
        if count > task.bound {
            return self.fail(place, "LoopLimit");
        }
        self.update(place, |running| running.doing = Doing::Loop(Repetition::default()));
        self.loops.push(place);
    }

    fn task(&self, place: Place) -> &'p Loop {
        match &self.node(place).kind {
            super::program::Kind::Loop(task) => task,
            other => panic!("{other:?} is no loop"),
        }
    }

    fn repetition(&mut self, place: Place) -> Option<&mut Repetition> {
        match &mut self.running(place)?.doing {
            Doing::Loop(repetition) => Some(repetition),
            _ => None,
        }
    }

    fn iterations(&self, place: Place) -> Vec<usize> {
        let is_iteration =
            |scope: &usize| self.scopes[*scope].owner == Some(place) && !self.scopes[*scope].is_over;
        (0..self.scopes.len()).filter(is_iteration).collect()
    }

    pub(super) fn drop_iterations(&mut self, place: Place) {
        self.iterations(place).into_iter().for_each(|scope| self.drop_scope(scope));
    }

    /// Starts the iterations that there is room for, or ends the loop.
    pub(super) fn go_on(&mut self, place: Place) {
        let task = self.task(place);
        while let Some(repetition) = self.repetition(place).cloned() {
            let at = repetition.started;
            let next = match &task.repeat {
                Repeat::Over(items) => items.get(usize::try_from(at).unwrap_or(0)).copied(),
                Repeat::Times(times) => Some(at).filter(|at| usize::try_from(*at).unwrap_or(0) < *times),
                Repeat::While { .. } => Some(at),
            };
            let running = self.iterations(place).len();
            let Some(item) = next.filter(|_| !repetition.is_ending) else {
                if running == 0 {
                    self.end_loop(place, task, repetition);
                }
                return;
            };
            if running >= task.width {
                return;
            }
            if let Repeat::While { below: Some(limit), .. } = task.repeat
                && repetition.state >= limit
            {
                self.repetition(place).expect("it runs").is_ending = true;
                continue;
            }
            if usize::try_from(at).unwrap_or(0) >= task.bound {
                return self.fail(place, "LoopLimit");
            }
            self.repetition(place).expect("it runs").started += 1;
            let scope = self.open_scope(&task.body, Some(place));
            let scope = &mut self.scopes[scope];
            (scope.index, scope.item, scope.state) = (at, item, repetition.state);
        }
    }

    pub(super) fn iteration_failed(&mut self, scope: usize, place: Place, failure: Failure) {
        let task = self.task(place);
        self.drop_scope(scope);
        if !task.continues {
            self.let_go(place);
            return self.fail_with(place, failure);
        }
        let (index, item) = (self.scopes[scope].index, self.scopes[scope].item);
        if let Some(repetition) = self.repetition(place) {
            repetition.dropped.push((index, item, failure));
            self.loops.push(place);
        }
    }

    /// An iteration has come to its end: what it gives, whether it is the last, the state after it.
    pub(super) fn iteration_ended(&mut self, scope: usize, place: Place) {
        let task = self.task(place);
        let (index, state) = (self.scopes[scope].index, self.scopes[scope].state);
        let collected = task.collect.as_ref().map(|sum| self.sum(sum, scope));
        let (is_last, next) = match &task.repeat {
            Repeat::While { until, next, .. } => {
                let next = state + self.sum(next, scope);
                (until.is_some_and(|limit| next >= limit), next)
            }
            _ => (false, state),
        };
        self.scopes[scope].is_over = true;
        let Some(repetition) = self.repetition(place) else { return };
        repetition.succeeded += 1;
        repetition.is_ending |= is_last;
        repetition.state = next;
        repetition.results.extend(collected.map(|value| (index, value)));
        if task.enough.is_some_and(|enough| repetition.succeeded >= enough) {
            repetition.is_ending = true;
            self.drop_iterations(place);
        }
        self.loops.push(place);
    }

    fn end_loop(&mut self, place: Place, task: &Loop, repetition: Repetition) {
        let count = repetition.started;
        let mut output = json!({"count": count});
        let result =
            |index: i64| repetition.results.iter().find(|(at, _)| *at == index).map(|(_, value)| *value);
        if task.collect.is_some() {
            let all = (0..count).map(result);
            output["results"] = match task.continues {
                true => all.collect(),
                false => all.flatten().collect(),
            };
        }
        if task.continues {
            let mut dropped = repetition.dropped.clone();
            dropped.sort_by_key(|(index, ..)| *index);
            self.with_failures |= !dropped.is_empty();
            // Which iteration failed first is chance: they are told in the order of the loop.
            self.listed.extend(dropped.iter().map(|(.., failure)| failure.clone()));
            let value = |(index, item, failure): (i64, i64, Failure)| json!({"index": index, "item": item, "error": {"type": failure.error, "node": failure.node}});
            output["failures"] = dropped.into_iter().map(value).collect();
        }
        if let Repeat::While { .. } = task.repeat {
            output["state"] = json!({"k": repetition.state});
        }
        self.succeed(place, "ok", count, output);
    }

    pub(super) fn scope_ended(&mut self, scope: usize) {
        match self.scopes[scope].owner {
            Some(place) => self.iteration_ended(scope, place),
            None => self.stop(super::ending::Cause::Completed),
        }
    }

    /// Whether nothing of the run's own graph is left to do.
    pub(super) fn has_ended(&self, place: Place) -> bool {
        matches!(
            self.status(place),
            Status::Ended(_, End::Succeeded { .. } | End::Failed(_) | End::Cancelled { .. } | End::Skipped)
        )
    }
}
