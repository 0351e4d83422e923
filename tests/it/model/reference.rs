//! The reference: what a run does, worked out naively. Whether a node runs is found anew, each time, from how all the
//! others have ended; nothing is counted while it happens.

use super::happening::{Command, Happening};
use super::program::{Edge, Graph, Join, Kind, Node, On, Program, Role};

/// A node of one scope, both by position.
pub(super) type Place = (usize, usize);

pub(super) struct Reference<'p> {
    pub(super) program: &'p Program,
    pub(super) now: i64,
    pub(super) scopes: Vec<Scope<'p>>,
    /// What is awaited, by ticket; none once it was answered.
    pub(super) open: Vec<Option<Open>>,
    /// Activities and children in the order in which they could have started.
    pub(super) queue: Vec<Place>,
    /// Loops that may go on.
    pub(super) loops: Vec<Place>,
    /// Numbers of what happened, for what comes first.
    pub(super) clock: usize,
    /// Signals that nobody has taken.
    pub(super) early: Vec<(String, Option<i64>)>,
    pub(super) undos: Vec<(Place, Option<i64>)>,
    pub(super) listed: Vec<Failure>,
    pub(super) unknown: Vec<String>,
    pub(super) with_failures: bool,
    pub(super) phase: super::ending::Phase,
    pub(super) limit: Option<usize>,
    pub(super) commands: Vec<Command>,
    pub(super) notices: Vec<String>,
    /// What had nothing to read, against what the compiler has proved.
    pub(super) missing: std::cell::RefCell<Vec<String>>,
}

pub(super) struct Scope<'p> {
    pub(super) graph: &'p Graph,
    pub(super) owner: Option<Place>,
    pub(super) index: i64,
    pub(super) item: i64,
    pub(super) state: i64,
    pub(super) is_over: bool,
    pub(super) nodes: Vec<Status>,
}

