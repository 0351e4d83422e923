use std::sync::Arc;

use super::ending::Cause;
use super::interpreter::{Awaited, Machine, Phase};
use super::slot::Slot;
use super::state::{Doing, Place, Running, State, Success, Wait};
use super::view::{Vantage, unfit};
use super::{Failure, Moment, Notice, moment};
use crate::plan::{
    Condition, Delay, ErrorHandler, ErrorValue, Fail, Join, Node, NodeId, Role, Task, WaitSignal,
};
use crate::value::{Map, Value};

/// What a node came to, or that it isn't done.
pub(super) type Step = Result<Option<Success>, Failure>;

fn done(port: u32, output: Value) -> Step {
    Ok(Some(Success { port, output }))
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(Map::record(fields))
}

impl Machine {
    /// Starts a node whose time has come, or lets it wait for its slot.
    pub(super) fn start(&mut self, place: Place) {
        if !self.may_start(place) {
            return;
        }
        match slot_of(&self.node(place.node).task) {
            Slot::None => self.launch(place, Slot::None),
            slot => self.run.slots.queue(slot, place),
        }
    }

    /// Nothing starts in a scope that is over, but undos and handlers.
    fn may_start(&self, place: Place) -> bool {
        let Some(scope) = self.run.scopes.get(&place.scope) else { return false };
        let is_ready = matches!(scope.cell(place.node).state, State::Ready);
        is_ready && (!scope.over || self.node(place.node).role != Role::Step)
    }

    /// Starts a node that has its slot.
    pub(super) fn launch(&mut self, place: Place, slot: Slot) {
        if !self.may_start(place) {
            return self.run.slots.release(slot);
        }
        if matches!(self.node(place.node).join, Join::First(_)) {
            self.cancel_ways_to(place);
        }
        if self.is_observed {
            let notice =
                Notice::Started { path: self.path(place), by: self.sources(place), node: place.node };
            self.notice(notice);
        }
        let running = Running {
            since: self.run.now,
            doing: Doing::Nothing,
            slot,
            limit: None,
            round: 0,
            deadline: None,
            input: None,
        };
        if let Some(cell) = self.cell_mut(place) {
            cell.state = State::Running(Box::new(running));
        }
        self.carry_out(place);
    }

    /// Does what a node does, for the first time or once more.
    pub(super) fn carry_out(&mut self, place: Place) {
        let wired = Arc::clone(&self.wired);
        let node = &wired.workflow(self.run.workflow).nodes[place.node.index()];
        let step = self.set_limit(place, node).and_then(|()| self.task(place, node));
        self.conclude(place, step);
    }

    /// Takes in what a node came to.
    pub(super) fn conclude(&mut self, place: Place, step: Step) {
        match step {
            Ok(None) => {}
            Ok(Some(Success { port, output })) => self.succeed(place, port, output),
            Err(failure) => self.fail(place, failure),
        }
    }

    fn set_limit(&mut self, place: Place, node: &Node) -> Result<(), Failure> {
        let Some(limit) = node.timeout else { return Ok(()) };
        let millis = self.time_limit(limit, place.into())?;
        let limit = self.timer(place, Awaited::Limit, self.run.now.after(millis));
        if let Some(running) = self.running(place) {
            running.limit = Some(limit);
        }
        Ok(())
    }

    fn task(&mut self, place: Place, node: &Node) -> Step {
        match &node.task {
            Task::Activity(activity) => self.run_activity(place, activity),
            Task::Child(child) => self.start_child(place, child),
            Task::Condition(condition) => self.condition(place, node, condition),
            Task::Switch(code) => self.switch(place, node, *code),
            Task::Delay(delay) => self.delay(place, *delay),
            Task::Transform(code) => done(0, record([("value", self.evaluate(*code, place.into())?)])),
            Task::Loop(_) => self.begin_loop(place),
            Task::ErrorHandler(handler) => self.handle_errors(place, handler),
            Task::Fail(fail) => Err(self.failing(place, fail)),
            Task::Succeed => {
                self.settle_cell(place, State::Succeeded(Box::new(Success { port: 0, output: Value::Null })));
                self.stop(Cause::Completed);
                Ok(None)
            }
            Task::WaitSignal(wait) => self.wait_signal(place, wait),
            Task::Approval(approval) => self.ask(place, approval),
        }
    }

    fn condition(&mut self, place: Place, node: &Node, condition: &Condition) -> Step {
        let mut port = condition.cases.len();
        for (index, case) in condition.cases.iter().enumerate() {
            match self.evaluate(*case, place.into())? {
                Value::Bool(true) => {
                    port = index;
                    break;
                }
                Value::Bool(false) => {}
                _ => return Err(unfit(*case, "a condition must be true or false")),
            }
        }
        chosen(node, port)
    }

    fn switch(&mut self, place: Place, node: &Node, code: crate::plan::CodeId) -> Step {
        let value = self.evaluate(code, place.into())?;
        let word = value.print().unwrap_or_default();
        match node.ports.iter().position(|port| *port == *word) {
            Some(port) => chosen(node, port),
            None => Err(unfit(code, "no port has the name of the value")),
        }
    }

