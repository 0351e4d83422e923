//! What nodes do, in the reference.

use serde_json::json;

use super::happening::{ChildEnd, Command, Happening};
use super::program::{Action, Kind, NOTHING, OnError, Read, Role, Sum};
use super::reference::{Awaited, Doing, End, Failure, Open, Place, Reference, Status};

/// Errors that another attempt might not meet again.
const RETRYABLE: [&str; 2] = ["HttpServerError", "Timeout"];

/// Errors that leave open what was done.
const UNCERTAIN: [&str; 3] = ["Timeout", "TotalTimeout", "WorkerLost"];

impl Reference<'_> {
    pub(super) fn take(&mut self, happening: &Happening) {
        match happening {
            Happening::Start => self.begin(),
            Happening::Done(ticket, value) => self.done(*ticket, *value),
            Happening::Failed(ticket, error) => self.failed(*ticket, error),
            Happening::Child(ticket, end) => self.child_ended(*ticket, *end),
            Happening::Released(ticket) => self.released(*ticket),
            Happening::Fired(ticket) => self.fired(*ticket),
            Happening::Signal(name, payload) => self.signalled(name, *payload),
            Happening::Cancel => self.stop(super::ending::Cause::Cancelled),
        }
    }

    pub(super) fn ticket(&mut self, place: Place, awaited: Awaited) -> usize {
        self.open.push(Some(Open { place, awaited }));
        self.open.len() - 1
    }

    pub(super) fn timer(&mut self, place: Place, awaited: Awaited, after: i64) -> usize {
        let ticket = self.ticket(place, awaited);
        self.commands.push(Command::Timer { ticket, at: self.now + after });
        ticket
    }

    pub(super) fn unset(&mut self, timer: Option<usize>) {
        if let Some(ticket) = timer
            && self.open[ticket].take().is_some()
        {
            self.commands.push(Command::Unset(ticket));
        }
    }

    /// Does what a node does, for the first time or again.
    pub(super) fn carry_out(&mut self, place: Place) {
        let node = self.node(place);
        let is_activity = matches!(node.kind, Kind::Activity(_));
        if let (Some(millis), false) = (node.timeout, is_activity) {
            let limit = self.timer(place, Awaited::Limit, millis);
            self.update(place, |running| running.limit = Some(limit));
        }
        match &node.kind {
            Kind::Activity(sum) | Kind::Child(sum) => self.work(place, sum, is_activity),
            Kind::Transform(sum) => {
                let value = self.sum(sum, place.0);
                self.succeed(place, "ok", value, json!({"value": value}));
            }
            Kind::Condition(sum, limit) => {
                let port = if self.sum(sum, place.0) > *limit { "true" } else { "false" };
                self.succeed(place, port, i64::from(port == "true"), json!({"case": port}));
            }
            Kind::Delay(0) => self.succeed(place, "ok", 0, json!({"waited": "0s"})),
            Kind::Delay(millis) => {
                let timer = self.timer(place, Awaited::Delay, *millis);
                self.update(place, |running| running.doing = Doing::Timer(timer));
            }
            Kind::Wait(signal) => self.wait(place, signal),
            Kind::Handler(..) => self.handle_errors(place),
            Kind::Fail => self.fail(place, "Boom"),
            Kind::Succeed => {
                self.end(place, End::Succeeded { port: "", value: 0, output: json!(null) });
                self.stop(super::ending::Cause::Completed);
            }
            Kind::Loop(task) => self.begin_loop(place, task),
        }
    }

    pub(super) fn update(&mut self, place: Place, change: impl FnOnce(&mut super::reference::Running)) {
        if let Some(running) = self.running(place) {
            change(running);
        }
    }

    fn work(&mut self, place: Place, sum: &Sum, is_activity: bool) {
        let known = self.running(place).and_then(|running| running.input);
        let x = known.unwrap_or_else(|| self.sum(sum, place.0));
        let whole =
            if self.node(place).role == Role::Undo { Some(3_600_000) } else { self.node(place).timeout };
        let limit = whole.filter(|_| is_activity).map(|millis| self.now + millis);
        let (path, ticket) = (self.path(place), self.ticket(place, Awaited::Work));
        let Some(running) = self.running(place) else { return };
        running.input = Some(x);
        running.deadline = running.deadline.or(limit);
        running.doing = Doing::Work(ticket);
        let (deadline, round) = (running.deadline, running.rounds);
        self.commands.push(match is_activity {
            true => Command::Run { ticket, path, url: format!("https://e.com/{x}"), deadline },
            false => Command::Child { ticket, path, x, round },
        });
    }

    fn handle_errors(&mut self, place: Place) {
        let (scope, node) = place;
        let into = self.scopes[scope].graph.edges.iter().filter(|edge| edge.to == node);
        let mut failures: Vec<(usize, usize, Failure)> = Vec::new();
        for edge in into.filter(|edge| self.is_taken(scope, edge)) {
            if let Some(from) = edge.from
                && let Status::Ended(at, End::Failed(failure)) = self.status((scope, from))
                && !failures.iter().any(|(_, known, _)| *known == from)
            {
                failures.push((*at, from, failure.clone()));
            }
        }
        let first = failures.iter().map(|(at, ..)| *at).min();
        failures.sort_by_key(|(at, from, _)| (Some(*at) != first, *from));
        let value = |failure: &Failure| json!({"type": failure.error, "node": failure.node});
        let errors: Vec<_> = failures.iter().map(|(.., failure)| value(failure)).collect();
        let output = json!({"error": errors.first(), "errors": errors, "value": null});
        self.succeed(place, "ok", 0, output);
    }

    /// The value of a sum in a scope.
    pub(super) fn sum(&self, sum: &Sum, scope: usize) -> i64 {
        sum.number + sum.reads.iter().map(|read| self.read(read, scope)).sum::<i64>()
    }

    pub(super) fn read(&self, read: &Read, scope: usize) -> i64 {
        let inner = &self.scopes[scope];
        match read {
            Read::Index => inner.index,
            Read::State => inner.state,
            Read::Item => inner.item,
            Read::Node { name, strict, .. } => {
                let value = self.value(name, scope);
                if *strict && value.is_none() {
                    self.missing.borrow_mut().push(name.clone());
                }
                value.unwrap_or(NOTHING)
            }
        }
    }

    fn value(&self, name: &str, scope: usize) -> Option<i64> {
        let around = std::iter::successors(Some(scope), |scope| Some(self.scopes[*scope].owner?.0));
        for scope in around {
            let found = self.scopes[scope].graph.nodes.iter().position(|node| node.name == name);
            if let Some(Status::Ended(_, End::Succeeded { value, .. })) =
                found.map(|at| self.status((scope, at)))
            {
                return Some(*value);
            }
        }
        None
    }

    pub(super) fn succeed(
        &mut self,
        place: Place,
        port: &'static str,
        value: i64,
        output: serde_json::Value,
    ) {
        let limit = self.running(place).and_then(|running| running.limit.take());
        self.unset(limit);
        self.remember_undo(place, None);
        self.end(place, End::Succeeded { port, value, output });
    }

    fn remember_undo(&mut self, place: Place, value: Option<i64>) {
        if self.node(place).undo.is_some() {
            self.undos.push((place, value));
        }
    }

    fn output(&self, place: Place, value: i64) -> serde_json::Value {
        match self.node(place).kind {
            Kind::Child(_) => json!({"v": value}),
            _ => json!({"status": 200, "headers": {}, "body": value}),
        }
    }

    fn done(&mut self, ticket: usize, value: i64) {
        let Some(open) = self.open[ticket].take() else { return };
        if open.awaited == Awaited::Work {
            let output = self.output(open.place, value);
            self.succeed(open.place, "ok", value, output);
        } else {
            self.remember_undo(open.place, Some(value));
        }
    }

    fn failed(&mut self, ticket: usize, error: &str) {
        let Some(open) = self.open[ticket].take() else { return };
        let is_activity = matches!(self.node(open.place).kind, Kind::Activity(_));
        if open.awaited == Awaited::Work {
            self.fail(open.place, error);
        } else if is_activity && UNCERTAIN.contains(&error) {
            let path = self.path(open.place);
            self.unknown.push(path);
        }
    }

    fn child_ended(&mut self, ticket: usize, end: ChildEnd) {
        let is_awaited = self.open[ticket].is_some_and(|open| open.awaited == Awaited::Work);
        match end {
            ChildEnd::Completed { value, with_failures } => {
                self.with_failures |= with_failures && is_awaited;
                self.done(ticket, value);
            }
            ChildEnd::Failed(error) => self.failed_in_child(ticket, error),
            ChildEnd::Cancelled => self.failed(ticket, "ChildFailed"),
        }
    }

    fn failed_in_child(&mut self, ticket: usize, error: &str) {
        let Some(open) = self.open[ticket].take().filter(|open| open.awaited == Awaited::Work) else {
            return;
        };
        let node = format!("{}/c", self.path(open.place));
        self.fail_with(open.place, Failure { error: error.to_owned(), node });
    }

    fn released(&mut self, ticket: usize) {
        let Some(open) = self.open[ticket].take() else { return };
        match open.awaited {
            Awaited::Work => self.fail(open.place, "WorkerLost"),
            Awaited::Kept => {
                let path = self.path(open.place);
                self.unknown.push(path);
            }
            _ => {}
        }
    }

    fn fired(&mut self, ticket: usize) {
        let Some(open) = self.open[ticket].take() else { return };
        match open.awaited {
            Awaited::Delay => {
                let since = self.running(open.place).map_or(0, |running| running.since);
                let waited = self.now - since;
                self.succeed(open.place, "ok", 0, json!({"waited": duration(waited)}));
            }
            Awaited::Limit => {
                self.let_go(open.place);
                self.fail(open.place, "Timeout");
            }
            Awaited::Pause => self.carry_out(open.place),
            Awaited::RunLimit => {
                let failure = Failure { error: "WorkflowTimeout".into(), node: String::new() };
                self.stop(super::ending::Cause::Failed(failure));
            }
            Awaited::Grace => self.abandon(),
            _ => {}
        }
    }

    pub(super) fn fail(&mut self, place: Place, error: &str) {
        let node = self.path(place);
        self.fail_with(place, Failure { error: error.to_owned(), node });
    }

    /// Connections first, then the fallback, then `on_error`.
    pub(super) fn fail_with(&mut self, place: Place, failure: Failure) {
        let limit = self.running(place).and_then(|running| running.limit.take());
        self.unset(limit);
        let node = self.node(place);
        if matches!(node.kind, Kind::Fail) {
            return self.stop_for(place, failure);
        }
        let targets: Vec<usize> = self.leads(place, &failure.error).iter().map(|edge| edge.to).collect();
        let actions: Vec<Action> =
            targets.iter().filter_map(|to| self.action((place.0, *to), &failure)).collect();
        if actions.contains(&Action::Stop) {
            return self.stop_for(place, failure);
        }
        if actions.contains(&Action::Retry) {
            return self.run_again(place, failure);
        }
        if targets.iter().any(|to| self.has_not_started((place.0, *to))) {
            return self.stay_failed(place, failure);
        }
        if let Some(value) = node.fallback {
            let output = match node.kind {
                Kind::Child(_) => json!({"v": value}),
                _ => json!({"status": 0, "headers": {}, "body": value}),
            };
            self.note_unknown(place, &failure);
            return self.end(place, End::Succeeded { port: "ok", value, output });
        }
        self.unhandled(place, failure);
    }

    fn unhandled(&mut self, place: Place, failure: Failure) {
        let node = self.node(place);
        let workflows = if self.program.continues { OnError::Continue } else { OnError::Stop };
        match node.on_error.unwrap_or(workflows) {
            OnError::Continue if node.role == Role::Step => {
                self.with_failures = true;
                self.listed.push(failure.clone());
                self.stay_failed(place, failure);
            }
            OnError::Retry => self.run_again(place, failure),
            _ => self.stop_for(place, failure),
        }
    }

    fn action(&self, place: Place, failure: &Failure) -> Option<Action> {
        let Kind::Handler(cases, otherwise) = &self.node(place).kind else { return None };
        let case = cases.iter().find(|(name, _)| *name == failure.error);
        Some(case.map_or(*otherwise, |(_, action)| *action))
    }

    fn has_not_started(&self, place: Place) -> bool {
        matches!(
            self.status(place),
            Status::Idle
                | Status::Queued
                | Status::Ended(_, End::Skipped | End::Cancelled { started: false })
        )
    }

    fn note_unknown(&mut self, place: Place, failure: &Failure) {
        if matches!(self.node(place).kind, Kind::Activity(_)) && UNCERTAIN.contains(&failure.error.as_str()) {
            let path = self.path(place);
            self.unknown.push(path);
        }
    }

    fn stay_failed(&mut self, place: Place, failure: Failure) {
        self.note_unknown(place, &failure);
        self.end(place, End::Failed(failure));
    }

    /// Runs a node again under the workflow's policy: three times in all, a second later and then two.
    fn run_again(&mut self, place: Place, failure: Failure) {
        let Some(running) = self.running(place) else { return };
        running.rounds += 1;
        let pause = [1_000, 2_000].get(running.rounds as usize - 1).copied();
        let deadline = running.deadline.unwrap_or(i64::MAX);
        let is_worth_it = RETRYABLE.contains(&failure.error.as_str())
            && (failure.error != "Timeout" || matches!(self.node(place).kind, Kind::Activity(_)));
        match pause.filter(|pause| is_worth_it && self.now + pause < deadline) {
            Some(pause) => {
                let timer = self.timer(place, Awaited::Pause, pause);
                self.update(place, |running| running.doing = Doing::Timer(timer));
            }
            None => self.stop_for(place, failure),
        }
    }

    fn stop_for(&mut self, place: Place, failure: Failure) {
        self.stay_failed(place, failure.clone());
        match self.scopes[place.0].owner {
            _ if self.node(place).role != Role::Step => self.listed.push(failure),
            Some(owner) => self.iteration_failed(place.0, owner, failure),
            None => self.stop(super::ending::Cause::Failed(failure)),
        }
    }

    pub(super) fn cancel(&mut self, place: Place) {
        let started = match self.status(place) {
            Status::Ended(..) => return,
            status => matches!(status, Status::Running(_)),
        };
        self.let_go(place);
        let limit = self.running(place).and_then(|running| running.limit.take());
        self.unset(limit);
        self.end(place, End::Cancelled { started });
    }

    /// Takes back what a running node does.
    pub(super) fn let_go(&mut self, place: Place) {
        let Some(running) = self.running(place) else { return };
        match std::mem::take(&mut running.doing) {
            Doing::Nothing | Doing::Wait(..) => {}
            Doing::Timer(timer) => self.unset(Some(timer)),
            Doing::Loop(_) => self.drop_iterations(place),
            Doing::Work(ticket) => {
                let node = self.node(place);
                let is_kept = node.undo.is_some() && matches!(node.kind, Kind::Activity(_));
                let awaited = if is_kept { Awaited::Kept } else { Awaited::Lost };
                self.open[ticket] = Some(Open { place, awaited });
                if !is_kept {
                    self.commands.push(Command::Cancel(ticket));
                }
            }
        }
    }

    pub(super) fn drop_scope(&mut self, scope: usize) {
        if std::mem::replace(&mut self.scopes[scope].is_over, true) {
            return;
        }
        for node in 0..self.scopes[scope].nodes.len() {
            if self.node((scope, node)).role == Role::Step {
                self.cancel((scope, node));
            }
        }
    }
}

/// Milliseconds as a duration is written.
fn duration(millis: i64) -> String {
    let value = citadel::value::Duration::from_nanos(i128::from(millis) * 1_000_000);
    value.map(|value| value.print().to_string()).unwrap_or_default()
}