#[derive(Clone, Debug)]
pub(super) enum Status {
    Idle,
    /// It waits for a slot.
    Queued,
    Running(Running),
    Ended(usize, End),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    pub(super) doing: Doing,
    pub(super) limit: Option<usize>,
    pub(super) rounds: u32,
    pub(super) deadline: Option<i64>,
    pub(super) input: Option<i64>,
    pub(super) since: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Doing {
    #[default]
    Nothing,
    Work(usize),
    Timer(usize),
    /// Since when, for a signal of this name.
    Wait(usize, &'static str),
    Loop(super::repeat::Repetition),
}

#[derive(Clone, Debug)]
pub(super) enum End {
    Succeeded { port: &'static str, value: i64, output: serde_json::Value },
    Failed(Failure),
    Skipped,
    Cancelled { started: bool },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) node: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) awaited: Awaited,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Awaited {
    Work,
    Lost,
    Kept,
    Delay,
    Limit,
    Pause,
    RunLimit,
    Grace,
}

/// What a node's connections make of it.
#[derive(PartialEq, Eq)]
enum Verdict {
    Wait,
    Run,
    Skip,
}

impl<'p> Reference<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        Self {
            program,
            now: i64::MIN,
            scopes: Vec::new(),
            open: Vec::new(),
            queue: Vec::new(),
            loops: Vec::new(),
            clock: 0,
            early: Vec::new(),
            undos: Vec::new(),
            listed: Vec::new(),
            unknown: Vec::new(),
            with_failures: false,
            phase: super::ending::Phase::Running,
            limit: None,
            commands: Vec::new(),
            notices: Vec::new(),
            missing: std::cell::RefCell::default(),
        }
    }

    /// Takes in what happened; gives the commands and the notices that follow.
    pub(super) fn handle(&mut self, now: i64, happening: &Happening) -> (Vec<Command>, Vec<String>) {
        self.now = self.now.max(now);
        self.take(happening);
        while self.settle() {}
        (std::mem::take(&mut self.commands), std::mem::take(&mut self.notices))
    }

    /// Does the first thing that can be done: what was decided is known before anything starts because of it.
    fn settle(&mut self) -> bool {
        if self.skip() {
            return true;
        }
        let ready = self.ready();
        if !ready.is_empty() {
            ready.into_iter().for_each(|place| self.start(place));
            return true;
        }
        if let Some(place) = self.next_with_slot() {
            self.launch(place);
            return true;
        }
        if !self.loops.is_empty() {
            let place = self.loops.remove(0);
            self.go_on(place);
            return true;
        }
        if let Some(scope) = self.idle() {
            self.scope_ended(scope);
            return true;
        }
        self.wind_up()
    }

    pub(super) fn tick(&mut self) -> usize {
        self.clock += 1;
        self.clock
    }

    pub(super) fn node(&self, (scope, node): Place) -> &'p Node {
        let graph: &'p Graph = self.scopes[scope].graph;
        &graph.nodes[node]
    }

    pub(super) fn status(&self, (scope, node): Place) -> &Status {
        &self.scopes[scope].nodes[node]
    }

    pub(super) fn running(&mut self, (scope, node): Place) -> Option<&mut Running> {
        match &mut self.scopes[scope].nodes[node] {
            Status::Running(running) => Some(running),
            _ => None,
        }
    }

    pub(super) fn path(&self, (scope, node): Place) -> String {
        let name = &self.scopes[scope].graph.nodes[node].name;
        match self.scopes[scope].owner {
            None => name.clone(),
            Some(owner) => format!("{}[{}].{name}", self.path(owner), self.scopes[scope].index),
        }
    }

    /// All steps of all graphs that go on and that nothing has happened to.
    fn waiting(&self) -> Vec<Place> {
        let open = self.scopes.iter().enumerate().filter(|(_, scope)| !scope.is_over);
        let places = open.flat_map(|(at, scope)| (0..scope.nodes.len()).map(move |node| (at, node)));
        let is_idle = |place: &Place| {
            matches!(self.status(*place), Status::Idle) && self.node(*place).role == Role::Step
        };
        places.filter(is_idle).collect()
    }

    /// Skips what can't run any more.
    fn skip(&mut self) -> bool {
        let skipped: Vec<Place> =
            self.waiting().into_iter().filter(|place| self.verdict(*place) == Verdict::Skip).collect();
        skipped.iter().for_each(|place| self.end(*place, End::Skipped));
        !skipped.is_empty()
    }

    fn ready(&mut self) -> Vec<Place> {
        let mut ready: Vec<Place> =
            self.waiting().into_iter().filter(|place| self.verdict(*place) == Verdict::Run).collect();
        ready.extend(self.due_aside());
        ready
    }

    fn verdict(&self, (scope, node): Place) -> Verdict {
        let graph = self.scopes[scope].graph;
        let edges: Vec<&Edge> = graph.edges.iter().filter(|edge| edge.to == node).collect();
        if edges.is_empty() {
            return Verdict::Run;
        }
        let decided = edges.iter().filter(|edge| self.is_decided(scope, edge)).count();
        let taken = edges.iter().filter(|edge| self.is_taken(scope, edge)).count();
        let runs = match graph.nodes[node].join {
            Join::All => decided == edges.len() && taken > 0,
            Join::Every => taken == edges.len(),
            Join::AtLeast(count) | Join::First(count) => taken >= count,
        };
        match (runs, decided == edges.len()) {
            (true, _) => Verdict::Run,
            (false, true) => Verdict::Skip,
            (false, false) => Verdict::Wait,
        }
    }

    fn is_decided(&self, scope: usize, edge: &Edge) -> bool {
        edge.from.is_none_or(|from| matches!(self.status((scope, from)), Status::Ended(..)))
    }

    pub(super) fn is_taken(&self, scope: usize, edge: &Edge) -> bool {
        let Some(from) = edge.from else { return true };
        match (self.status((scope, from)), &edge.on) {
            (Status::Ended(_, End::Succeeded { port, .. }), On::Port(on)) => port == on,
            (Status::Ended(_, End::Failed(failure)), On::Errors(_) | On::OtherErrors) => {
                self.leads((scope, from), &failure.error).contains(&edge)
            }
            _ => false,
        }
    }

    /// The connections that an error of a node takes: those that name it, else those that name none.
    pub(super) fn leads(&self, (scope, node): Place, error: &str) -> Vec<&'p Edge> {
        let graph: &'p Graph = self.scopes[scope].graph;
        let out = || graph.edges.iter().filter(|edge| edge.from == Some(node));
        let named: Vec<&Edge> =
            out().filter(|edge| matches!(&edge.on, On::Errors(names) if names.contains(&error))).collect();
        if named.is_empty() { out().filter(|edge| edge.on == On::OtherErrors).collect() } else { named }
    }

    /// Whose connections let a node start.
    fn sources(&self, (scope, node): Place) -> Vec<&str> {
        let graph = self.scopes[scope].graph;
        let taken = graph.edges.iter().filter(|edge| edge.to == node && self.is_taken(scope, edge));
        let mut sources: Vec<usize> = taken.filter_map(|edge| edge.from).collect();
        sources.dedup();
        sources.into_iter().map(|from| graph.nodes[from].name.as_str()).collect()
    }

    fn start(&mut self, place: Place) {
        let (scope, node) = place;
        let is_aside = self.node(place).role != Role::Step;
        if !matches!(self.status(place), Status::Idle) || (self.scopes[scope].is_over && !is_aside) {
            return;
        }
        if matches!(self.node(place).kind, Kind::Activity(_) | Kind::Child(_)) {
            self.scopes[scope].nodes[node] = Status::Queued;
            self.queue.push(place);
        } else {
            self.launch(place);
        }
    }

    /// What comes first of what waits for a slot and may have one.
    fn next_with_slot(&self) -> Option<Place> {
        let (work, activities) = self.in_use();
        if self.program.parallelism.is_some_and(|most| work >= most) {
            return None;
        }
        let is_free = |place: &&Place| {
            let is_child = matches!(self.node(**place).kind, Kind::Child(_));
            is_child || activities < self.program.max_concurrent.unwrap_or(50)
        };
        let waits = |place: &&Place| matches!(self.status(**place), Status::Queued);
        self.queue.iter().filter(waits).find(is_free).copied()
    }

    /// How many activities and children there are, and how many activities.
    fn in_use(&self) -> (usize, usize) {
        let places = self
            .scopes
            .iter()
            .enumerate()
            .flat_map(|(at, scope)| (0..scope.nodes.len()).map(move |node| (at, node)));
        let running = places.filter(|place| matches!(self.status(*place), Status::Running(_)));
        let left =
            self.open.iter().flatten().filter(|open| matches!(open.awaited, Awaited::Lost | Awaited::Kept));
        let kinds: Vec<&Kind> =
            running.chain(left.map(|open| open.place)).map(|place| &self.node(place).kind).collect();
        let activities = kinds.iter().filter(|kind| matches!(kind, Kind::Activity(_))).count();
        let children = kinds.iter().filter(|kind| matches!(kind, Kind::Child(_))).count();
        (activities + children, activities)
    }

    fn launch(&mut self, place: Place) {
        if matches!(self.node(place).join, Join::First(_)) {
            self.cancel_ways_to(place);
        }
        let (path, sources) = (self.path(place), self.sources(place).join(","));
        self.notices.push(format!("{path} starts by {sources}"));
        let running = Running { since: self.now, ..Running::default() };
        self.scopes[place.0].nodes[place.1] = Status::Running(running);
        self.carry_out(place);
    }

    /// Cancels what leads to a node on each of its ways.
    fn cancel_ways_to(&mut self, (scope, node): Place) {
        let graph = self.scopes[scope].graph;
        for from in (0..graph.nodes.len()).rev() {
            if from != node && leads_only(graph, from, node) {
                self.cancel((scope, from));
            }
        }
    }

    /// The graph that has come to its end first, of those that have.
    fn idle(&self) -> Option<usize> {
        let end = |scope: &Scope<'_>| {
            let steps =
                scope.graph.nodes.iter().zip(&scope.nodes).filter(|(node, _)| node.role == Role::Step);
            let ends = steps.map(|(_, status)| match status {
                Status::Ended(at, _) => Some(*at),
                _ => None,
            });
            ends.collect::<Option<Vec<usize>>>().map(|ends| ends.into_iter().max().unwrap_or(0))
        };
        let open = self.scopes.iter().enumerate().filter(|(_, scope)| !scope.is_over);
        open.filter_map(|(at, scope)| Some((end(scope)?, at))).min().map(|(_, at)| at)
    }

    pub(super) fn open_scope(&mut self, graph: &'p Graph, owner: Option<Place>) -> usize {
        let nodes = vec![Status::Idle; graph.nodes.len()];
        self.scopes.push(Scope { graph, owner, index: 0, item: 0, state: 0, is_over: false, nodes });
        self.scopes.len() - 1
    }

    pub(super) fn end(&mut self, place: Place, end: End) {
        let (path, at) = (self.path(place), self.tick());
        self.notices.push(match &end {
            End::Succeeded { port, output, .. } => format!("{path} ends on {port} with {output}"),
            End::Failed(failure) => format!("{path} fails with {} of {}", failure.error, failure.node),
            End::Skipped => format!("{path} is skipped"),
            End::Cancelled { .. } => format!("{path} is cancelled"),
        });
        self.scopes[place.0].nodes[place.1] = Status::Ended(at, end);
    }
}

/// Whether each way on from a node leads to another.
fn leads_only(graph: &Graph, from: usize, to: usize) -> bool {
    let mut out = graph.edges.iter().filter(|edge| edge.from == Some(from)).peekable();
    out.peek().is_some() && out.all(|edge| edge.to == to || leads_only(graph, edge.to, to))
}
