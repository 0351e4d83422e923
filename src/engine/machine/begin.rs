use std::sync::Arc;

use serde_json::Value as Json;

use super::ending::Cause;
use super::interpreter::{Awaited, Machine, Phase};
use super::state::{Cell, Place, Scope, ScopeId};
use super::view::Vantage;
use super::work::check_size;
use super::{Failure, Outcome, RunFailure, Start};
use crate::plan::{Graph, GraphId, NodeId, Workflow};
use crate::value::{Map, Mismatches, Value};

impl Machine {
    /// Starts the run: decodes its input, sets its time-out, and lets its graph begin.
    pub(super) fn begin_run(&mut self, start: Start) {
        let decoded = decode_input(self.workflow(), &start.input);
        self.run.started_at = self.run.now;
        self.run.start = start;
        self.run.phase = Phase::Running;
        self.open_graph(GraphId(0), None);
        match decoded {
            Ok(input) => self.run.input = input,
            Err(failure) => return self.refuse(failure),
        }
        if let Err(failure) = self.set_run_limit() {
            return self.stop(Cause::Failed(failure));
        }
        self.begin_scope(ScopeId::ROOT);
    }

    /// Ends a run before anything of it has begun.
    fn refuse(&mut self, cause: Failure) {
        let failure = RunFailure { cause, unknown_effects: Vec::new(), failures: Vec::new() };
        self.run.phase = Phase::Closed(Box::new(Outcome::Failed(Box::new(failure))));
    }

    fn set_run_limit(&mut self) -> Result<(), Failure> {
        let Some(limit) = self.workflow().timeout else { return Ok(()) };
        let millis = self.time_limit(limit, Vantage::ROOT)?;
        let place = Place { scope: ScopeId::ROOT, node: NodeId(0) };
        self.run.limit = Some(self.timer(place, Awaited::RunLimit, self.run.now.after(millis)));
        Ok(())
    }

    /// A scope of a graph; what an iteration has beside it is the loop's to fill in.
    pub(super) fn open_graph(&mut self, graph: GraphId, owner: Option<Place>) -> ScopeId {
        let Graph { first, count, .. } = self.workflow().graphs[graph.index()];
        let live = self.wiring().steps(graph);
        self.open_scope(Scope {
            graph,
            owner,
            index: 0,
            item: Value::Null,
            state: None,
            first,
            cells: vec![Cell::NEW; count as usize],
            live,
            held: false,
            over: false,
        })
    }

    /// Lets the nodes begin that wait for nothing.
    pub(super) fn begin_scope(&mut self, id: ScopeId) {
        let wired = Arc::clone(&self.wired);
        let wiring = wired.wiring(self.run.workflow);
        let Some(scope) = self.run.scopes.get(&id) else { return };
        let graph_id = scope.graph;
        for node in wiring.entries(graph_id) {
            self.make_ready(Place { scope: id, node: *node });
        }
        let graph = &wired.workflow(self.run.workflow).graphs[graph_id.index()];
        for edge in wiring.starts(graph) {
            self.decide(Place { scope: id, node: edge.to }, None, true);
        }
        if self.run.scopes.get(&id).is_some_and(|scope| scope.live == 0) {
            self.agenda.idle.push_back(id);
        }
    }
}

/// Whether a run of a workflow can be started with an input.
///
/// # Errors
/// What it would fail with: `InvalidInput`, with all mismatches at once.
pub fn check_input(workflow: &Workflow, input: &Json) -> Result<(), Failure> {
    decode_input(workflow, input).map(drop)
}

fn decode_input(workflow: &Workflow, input: &Json) -> Result<Value, Failure> {
    let input =
        workflow.shapes.decode(workflow.input, input).map_err(|mismatches| invalid_input(&mismatches))?;
    match check_size(&input) {
        Ok(()) => Ok(input),
        Err(_) => Err(Failure::new("InvalidInput", "it is larger than 1 MiB")),
    }
}

/// What a run fails with whose input doesn't fit.
fn invalid_input(mismatches: &Mismatches) -> Failure {
    let all = mismatches.0.iter().map(|mismatch| Value::from(mismatch.to_string())).collect();
    let details = Value::Map(Map::record([("mismatches", all)]));
    Failure { details, ..Failure::new("InvalidInput", mismatches.to_string()) }
}
