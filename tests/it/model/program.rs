//! Programs as the model sees them, and their text.

use std::fmt::{self, Write as _};

/// A workflow.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) graph: Graph,
    pub(super) continues: bool,
    pub(super) parallelism: Option<usize>,
    pub(super) max_concurrent: Option<usize>,
    /// In milliseconds.
    pub(super) timeout: Option<i64>,
    pub(super) on_failure: Option<usize>,
    pub(super) finally: Option<usize>,
    pub(super) output: Vec<Read>,
}

/// Nodes in source order, and what connects them.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) role: Role,
    pub(super) join: Join,
    pub(super) on_error: Option<OnError>,
    pub(super) fallback: Option<i64>,
    pub(super) undo: Option<usize>,
    /// The time-out of the whole, or of all attempts of an activity, in milliseconds.
    pub(super) timeout: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Step,
    Undo,
    Handler,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OnError {
    Stop,
    Continue,
    Retry,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Join {
    All,
    Every,
    AtLeast(usize),
    First(usize),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum On {
    Start,
    Port(&'static str),
    Errors(Vec<&'static str>),
    OtherErrors,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Edge {
    pub(super) from: Option<usize>,
    pub(super) on: On,
    pub(super) to: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Activity(Sum),
    Child(Sum),
    Transform(Sum),
    /// Whether the sum is greater than a number.
    Condition(Sum, i64),
    /// In milliseconds.
    Delay(i64),
    Wait(&'static str),
    Handler(Vec<(&'static str, Action)>, Action),
    Fail,
    Succeed,
    Loop(Box<Loop>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Continue,
    Stop,
    Retry,
}

#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) repeat: Repeat,
    pub(super) width: usize,
    pub(super) bound: usize,
    pub(super) enough: Option<usize>,
    pub(super) tolerates: bool,
    pub(super) continues: bool,
    pub(super) collect: Option<Sum>,
    pub(super) body: Graph,
}

#[derive(Clone, Debug)]
pub(super) enum Repeat {
    Over(Vec<i64>),
    Times(usize),
    /// While the state is less than a number, until the sum of what was read and the state reaches another; the state
    /// grows by the sum.
    While {
        below: Option<i64>,
        until: Option<i64>,
        next: Sum,
    },
}

/// A number, and what is read, added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) number: i64,
    pub(super) reads: Vec<Read>,
}

#[derive(Clone, Debug)]
pub(super) enum Read {
    Index,
    State,
    Item,
    Node { name: String, of: Of, strict: bool },
}

/// The kind of what is read, which has its own field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Activity,
    Child,
    Transform,
    Condition,
    Wait,
    Loop,
}

/// What an optional read gives where there is nothing.
pub(super) const NOTHING: i64 = -3;

impl Kind {
    pub(super) fn of(&self) -> Option<Of> {
        Some(match self {
            Self::Activity(_) => Of::Activity,
            Self::Child(_) => Of::Child,
            Self::Transform(_) => Of::Transform,
            Self::Condition(..) => Of::Condition,
            Self::Wait(_) => Of::Wait,
            Self::Loop(_) => Of::Loop,
            _ => return None,
        })
    }

    /// The errors that it may fail with, of those that the model knows.
    pub(super) fn errors(&self) -> &'static [&'static str] {
        match self {
            Self::Activity(_) => &["HttpServerError", "HttpClientError", "Timeout"],
            Self::Child(_) => &["HttpServerError", "HttpClientError", "ChildFailed"],
            Self::Wait(_) => &["Timeout"],
            Self::Loop(_) => &["LoopLimit"],
            _ => &[],
        }
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Node { name, of, strict } = self else {
            return f.write_str(match self {
                Self::Index => "index",
                Self::State => "state.k",
                _ => "item",
            });
        };
        let field = match of {
            Of::Activity => "body",
            Of::Child => "v",
            Of::Transform => "value",
            Of::Condition => "case",
            Of::Wait => "payload",
            Of::Loop => "count",
        };
        match (of, strict) {
            (Of::Condition, true) => write!(f, "({name}.case == \"true\" ? 1 : 0)"),
            (Of::Condition, false) => {
                write!(
                    f,
                    "({name}.?case.orValue(\"\") == \"\" ? {NOTHING} : {name}.?case.orValue(\"\") == \"true\" ? 1 : 0)"
                )
            }
            (_, true) => write!(f, "{name}.{field}"),
            (_, false) => write!(f, "{name}.?{field}.orValue({NOTHING})"),
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        self.reads.iter().try_for_each(|read| write!(f, " + {read}"))
    }
}

impl Program {
    pub(super) fn text(&self) -> String {
        let mut text = String::from(
            "error Boom { }\nretry again { initial_interval: 1s, backoff_coefficient: 2.0, maximum_interval: 10s, maximum_attempts: 3 }\n\
             workflow called { input { x: int } node c: http_request { url: \"https://e.com/${input.x}\", response: int, retry: none } output { v: c.body } }\n\
             workflow model {\n  retry: again\n",
        );
        let name = |at: usize| &self.graph.nodes[at].name;
        if self.continues {
            text.push_str("  on_error: continue\n");
        }
        let mut member = |name: &str, value: Option<String>| {
            let _ = value.map(|value| writeln!(text, "  {name}: {value}"));
        };
        member("parallelism", self.parallelism.map(|it| it.to_string()));
        member("max_concurrent", self.max_concurrent.map(|it| it.to_string()));
        member("timeout", self.timeout.map(|it| format!("{it}ms")));
        member("on_failure", self.on_failure.map(|at| name(at).clone()));
        member("finally", self.finally.map(|at| name(at).clone()));
        self.graph.write(&mut text, "  ");
        let outputs = self.output.iter().enumerate().map(|(at, read)| format!("o{at}: {read}"));
        let _ = writeln!(text, "  output {{ {} }}\n}}", outputs.collect::<Vec<_>>().join(", "));
        text
    }
}

impl Graph {
    fn write(&self, text: &mut String, indent: &str) {
        for node in &self.nodes {
            let _ = write!(text, "{indent}node {}: {} {{ ", node.name, node.kind.word());
            node.write_fields(self, text, indent);
            text.push_str(" }\n");
        }
        for edge in &self.edges {
            let from = edge.from.map_or("start", |from| &self.nodes[from].name);
            let to = &self.nodes[edge.to].name;
            let _ = match &edge.on {
                On::Start | On::Port("ok") => writeln!(text, "{indent}{from} -> {to}"),
                On::Port(port) => writeln!(text, "{indent}{from}.{port} -> {to}"),
                On::Errors(names) => writeln!(text, "{indent}{from}.error({}) -> {to}", names.join(", ")),
                On::OtherErrors => writeln!(text, "{indent}{from}.error -> {to}"),
            };
        }
    }
}

impl Kind {
    fn word(&self) -> &'static str {
        match self {
            Self::Activity(_) => "http_request",
            Self::Child(_) => "workflow",
            Self::Transform(_) => "data_transformer",
            Self::Condition(..) => "condition",
            Self::Delay(_) => "delay",
            Self::Wait(_) => "wait_signal",
            Self::Handler(..) => "error_handler",
            Self::Fail => "fail",
            Self::Succeed => "succeed",
            Self::Loop(_) => "loop",
        }
    }

    fn write(&self, text: &mut String, indent: &str) {
        let _ = match self {
            Self::Activity(sum) => {
                write!(text, "url: \"https://e.com/${{{sum}}}\", response: int, retry: none")
            }
            Self::Child(sum) => write!(text, "call: called, input: {{ \"x\": {sum} }}"),
            Self::Transform(sum) => write!(text, "value: {sum}"),
            Self::Condition(sum, limit) => write!(text, "when: {sum} > {limit}"),
            Self::Delay(millis) => write!(text, "for: {millis}ms"),
            Self::Wait(signal) => write!(text, "signal: {signal}, payload: int"),
            Self::Handler(cases, otherwise) => {
                let cases =
                    cases.iter().map(|(name, action)| format!("{name} {{ action: {} }}", action.word()));
                let cases = cases.collect::<Vec<_>>().join(", ");
                write!(text, "cases {{ {cases} }} otherwise {{ action: {} }}", otherwise.word())
            }
            Self::Fail => write!(text, "error: Boom {{ }}, message: \"boom\""),
            Self::Succeed => Ok(()),
            Self::Loop(task) => return task.write(text, indent),
        };
    }
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Stop => "stop",
            Self::Retry => "retry",
        }
    }
}

impl Node {
    fn write_fields(&self, graph: &Graph, text: &mut String, indent: &str) {
        self.kind.write(text, indent);
        let separator = if matches!(self.kind, Kind::Succeed) { "" } else { ", " };
        let join = match self.join {
            Join::All => "all".to_owned(),
            Join::Every => "every".to_owned(),
            Join::AtLeast(1) => "any".to_owned(),
            Join::AtLeast(count) => count.to_string(),
            Join::First(1) => "first".to_owned(),
            Join::First(count) => format!("first({count})"),
        };
        let mut fields = vec![format!("join: {join}")];
        fields.extend(self.on_error.map(|it| format!("on_error: {}", format!("{it:?}").to_lowercase())));
        fields.extend(self.fallback.map(|it| match self.kind {
            Kind::Child(_) => format!("fallback: {{ \"v\": {it} }}"),
            _ => format!("fallback: {{ \"body\": {it} }}"),
        }));
        fields.extend(self.undo.map(|undo| format!("compensate: {}", graph.nodes[undo].name)));
        let field = if matches!(self.kind, Kind::Activity(_)) { "total_timeout" } else { "timeout" };
        fields.extend(self.timeout.map(|millis| format!("{field}: {millis}ms")));
        if self.role == Role::Step {
            let _ = write!(text, "{separator}{}", fields.join(", "));
        }
    }
}

impl Loop {
    fn write(&self, text: &mut String, indent: &str) {
        let mut fields = vec![format!("parallelism: {}, max_iterations: {}", self.width, self.bound)];
        match &self.repeat {
            Repeat::Over(items) => fields.push(format!("over: {items:?}")),
            Repeat::Times(times) => fields.push(format!("times: {times}")),
            Repeat::While { below, until, next } => {
                fields.extend(below.map(|limit| format!("while: state.k < {limit}")));
                fields.extend(until.map(|limit| format!("until: state.k + {next} >= {limit}")));
                fields.push(format!("state {{ k: int = 0 }}, next {{ k: state.k + {next} }}"));
            }
        }
        fields.extend(self.enough.map(|it| format!("enough: {it}")));
        fields.extend(self.tolerates.then(|| "tolerate: true".to_owned()));
        fields.extend(self.continues.then(|| "on_iteration_error: continue".to_owned()));
        fields.extend(self.collect.as_ref().map(|sum| format!("collect: {sum}")));
        let _ = writeln!(text, "{}, body {{", fields.join(", "));
        self.body.write(text, &format!("{indent}  "));
        let _ = write!(text, "{indent}}}");
    }
}
