use std::collections::BTreeSet;
use std::sync::Arc;

use super::Failure;
use super::interpreter::Machine;
use super::start::Step;
use super::state::{Doing, Dropped, Items, Place, Repetition, ScopeId, Success};
use super::view::{Vantage, unfit};
use super::work::check_size;
use crate::plan::{Loop, OnIterationError, Repeat, Task, Workflow};
use crate::value::{Map, Value, eco_format};

impl Machine {
    /// Starts a loop: what it goes over, its bounds and its state are read once.
    pub(super) fn begin_loop(&mut self, place: Place) -> Step {
        let wired = Arc::clone(&self.wired);
        let Some(task) = loop_of(wired.workflow(self.run.workflow), place) else { return Ok(None) };
        let from = Vantage::from(place);
        let items = self.items(task, from)?;
        let bound = task.max_iterations.map(|count| self.count(count, from)).transpose()?;
        if let (Some(count), Some(bound)) = (items.count(), bound)
            && count > bound
        {
            return Err(limit_passed(bound));
        }
        let repetition = Repetition {
            items,
            next: 0,
            width: self.count(task.parallelism, from)?,
            bound,
            enough: task.enough.map(|count| self.count(count, from)).transpose()?,
            running: BTreeSet::new(),
            succeeded: 0,
            results: Vec::new(),
            dropped: Vec::new(),
            state: self.first_state(task, from)?,
            ending: false,
        };
        self.set_doing(place, Doing::Loop(Box::new(repetition)));
        self.agenda.loops.push_back(place);
        Ok(None)
    }

    fn items(&mut self, task: &Loop, from: Vantage) -> Result<Items, Failure> {
        match task.repeat {
            Repeat::While { .. } => Ok(Items::While),
            Repeat::Over(code) => match self.evaluate(code, from)? {
                Value::List(list) => Ok(Items::List(list)),
                Value::Map(map) => Ok(Items::Map(map)),
                _ => Err(unfit(code, "a loop goes over a list or a map")),
            },
            Repeat::Times(code) => match self.evaluate(code, from)? {
                Value::Int(times) => Ok(Items::Times(u64::try_from(times).unwrap_or(0))),
                _ => Err(unfit(code, "a loop takes a number of times")),
            },
        }
    }

    fn first_state(&mut self, task: &Loop, from: Vantage) -> Result<Option<Value>, Failure> {
        if task.state.is_empty() {
            return Ok(None);
        }
        let mut state = Map::new();
        for (name, variable) in &task.state {
            state.insert(name.as_str().into(), self.evaluate(variable.initial, from)?);
        }
        Ok(Some(Value::Map(state)))
    }

    fn repetition(&mut self, place: Place) -> Option<&mut Repetition> {
        match &mut self.running(place)?.doing {
            Doing::Loop(repetition) => Some(repetition),
            _ => None,
        }
    }

    /// Starts as many iterations as there is room for, or ends a loop that has none left.
    pub(super) fn next_iterations(&mut self, place: Place) {
        loop {
            let Some(repetition) = self.repetition(place) else { return };
            let none_left = repetition.items.count().is_some_and(|count| repetition.next >= count);
            if repetition.ending || none_left {
                if repetition.running.is_empty() {
                    self.end_loop(place);
                }
                return;
            }
            if repetition.running.len() as u64 >= repetition.width {
                return;
            }
            if let Err(failure) = self.next_iteration(place) {
                self.let_go(place);
                return self.fail(place, failure);
            }
        }
    }

