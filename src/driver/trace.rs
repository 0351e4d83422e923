use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::engine::machine::{End, Notice};
use crate::plan::{Role, Task, Workflow, canonical};
use crate::value::EcoString;

/// What is the same of a run on every engine: for each path what became of it and what let it start; not when, not how
/// often, not in which order independent nodes went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Trace {
    /// By path.
    pub entries: BTreeMap<EcoString, Entry>,
}

/// What became of one execution path.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Entry {
    /// `completed`, `failed`, `skipped`, `cancelled`, or `running` where the run isn't over.
    pub state: EcoString,
    /// The port that it ended on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<EcoString>,
    /// The name of its error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<EcoString>,
    /// SHA-256 over its output, in 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The nodes whose connections let it start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<EcoString>,
    /// The signals that it took: name and number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<(EcoString, u64)>,
}

impl Trace {
    /// Takes in a notice of a run whose paths begin with `prefix`.
    pub fn note(&mut self, prefix: &str, workflow: &Workflow, notice: &Notice) {
        // Whether a message was under way when the answer came is chance.
        if let Notice::Started { node, .. } | Notice::Ended { node, .. } = notice
            && matches!(workflow.nodes[node.index()].role, Role::Message(_))
        {
            return;
        }
        match notice {
            Notice::Started { path, by, node } => {
                let entry = self.entry(prefix, path, &workflow.nodes[node.index()].role, workflow);
                entry.state = "running".into();
                entry.by.clone_from(by);
            }
            Notice::Ended { path, node, end } => {
                let node = &workflow.nodes[node.index()];
                let entry = self.entry(prefix, path, &node.role, workflow);
                entry.end(end);
                // How long a wait took is a time, not what happened.
                if matches!(node.task, Task::Delay(_) | Task::Approval(_)) {
                    entry.output = None;
                }
            }
            Notice::Consumed { path, name, index } => {
                self.entry(prefix, path, &Role::Step, workflow).signals.push((name.clone(), *index));
            }
            Notice::Asks { .. } | Notice::Waits { .. } | Notice::Rejected { .. } => {}
        }
    }

    fn entry(&mut self, prefix: &str, path: &EcoString, role: &Role, workflow: &Workflow) -> &mut Entry {
        let path = match role {
            Role::Undo(of) => undone(path, &workflow.nodes[of.index()].name),
            Role::Step | Role::Handler | Role::Message(_) => path.to_string(),
        };
        self.entries.entry(format!("{prefix}{path}").into()).or_default()
    }
}

/// The path of an undo: `undo:` and the name of what it undoes.
fn undone(path: &str, of: &str) -> String {
    let scope = path.rfind('.').map_or("", |dot| &path[..=dot]);
    format!("{scope}undo:{of}")
}

impl Entry {
    fn end(&mut self, end: &End) {
        let (state, port, error, output) = match end {
            End::Succeeded { port, output } => ("completed", Some(port.clone()), None, Some(hash(output))),
            End::Failed(failure) => ("failed", None, Some(failure.error.clone()), None),
            End::Skipped => ("skipped", None, None, None),
            End::Cancelled => ("cancelled", None, None, None),
        };
        self.state = state.into();
        (self.port, self.error, self.output) = (port, error, output);
    }
}

fn hash(value: &crate::value::Value) -> String {
    Sha256::digest(canonical(value)).iter().map(|byte| format!("{byte:02x}")).collect()
}
