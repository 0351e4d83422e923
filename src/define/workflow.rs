use std::fmt;
use std::time::Duration;

use super::{Field, Node, expr};

/// What an unhandled failure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It stops the run.
    Stop,
    /// The node stays failed, and the rest goes on.
    Continue,
    /// The node runs again under the workflow's policy.
    Retry,
}

/// A workflow, and the declarations that it needs. Its text is what [`fmt::Display`] writes.
#[derive(Clone, Debug)]
pub struct Workflow {
    name: String,
    declarations: Vec<String>,
    members: Vec<String>,
    inputs: Vec<String>,
    nodes: Vec<Node>,
    connections: Vec<String>,
    outputs: Vec<String>,
}

impl Workflow {
    /// A workflow without nodes.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            declarations: Vec::new(),
            members: Vec::new(),
            inputs: Vec::new(),
            nodes: Vec::new(),
            connections: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// A declaration beside the workflow, as it stands in a file: `secret key = env("KEY")`.
    #[must_use]
    pub fn declare(mut self, text: &str) -> Self {
        self.declarations.push(text.to_owned());
        self
    }

    /// A member of the workflow, such as `name`, `id` or `on_failure`.
    #[must_use]
    pub fn set(mut self, member: &str, value: impl Into<Field>) -> Self {
        self.members.push(format!("  {member}: {}\n", value.into().0));
        self
    }

    /// A parameter, with its type: `input("id", "string")`, `input("express", "bool = false")`.
    #[must_use]
    pub fn input(mut self, name: &str, ty: &str) -> Self {
        self.inputs.push(format!("    {name}: {ty}\n"));
        self
    }

    /// How many activities and children run at once.
    #[must_use]
    pub fn parallelism(self, most: u32) -> Self {
        self.set("parallelism", i64::from(most))
    }

    /// How many activities run at once.
    #[must_use]
    pub fn max_concurrent(self, most: u32) -> Self {
        self.set("max_concurrent", i64::from(most))
    }

    /// How long a run may take.
    #[must_use]
    pub fn timeout(self, time: Duration) -> Self {
        self.set("timeout", time)
    }

    /// How often an activity is tried where its node doesn't say.
    #[must_use]
    pub fn retry_attempts(self, attempts: u32) -> Self {
        self.set("retry_attempts", i64::from(attempts))
    }

    /// What an unhandled failure does.
    #[must_use]
    pub fn on_error(self, action: OnError) -> Self {
        let word = match action {
            OnError::Stop => "stop",
            OnError::Continue => "continue",
            OnError::Retry => "retry",
        };
        self.set("on_error", expr(word))
    }

    /// A node.
    #[must_use]
    pub fn node(mut self, node: Node) -> Self {
        self.nodes.push(node);
        self
    }

    /// A connection; `from` may name a port: `stocked.true`, `ship.error(Timeout)`.
    #[must_use]
    pub fn connect(mut self, from: &str, to: &str) -> Self {
        self.connections.push(format!("  {from} -> {to}\n"));
        self
    }

    /// A value that a run gives.
    #[must_use]
    pub fn output(mut self, name: &str, value: &str) -> Self {
        self.outputs.push(format!("    {name}: {value}\n"));
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for declaration in &self.declarations {
            writeln!(f, "{declaration}\n")?;
        }
        writeln!(f, "workflow {} {{", self.name)?;
        self.members.iter().try_for_each(|member| f.write_str(member))?;
        block(f, "input", &self.inputs)?;
        self.nodes.iter().try_for_each(|node| f.write_str(&node.text()))?;
        self.connections.iter().try_for_each(|connection| f.write_str(connection))?;
        block(f, "output", &self.outputs)?;
        writeln!(f, "}}")
    }
}

fn block(f: &mut fmt::Formatter<'_>, keyword: &str, lines: &[String]) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f, "  {keyword} {{")?;
    lines.iter().try_for_each(|line| f.write_str(line))?;
    writeln!(f, "  }}")
}