    fn delay(&mut self, place: Place, delay: Delay) -> Step {
        let code = match delay {
            Delay::For(code) | Delay::Until(code) => code,
        };
        let now = self.run.now;
        let at = match self.evaluate(code, place.into())? {
            Value::Duration(duration) => now.after(moment::millis(duration)),
            Value::Timestamp(time) => Moment::not_before(time),
            _ => return Err(unfit(code, "a delay takes a duration or a timestamp")),
        };
        if at <= now {
            return done(0, waited(now, now));
        }
        let timer = self.timer(place, Awaited::Delay, at);
        self.set_doing(place, Doing::Delay(timer));
        Ok(None)
    }

    /// A delay's time has come.
    pub(super) fn delay_over(&mut self, place: Place) {
        let now = self.run.now;
        let Some(since) = self.running(place).map(|running| running.since) else { return };
        self.succeed(place, 0, waited(since, now));
    }

    fn wait_signal(&mut self, place: Place, wait: &WaitSignal) -> Step {
        let correlation = match wait.correlate {
            Some(code) => Some(self.evaluate_text(code, place.into())?),
            None => None,
        };
        Ok(self.wait_for(place, Wait { name: wait.signal.as_str().into(), correlation }))
    }

    /// What a handler gives: the failures that led to it, the first of them, and what its case says of that.
    fn handle_errors(&mut self, place: Place, handler: &ErrorHandler) -> Step {
        let failures = self.failures_before(place);
        let first = failures.first().cloned();
        let case = first.as_ref().and_then(|(_, failure)| handler.cases.get(failure.error.as_str()));
        let value = match case.unwrap_or(&handler.otherwise).value {
            Some(code) => self.evaluate(code, place.into())?,
            None => Value::Null,
        };
        let error = first.map_or(Value::Null, |(_, failure)| failure.value());
        let errors = failures.iter().map(|(_, failure)| failure.value()).collect();
        done(0, record([("errors", errors), ("error", error), ("value", value)]))
    }

    /// The failures whose connections were taken to a node: first the one that came first, then the others in source
    /// order.
    fn failures_before(&self, place: Place) -> Vec<(NodeId, Failure)> {
        let Some(graph) = self.graph_of(place.scope) else { return Vec::new() };
        let first = self.cell(place).and_then(|cell| cell.cause);
        let leads_here = |from: &NodeId| {
            let failure = self.failure_of(*from, place.scope);
            failure.is_some_and(|failure| {
                self.error_targets(Place { node: *from, ..place }, &failure.error).contains(&place.node)
            })
        };
        let incoming = self.wiring().incoming(graph, place.node).filter_map(|edge| edge.from);
        let mut sources: Vec<NodeId> = incoming.filter(leads_here).collect();
        sources.dedup();
        sources.sort_by_key(|from| (Some(*from) != first, *from));
        let failure = |from: NodeId| Some((from, self.failure_of(from, place.scope)?.clone()));
        sources.into_iter().filter_map(failure).collect()
    }

    fn failing(&mut self, place: Place, fail: &Fail) -> Failure {
        let made = match fail {
            Fail::With(code) => self.evaluate(*code, place.into()).map(|value| Failure::from_value(&value)),
            Fail::Error(error) => self.error_value(place.into(), error),
        };
        made.unwrap_or_else(|failure| failure)
    }

    fn error_value(&mut self, from: Vantage, error: &ErrorValue) -> Result<Failure, Failure> {
        let message = match error.message {
            Some(code) => self.evaluate_text(code, from)?,
            None => error.name.as_str().into(),
        };
        let details = match error.details {
            Some(code) => self.evaluate(code, from)?,
            None => Value::Null,
        };
        Ok(Failure { details, ..Failure::new(error.name.as_str(), message) })
    }

    /// The node, while it runs.
    pub(super) fn running(&mut self, place: Place) -> Option<&mut Running> {
        match &mut self.cell_mut(place)?.state {
            State::Running(running) => Some(running),
            _ => None,
        }
    }

    pub(super) fn set_doing(&mut self, place: Place, doing: Doing) {
        if let Some(running) = self.running(place) {
            running.doing = doing;
        }
    }

    /// Whether the run goes on as its graph says.
    pub(super) fn is_going_on(&self) -> bool {
        matches!(self.run.phase, Phase::Running)
    }

    /// Takes back what leads only to a node that has started without it.
    fn cancel_ways_to(&mut self, place: Place) {
        let wired = Arc::clone(&self.wired);
        let wiring = wired.wiring(self.run.workflow);
        let mut open: Vec<NodeId> = wiring.only_leading_to(place.node).to_vec();
        while let Some(node) = open.pop() {
            let source = Place { node, ..place };
            self.cancel_node(source);
            let has_swept = matches!(self.node(node).join, Join::First(_))
                && self.cell(source).is_some_and(|cell| cell.state.has_started());
            if !has_swept {
                open.extend(wiring.only_leading_to(node));
            }
        }
    }

    /// Forgets a timer of a node, by its commands.
    pub(super) fn drop_limit(&mut self, place: Place) {
        let limit = self.running(place).and_then(|running| running.limit.take());
        self.unset(limit);
    }
}

fn slot_of(task: &Task) -> Slot {
    match task {
        Task::Activity(_) => Slot::Activity,
        Task::Child(_) => Slot::Child,
        _ => Slot::None,
    }
}

fn chosen(node: &Node, port: usize) -> Step {
    let case = node.ports.get(port).map_or("", String::as_str);
    done(u32::try_from(port).unwrap_or(u32::MAX), record([("case", Value::from(case))]))
}

fn waited(since: Moment, now: Moment) -> Value {
    record([("waited", Value::Duration(moment::duration(now.since(since))))])
}