    fn next_iteration(&mut self, place: Place) -> Result<(), Failure> {
        let wired = Arc::clone(&self.wired);
        let Some(task) = loop_of(wired.workflow(self.run.workflow), place) else { return Ok(()) };
        let id = self.open_graph(task.body, Some(place));
        let Some(repetition) = self.repetition(place) else { return Ok(()) };
        let index = repetition.next;
        let (item, state) = (repetition.items.item(index), repetition.state.clone());
        let is_past = repetition.bound.filter(|bound| index >= *bound);
        if let Some(scope) = self.run.scopes.get_mut(&id) {
            (scope.index, scope.item, scope.state) = (index, item, state);
        }
        let goes_on = self.goes_on(task, id);
        if let (Ok(true), Some(bound)) = (&goes_on, is_past) {
            self.forget_scope(id);
            return Err(limit_passed(bound));
        }
        let goes_on = goes_on.inspect_err(|_| self.forget_scope(id))?;
        let Some(repetition) = self.repetition(place) else { return Ok(()) };
        if goes_on {
            repetition.next += 1;
            repetition.running.insert(id);
            self.begin_scope(id);
        } else {
            repetition.ending = true;
            self.forget_scope(id);
        }
        Ok(())
    }

    /// Whether `while` holds before an iteration.
    fn goes_on(&mut self, task: &Loop, id: ScopeId) -> Result<bool, Failure> {
        let Repeat::While { before: Some(before), .. } = task.repeat else { return Ok(true) };
        match self.evaluate(before, Vantage::end(id))? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(unfit(before, "`while` takes a condition")),
        }
    }

    /// All of an iteration is decided.
    pub(super) fn end_iteration(&mut self, id: ScopeId, place: Place) {
        let wired = Arc::clone(&self.wired);
        let Some(task) = loop_of(wired.workflow(self.run.workflow), place) else { return };
        let yielded = match self.yielded(task, id) {
            Ok(yielded) => yielded,
            Err(failure) => {
                let failure = self.located(failure, place);
                return self.fail_iteration(id, failure);
            }
        };
        let Some(index) = self.run.scopes.get(&id).map(|scope| scope.index) else { return };
        self.forget_scope(id);
        let Some(repetition) = self.repetition(place) else { return };
        repetition.running.remove(&id);
        repetition.succeeded += 1;
        repetition.ending |= yielded.is_last;
        if yielded.state.is_some() {
            repetition.state = yielded.state;
        }
        if let Some(value) = yielded.collected {
            put(&mut repetition.results, index, value);
        }
        if repetition.enough.is_some_and(|enough| repetition.succeeded >= enough) {
            repetition.ending = true;
            let rest = std::mem::take(&mut repetition.running);
            rest.into_iter().for_each(|scope| self.drop_scope(scope));
        }
        self.agenda.loops.push_back(place);
    }

    /// What an iteration leaves, in this order: `collect`, `until` with the old state, `next`.
    fn yielded(&mut self, task: &Loop, id: ScopeId) -> Result<Yielded, Failure> {
        let from = Vantage::end(id);
        let collected = task.collect.map(|code| self.evaluate(code, from)).transpose()?;
        let is_last = match task.repeat {
            Repeat::While { until: Some(until), .. } => match self.evaluate(until, from)? {
                Value::Bool(holds) => holds,
                _ => return Err(unfit(until, "`until` takes a condition")),
            },
            _ => false,
        };
        let mut state = self.run.scopes.get(&id).and_then(|scope| scope.state.clone());
        if let Some(Value::Map(variables)) = &mut state {
            for (name, variable) in &task.state {
                if let Some(next) = variable.next {
                    let value = self.evaluate(next, from)?;
                    variables.insert(name.as_str().into(), value);
                }
            }
        }
        Ok(Yielded { collected, is_last, state })
    }

    /// An iteration has failed: the loop with it, or it is left out.
    pub(super) fn fail_iteration(&mut self, id: ScopeId, failure: Failure) {
        let Some(scope) = self.run.scopes.get(&id).filter(|scope| !scope.over) else { return };
        let (Some(place), index, item) = (scope.owner, scope.index, scope.item.clone()) else { return };
        let wired = Arc::clone(&self.wired);
        let Some(task) = loop_of(wired.workflow(self.run.workflow), place) else { return };
        self.drop_scope(id);
        if task.on_iteration_error == OnIterationError::Stop {
            self.let_go(place);
            return self.fail(place, failure);
        }
        let Some(repetition) = self.repetition(place) else { return };
        repetition.running.remove(&id);
        repetition.dropped.push(Dropped { index, item, failure });
        self.agenda.loops.push_back(place);
    }

    fn end_loop(&mut self, place: Place) {
        let Some(running) = self.running(place) else { return };
        let Doing::Loop(mut repetition) = std::mem::replace(&mut running.doing, Doing::Nothing) else {
            return;
        };
        let wired = Arc::clone(&self.wired);
        let Some(task) = loop_of(wired.workflow(self.run.workflow), place) else { return };
        // Which iteration failed first is chance.
        repetition.dropped.sort_by_key(|dropped| dropped.index);
        let output = self.loop_output(place, task, &repetition);
        if let Err(failure) = check_size(&output) {
            return self.fail(place, failure);
        }
        if !repetition.dropped.is_empty() && !task.tolerate {
            self.run.with_failures = true;
            self.run.listed.extend(repetition.dropped.iter().map(|dropped| dropped.failure.listed()));
        }
        self.conclude(place, Ok(Some(Success { port: 0, output })));
    }

    fn loop_output(&self, place: Place, task: &Loop, repetition: &Repetition) -> Value {
        let count = Value::Int(i64::try_from(repetition.next).unwrap_or(i64::MAX));
        let mut output = Map::record([("count", count)]);
        if task.collect.is_some() {
            output.insert("results".into(), results(task, repetition));
        }
        if self.has_output(place.node, "failures") {
            output.insert("failures".into(), repetition.dropped.iter().map(Dropped::value).collect());
        }
        if let Some(state) = &repetition.state {
            output.insert("state".into(), state.clone());
        }
        Value::Map(output)
    }

    /// All of a graph is decided.
    pub(super) fn scope_is_over(&mut self, id: ScopeId) {
        let Some(scope) = self.run.scopes.get(&id).filter(|scope| !scope.over) else { return };
        match scope.owner {
            Some(place) => self.end_iteration(id, place),
            None => self.stop(super::ending::Cause::Completed),
        }
    }
}

