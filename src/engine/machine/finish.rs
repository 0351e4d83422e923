use super::ending::Cause;
use super::interpreter::{Awaited, Machine};
use super::slot::Slot;
use super::state::{Doing, Place, ScopeId, State, Success};
use super::view::unfit;
use super::work::check_size;
use super::{Command, Failure, Ticket};
use crate::engine::retry;
use crate::plan::{Action, Node, NodeId, OnError, RetryId, Role, Task};
use crate::value::{Shape, Value};

impl Machine {
    /// A node has come to its end.
    pub(super) fn succeed(&mut self, place: Place, port: u32, output: Value) {
        if let Err(failure) = check_size(&output) {
            return self.fail(place, failure);
        }
        self.leave(place);
        self.register_undo(place, None);
        self.settle_cell(place, State::Succeeded(Box::new(Success { port, output })));
    }

    /// Gives back what a running node holds.
    fn leave(&mut self, place: Place) {
        self.drop_limit(place);
        let slot = self.running(place).map(|running| std::mem::take(&mut running.slot));
        self.run.slots.release(slot.unwrap_or_default());
    }

    /// A node has failed for good: its error connections, then its fallback, then its `on_error` decide.
    pub(super) fn fail(&mut self, place: Place, failure: Failure) {
        self.drop_limit(place);
        let failure = self.located(failure, place);
        if matches!(self.node(place.node).task, Task::Fail(_)) {
            return self.stop_for(place, failure);
        }
        let targets = self.error_targets(place, &failure.error);
        match self.handlers_action(&targets, &failure) {
            Some(Action::Stop) => return self.stop_for(place, failure),
            Some(Action::Retry(policy)) => return self.run_again(place, policy, failure),
            Some(Action::Continue) | None => {}
        }
        if targets.iter().any(|target| self.may_take(Place { node: *target, ..place })) {
            return self.stays_failed(place, failure);
        }
        match self.fall_back(place) {
            None => self.unhandled(place, failure),
            Some(Ok((port, value))) => self.recover(place, &failure, port, value),
            Some(Err(broken)) => {
                let broken = self.located(broken, place);
                self.unhandled(place, broken);
            }
        }
    }

    /// What the handlers decide to which a failure leads; stopping outweighs, then running again.
    fn handlers_action(&self, targets: &[NodeId], failure: &Failure) -> Option<Action> {
        let action = |target: &NodeId| match &self.node(*target).task {
            Task::ErrorHandler(handler) => {
                Some(handler.cases.get(failure.error.as_str()).unwrap_or(&handler.otherwise).action)
            }
            _ => None,
        };
        let actions: Vec<Action> = targets.iter().filter_map(action).collect();
        let stop = actions.iter().find(|action| **action == Action::Stop);
        let again = actions.iter().find(|action| matches!(action, Action::Retry(_)));
        stop.or(again).copied()
    }

    /// Whether a node has not started, so that it takes the failure that leads to it.
    fn may_take(&self, target: Place) -> bool {
        self.cell(target).is_some_and(|cell| !cell.state.has_started())
    }

    fn stays_failed(&mut self, place: Place, failure: Failure) {
        self.note_unknown(place, &failure);
        self.leave(place);
        self.settle_cell(place, State::Failed(Box::new(failure)));
    }

    /// What a node succeeds with although it failed, and the port that it ends on.
    fn fall_back(&mut self, place: Place) -> Option<Result<(u32, Value), Failure>> {
        let code = self.node(place.node).fallback?;
        Some(self.evaluate(code, place.into()).and_then(|value| {
            let output = self.filled(place.node, value);
            check_size(&output)?;
            match port_of(self.node(place.node), &output) {
                Some(port) => Ok((port, output)),
                None => Err(unfit(code, "the fallback names none of the node's ports")),
            }
        }))
    }

    /// An output whose missing fields have the defaults of their types.
    fn filled(&self, node: NodeId, value: Value) -> Value {
        let default = self.workflow().shapes.default_value(self.node(node).output);
        let (Value::Map(written), Value::Map(mut whole)) = (&value, default) else { return value };
        for (name, value) in written.iter() {
            whole.insert(name.clone(), value.clone());
        }
        Value::Map(whole)
    }

    /// A node succeeds with its fallback, which there is nothing to undo about.
    fn recover(&mut self, place: Place, failure: &Failure, port: u32, output: Value) {
        self.note_unknown(place, failure);
        self.leave(place);
        self.settle_cell(place, State::Succeeded(Box::new(Success { port, output })));
    }

    fn unhandled(&mut self, place: Place, failure: Failure) {
        let node = self.node(place.node);
        match node.on_error {
            OnError::Continue if node.role != Role::Step => self.stop_for(place, failure),
            OnError::Stop => self.stop_for(place, failure),
            OnError::Retry(policy) => self.run_again(place, policy, failure),
            OnError::Continue => {
                self.run.with_failures = true;
                self.run.listed.push(failure.listed());
                self.stays_failed(place, failure);
            }
        }
    }

