//! What the analysis is told about a workflow or about the body of a loop.

/// A node, by its index in [`Graph::nodes`].
pub type NodeIx = usize;
/// A connection, by its index in [`Graph::connections`].
pub type ConnectionIx = usize;
/// A condition that several nodes may decide on, by its index in [`Graph::classes`].
pub type ClassIx = usize;

/// An error type, interned by the caller: equal numbers are equal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ErrorType(pub u32);

/// One graph: the nodes of a workflow, or those of a loop's body, in source order.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Each node, and for a body each outer node that its conditions ask about (see [`Role::Outer`]).
    pub nodes: Vec<Node>,
    /// Each connection, in source order; both ends are nodes of this graph.
    pub connections: Vec<Connection>,
    /// What [`Guard::Is`] and [`Decision::Switch`] speak about.
    pub classes: Vec<Class>,
    /// A connection was lost because its target didn't resolve: no node is said to lack one.
    pub incomplete: bool,
}

/// A node, reduced to what decides when it runs and how it ends.
#[derive(Debug, Clone)]
pub struct Node {
    /// When it runs.
    pub join: Join,
    /// The ports that it fires when it succeeds.
    pub ports: Ports,
    /// What is known about the choice between its own ports.
    pub decision: Decision,
    /// The errors that it can fail with; empty if it can't fail.
    pub errors: Vec<ErrorType>,
    /// What happens to a failure that no error connection takes.
    pub unrouted: Unrouted,
    /// Why it runs.
    pub role: Role,
    /// What an `error_handler` does with the failures that reach it.
    pub handling: Option<Handling>,
    /// `start -> x` was written.
    pub started: bool,
    /// A connection into this node didn't resolve: nothing negative is said about it and what follows it.
    pub unresolved: bool,
}

impl Node {
    /// A step with the port `ok`, the join `all` and no errors.
    pub fn step() -> Self {
        Self {
            join: Join::All,
            ports: Ports::Ok,
            decision: Decision::Free,
            errors: Vec::new(),
            unrouted: Unrouted::Stop,
            role: Role::Step,
            handling: None,
            started: false,
            unresolved: false,
        }
    }
}

/// When a node with incoming connections runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// When every connection is decided and at least one taken.
    All,
    /// When every connection is taken.
    Every,
    /// As soon as this many connections are taken; `cancels` is `first`.
    AtLeast {
        /// At least 1.
        count: usize,
        /// What still runs only on the way here is cancelled then.
        cancels: bool,
    },
}

/// The ports that a node can fire, `error` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// `ok`.
    Ok,
    /// This many ports of its kind, by index.
    Own(usize),
    /// It ends the run as failed (`fail`) and fires nothing.
    Fail,
    /// It ends the run as completed (`succeed`) and fires nothing.
    Succeed,
}

/// How a node chooses between its own ports.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Nothing is known.
    Free,
    /// Port i fires when guard i is the first that holds, the port after the last guard when none does.
    /// `when:` is one guard for two ports.
    Cases(Vec<Guard>),
    /// Port i fires when the class has its value i.
    Switch(ClassIx),
}

/// A boolean expression, reduced to what the analysis can use.
#[derive(Debug, Clone)]
pub enum Guard {
    /// Nothing is known.
    Unknown,
    /// `true` or `false`.
    Constant(bool),
    /// `node.hasValue()`.
    HasValue(NodeIx),
    /// The class has its value `case`; a boolean condition is true in case 0, false in case 1.
    Is {
        /// Which condition.
        class: ClassIx,
        /// Which of its values.
        case: usize,
    },
    /// `!`.
    Not(Box<Guard>),
    /// `&&`.
    And(Vec<Guard>),
    /// `||`.
    Or(Vec<Guard>),
}

/// A condition that has the same value wherever it stands, once everything that it reads is decided.
#[derive(Debug, Clone)]
pub struct Class {
    /// How many values it can have: 2 for a boolean.
    pub cases: usize,
    /// The nodes that it reads. Where one of them isn't decided yet, its value says nothing elsewhere.
    pub reads: Vec<NodeIx>,
}

/// What happens to a failure that no error connection takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrouted {
    /// The run stops (`retry` ends so, too).
    Stop,
    /// The node stays failed and the rest goes on.
    Continue,
    /// `fallback`: the node succeeds.
    Fallback,
}

/// Why a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Its connections say so.
    Step,
    /// It is the undo of this node.
    Undo(NodeIx),
    /// `on_failure` or `finally` names it.
    Handler,
    /// It stands outside the body: decided before the body starts, and then certain to have succeeded or not.
    Outer {
        /// It has succeeded whenever the loop runs.
        certain: bool,
    },
}

/// The `cases` of an `error_handler`.
#[derive(Debug, Clone)]
pub struct Handling {
    /// For each named type whether the run goes on (`continue`) or not (`stop`, and `retry` in the end).
    pub cases: Vec<(ErrorType, bool)>,
    /// The same for all other types.
    pub otherwise: bool,
}

impl Handling {
    /// Whether the run goes on after a failure of this type.
    pub fn continues(&self, error: ErrorType) -> bool {
        let named = self.cases.iter().find(|(named, _)| *named == error);
        named.map_or(self.otherwise, |(_, continues)| *continues)
    }
}

/// A connection from a port to a node.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The node whose port it leaves.
    pub source: NodeIx,
    /// The node that it leads to.
    pub target: NodeIx,
    /// Which port.
    pub port: Port,
}

/// Where a connection leaves its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// `ok`: any success.
    Ok,
    /// A port of the kind, by index.
    Own(usize),
    /// `error(A, B)`.
    Errors(Vec<ErrorType>),
    /// `error`: the types that no other connection of the source names.
    AnyError,
}

impl Port {
    /// Whether it is `error` or `error(…)`.
    pub fn is_error(&self) -> bool {
        matches!(self, Port::Errors(_) | Port::AnyError)
    }
}