/// What an iteration leaves.
struct Yielded {
    collected: Option<Value>,
    is_last: bool,
    state: Option<Value>,
}

/// The results in the order of the input. With `continue` each is an optional, and what failed is none.
fn results(task: &Loop, repetition: &Repetition) -> Value {
    if task.on_iteration_error == OnIterationError::Stop {
        return repetition.results.iter().flatten().cloned().collect();
    }
    let count = usize::try_from(repetition.next).unwrap_or(usize::MAX);
    let result = |index: usize| repetition.results.get(index).cloned().flatten();
    (0..count).map(|index| result(index).map_or(Value::NONE, optional)).collect()
}

/// Optionals do not nest.
fn optional(value: Value) -> Value {
    match value {
        Value::Optional(_) => value,
        value => Value::some(value),
    }
}

impl Dropped {
    fn value(&self) -> Value {
        Value::Map(Map::record([
            ("index", Value::Int(i64::try_from(self.index).unwrap_or(i64::MAX))),
            ("item", self.item.clone()),
            ("error", self.failure.value()),
        ]))
    }
}

fn put(results: &mut Vec<Option<Value>>, index: u64, value: Value) {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    if results.len() <= index {
        results.resize(index + 1, None);
    }
    results[index] = Some(value);
}

fn loop_of(workflow: &Workflow, place: Place) -> Option<&Loop> {
    match &workflow.nodes[place.node.index()].task {
        Task::Loop(task) => Some(task),
        _ => None,
    }
}

fn limit_passed(bound: u64) -> Failure {
    Failure::new("LoopLimit", eco_format!("the loop wants more than {bound} iterations"))
}