    /// Runs a node again after a pause, if its policy lets it.
    fn run_again(&mut self, place: Place, policy: RetryId, failure: Failure) {
        let now = self.run.now;
        let Some(running) = self.running(place) else { return };
        let (round, deadline) = (running.round + 1, running.deadline);
        let (policy, node) = (&self.workflow().retries[policy.index()], self.node(place.node));
        let errors = &self.workflow().errors[node.errors.index()];
        let is_worth_it =
            policy.maximum_attempts.is_some() && retry::is_retryable(policy, errors, &failure.error);
        let pause = retry::pause(policy, round).filter(|_| is_worth_it).map(|pause| now.after(pause));
        let Some(at) = pause.filter(|at| deadline.is_none_or(|deadline| *at < deadline)) else {
            return self.stop_for(place, failure);
        };
        let timer = self.timer(place, Awaited::Pause, at);
        if let Some(running) = self.running(place) {
            running.round = round;
            running.doing = Doing::Pause(timer);
        }
    }

    /// A failure that nothing handles stops the iteration that it is in, or the run.
    fn stop_for(&mut self, place: Place, failure: Failure) {
        let owner = self.run.scopes.get(&place.scope).and_then(|scope| scope.owner);
        let is_step = self.node(place.node).role == Role::Step;
        self.stays_failed(place, failure.clone());
        match owner {
            _ if !is_step => self.run.listed.push(failure.listed()),
            Some(_) => self.fail_iteration(place.scope, failure),
            None => self.stop(Cause::Failed(failure)),
        }
    }

    /// Takes back a node that isn't decided: it has not succeeded, whatever still comes of it.
    pub(super) fn cancel_node(&mut self, place: Place) {
        let Some(cell) = self.cell(place).filter(|cell| !cell.state.is_decided()) else { return };
        let started = cell.state.has_started();
        self.let_go(place);
        self.drop_limit(place);
        self.settle_cell(place, State::Cancelled { started });
    }

    /// Ends what a running node does. Its slot stays taken until that is gone.
    pub(super) fn let_go(&mut self, place: Place) {
        let Some(running) = self.running(place) else { return };
        let doing = std::mem::replace(&mut running.doing, Doing::Nothing);
        match doing {
            Doing::Nothing | Doing::Signal(_) => {}
            Doing::Approval(asking) => {
                let name = self.node(place.node).name.clone();
                self.run.signals.answered(&name, place);
                self.stop_asking(place, *asking);
            }
            Doing::Delay(timer) => self.unset(Some(timer)),
            Doing::Pause(timer) => {
                self.unset(Some(timer));
                self.leave(place);
            }
            Doing::Loop(repetition) => repetition.running.iter().for_each(|scope| self.drop_scope(*scope)),
            Doing::Work(ticket) => {
                running.slot = Slot::None;
                self.lose(place, ticket);
            }
        }
    }

    /// Nobody waits for an activity or a child any more. An activity that would have to be undone goes on to its end:
    /// cut short, nobody would know what it did. A child undoes itself.
    fn lose(&mut self, place: Place, ticket: Ticket) {
        let node = self.node(place.node);
        let is_undone = node.compensate.is_some();
        let is_kept = is_undone && matches!(node.task, Task::Activity(_));
        if is_undone {
            self.hold(place);
        }
        let path = self.path(place);
        if let Some(open) = self.run.open.get_mut(&ticket) {
            open.awaited = if is_kept { Awaited::Kept } else { Awaited::Lost };
            open.path = path;
        }
        if !is_kept {
            self.command(Command::Cancel { ticket });
        }
    }

    /// Takes back all steps of a scope, and forgets it unless an undo will read it. Undos and handlers have their own
    /// time.
    pub(super) fn drop_scope(&mut self, id: ScopeId) {
        let Some(scope) = self.run.scopes.get_mut(&id) else { return };
        scope.over = true;
        let (first, count) = (scope.first.index(), scope.cells.len());
        for node in (first..first + count).map(NodeId::from) {
            if self.node(node).role == Role::Step {
                self.cancel_node(Place { scope: id, node });
            }
        }
        self.forget_scope(id);
    }

    /// Lets go of a scope that is over, unless an undo will read it.
    pub(super) fn forget_scope(&mut self, id: ScopeId) {
        let Some(scope) = self.run.scopes.get_mut(&id) else { return };
        scope.over = true;
        if !scope.held && id != ScopeId::ROOT {
            self.run.scopes.remove(&id);
        }
    }

    /// Whether a record has a field, for the outputs of kinds that have some fields only at times.
    pub(super) fn has_output(&self, node: NodeId, field: &str) -> bool {
        let workflow = self.workflow();
        match workflow.shapes.get(workflow.nodes[node.index()].output) {
            Shape::Record { fields, .. } => fields.iter().any(|known| known.name == field),
            _ => false,
        }
    }
}

/// The port that an output speaks of, for kinds that have ports of their own.
fn port_of(node: &Node, output: &Value) -> Option<u32> {
    let field = match node.task {
        Task::Condition(_) | Task::Switch(_) => "case",
        Task::Approval(_) => "decision",
        _ => return Some(0),
    };
    let Some(Value::String(chosen)) = output.field(field) else { return None };
    let port = node.ports.iter().position(|port| port == chosen.as_str())?;
    u32::try_from(port).ok()
}
