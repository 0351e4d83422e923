use std::fmt;
use std::str::FromStr;

/// Whose worker and workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A `.citadel` file's.
    Ours,
    /// Written in Rust, with the same settings.
    Hand,
    /// Written in Rust as it comes: all at once, and the settings that the SDK has by itself.
    Naive,
}

impl Side {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Hand, Self::Naive];
}

impl fmt::Display for Side {
    /// Its task queue, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::Hand => "hand",
            Self::Naive => "naive",
        })
    }
}

impl FromStr for Side {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|side| side.to_string() == text).ok_or(())
    }
}

/// The same work for both.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// The type of the workflow by hand; it takes how many activities or steps.
    pub(crate) by_hand: &'static str,
    pub(crate) count: usize,
    /// Runs that are started at once.
    pub(crate) at_once: usize,
    /// How often that is done for one measurement, so that it is long enough for the clock of CPU time.
    pub(crate) rounds: usize,
    /// Whether the naive one is compared, too.
    pub(crate) has_naive: bool,
}

const fn one(name: &'static str, by_hand: &'static str, count: usize, rounds: usize) -> Workload {
    Workload { name, by_hand, count, at_once: 1, rounds, has_naive: false }
}

pub(crate) const WORKLOADS: [Workload; 8] = [
    one("chain of 1", "Chain", 1, 20),
    one("chain of 10", "Chain", 10, 5),
    one("chain of 100", "Chain", 100, 1),
    one("fan-out of 10", "FanOut", 10, 10),
    one("fan-out of 100", "FanOut", 100, 4),
    Workload { has_naive: true, ..one("fan-out of 1000", "FanOut", 1_000, 1) },
    Workload { at_once: 100, ..one("runs: 100 chains of 10", "Chain", 10, 1) },
    one("pure chain of 100", "Pure", 100, 20),
];

/// What only a run over several histories can do.
pub(crate) const LARGE: [Workload; 2] =
    [one("fan-out of 5000", "FanOut", 5_000, 1), one("loop of 100000", "Loop", 100_000, 1)];

impl Workload {
    /// The type of the naive workflow, or that by hand.
    pub(crate) fn type_of(&self, side: Side) -> &'static str {
        if side == Side::Naive { "FanOutNaively" } else { self.by_hand }
    }

    /// Its workflow as a `.citadel` file's text.
    pub(crate) fn text(&self) -> String {
        let (name, count) = (self.our_name(), self.count);
        let chain = |node: &dyn Fn(usize) -> String| {
            let declared: String = (0..count).map(|n| format!("  node n{n}: {}\n", node(n))).collect();
            let names: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
            let chain = if count > 1 { names.join(" -> ") } else { String::new() };
            format!("{declared}  {chain}\n")
        };
        let last = count - 1;
        let (body, output) = match self.by_hand {
            "Chain" => (chain(&|n| format!("echo {{ n: {n} }}")), format!("n{last}.n")),
            "Pure" => {
                let step = |n: usize| match n.checked_sub(1) {
                    None => "data_transformer { value: 0 }".to_owned(),
                    Some(before) => format!("data_transformer {{ value: n{before}.value + {n} }}"),
                };
                (chain(&step), format!("n{last}.value"))
            }
            other => {
                let parallelism = if other == "Loop" { 100 } else { count };
                let each = format!("times: {count}, max_iterations: {count}, parallelism: {parallelism}");
                let text = format!(
                    "  node each: loop {{ {each}, body {{ node a: echo {{ n: item }} }}, collect: a.n }}\n"
                );
                (text, "each.results".to_owned())
            }
        };
        format!("workflow {name} {{\n{body}  output {{ given: {output} }}\n}}\n")
    }

    pub(crate) fn our_name(&self) -> String {
        format!("{}_{}", self.by_hand.to_lowercase(), self.count)
    }
}
