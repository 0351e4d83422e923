use super::gates::{Asker, Wait};
use super::simulation::{Happening, Underway};
use super::{Reply, Simulation};
use crate::driver::gates::Route;
use crate::engine::breaker::Health;
use crate::engine::machine::{Event, Execution, Failure, Moment, Ticket};
use crate::plan::Task;
use crate::value::eco_format;

impl Simulation<'_> {
    /// Takes an execution up: its first attempt begins when it may.
    pub(super) fn execute(&mut self, run: usize, execution: Execution) {
        let path = eco_format!("{}{}", self.runs[run].prefix, execution.path);
        if let Some(report) = self.nodes.get_mut(&path) {
            report.input = Some(execution.input.clone());
        }
        let ticket = execution.ticket;
        let workflow = self.runs[run].machine.workflow();
        let node = &workflow.nodes[execution.node.index()];
        let route = match &node.task {
            Task::Activity(activity) => Route::of(workflow, node, activity, &execution),
            _ => None,
        };
        let underway = Underway { execution, attempts: 0, is_trying: false, route, pass: None, planned: 0 };
        self.runs[run].executions.insert(ticket, underway);
        self.plan_attempt(run, ticket, self.now);
    }

    /// Plans the next attempt of an execution, in place of what was planned before.
    pub(super) fn plan_attempt(&mut self, run: usize, ticket: Ticket, at: Moment) {
        let Some(underway) = self.runs[run].executions.get_mut(&ticket) else { return };
        underway.planned += 1;
        self.queue.plan(at, Happening::Attempt(run, ticket, underway.planned));
    }

    /// Begins an attempt, if its breaker and limit let it through.
    pub(super) fn begin_attempt(&mut self, run: usize, ticket: Ticket, planned: u32) {
        let Some(underway) = self.runs[run].executions.get_mut(&ticket) else { return };
        if underway.is_trying || underway.planned != planned {
            return;
        }
        if let Some(route) = &underway.route {
            match self.gates.ask(route, self.now, (run, ticket)) {
                Ok(pass) => underway.pass = Some(pass),
                Err(wait) => {
                    let next = self.gates.first(route).filter(|_| wait.is_breaker);
                    self.wait(run, ticket, &wait);
                    return self.wake(next);
                }
            }
            let next = self.gates.first(route);
            self.wake(next);
        }
        self.attempt(run, ticket);
    }

    /// Lets an execution wait, if its time for all attempts is enough.
    fn wait(&mut self, run: usize, ticket: Ticket, wait: &Wait) {
        let Some(Underway { execution, attempts, .. }) = self.runs[run].executions.get(&ticket) else {
            return;
        };
        match wait.again(self.now, execution.deadline, *attempts) {
            Ok(again) => again.into_iter().for_each(|at| self.plan_attempt(run, ticket, at)),
            Err(failure) => {
                if let Some(underway) = self.runs[run].executions.remove(&ticket) {
                    self.leave(run, ticket, &underway);
                }
                self.handle(run, Event::Failed { ticket, failure: Box::new(failure) });
            }
        }
    }

    /// Takes an execution away from its breaker and limit.
    pub(super) fn leave(&mut self, run: usize, ticket: Ticket, underway: &Underway) {
        let Some(route) = &underway.route else { return };
        let next = self.gates.leave(route, (run, ticket));
        self.wake(next);
        if let Some(pass) = underway.pass {
            let woken = self.gates.report(route, self.now, pass, Health::Unknown);
            self.wake(woken);
        }
    }

    /// Lets executions ask again that wait.
    fn wake(&mut self, askers: impl IntoIterator<Item = Asker>) {
        for (run, ticket) in askers {
            self.plan_attempt(run, ticket, self.now);
        }
    }

    /// Tells the breaker and limit what became of an attempt.
    pub(super) fn pass_over(&mut self, run: usize, ticket: Ticket, reply: &Reply) {
        let Some(underway) = self.runs[run].executions.get_mut(&ticket) else { return };
        let (Some(route), Some(pass)) = (&underway.route, underway.pass.take()) else { return };
        let failed = |failure: &Failure| route.health(&failure.error, reply.is_before_effect);
        let health = reply.result.as_ref().err().map_or(Health::Well, failed);
        let woken = self.gates.report(route, self.now, pass, health);
        self.wake(woken);
    }
}
