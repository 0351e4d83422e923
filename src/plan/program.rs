use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expr::Code;
use super::{
    Breaker, CodeId, Concurrency, Config, ErrorTable, Graph, Limit, Node, NodeId, OnDuplicate, Retry,
    TimeLimit, WorkflowId,
};
use crate::value::{ShapeId, Shapes};

/// All that a run depends on. Two sources that differ in white space, comments, the order of fields or of top-level
/// declarations give the same program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The version of the semantics that it was checked under.
    pub semantics: u32,
    /// The workflow that the plan is of, then those that it calls, in the order in which calls reach them.
    pub workflows: Vec<Workflow>,
}

/// A workflow: tables that refer to each other by position. But for nodes, their entries stand in the order in which
/// they are first needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its name as declared.
    pub name: String,
    /// What it is called for people, where the author says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A run's id; absent for the name and something unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CodeId>,
    /// What happens to a second start with the same id.
    pub on_duplicate: OnDuplicate,
    /// What a run is started with.
    pub input: ShapeId,
    /// What a run gives, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output: BTreeMap<String, CodeId>,
    /// How long a run may take before it stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeLimit>,
    /// How many activities and children of a run there may be at once; absent for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelism: Option<u32>,
    /// How many activities of a run there may be at once.
    pub max_concurrent: u32,
    /// How many runs there may be at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<Concurrency>,
    /// The task queue that serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_queue: Option<String>,
    /// The node that runs when a run has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<NodeId>,
    /// The node that runs when a run has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finally: Option<NodeId>,
    /// The constants that it reads; one that reads another stands after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// The settings that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// The secrets that its nodes use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// The plugins whose tools its nodes use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<Plugin>,
    /// The activities of other workers that its nodes call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<Remote>,
    /// The circuit breakers that its nodes use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breakers: Vec<Breaker>,
    /// The limits that its nodes use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// The retry policies of its nodes, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<Retry>,
    /// The error tables of its nodes, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorTable>,
    /// What crosses its borders.
    pub shapes: Shapes,
    /// Its compiled expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Code>,
    /// Its nodes, those of a graph side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// Its own graph, then the bodies of its loops.
    pub graphs: Vec<Graph>,
    /// The workflows that its nodes call, in the order in which they do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callees: Vec<WorkflowId>,
}

/// A value that the file gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: CodeId,
}

/// A value that each environment sets; a run records it when it starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is.
    pub shape: ShapeId,
    /// What it is where the environment sets nothing; without one it must be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<CodeId>,
}

/// A secret by reference: where the worker that needs its value finds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Its name, unlike those of the others.
    pub name: String,
    /// Where its value is.
    pub source: SecretSource,
}

/// Where a secret's value is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// In this variable of the worker's environment.
    Env(String),
    /// In this file of the worker's machine.
    File(String),
    /// It is what this command prints, as its argument list.
    Command(Vec<String>),
    /// In this file, encrypted with age.
    Age(String),
}

/// A plugin: an MCP server whose tools are kinds of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// Its name.
    pub name: String,
    /// An executable's path or a URL.
    pub source: String,
    /// What it is granted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: Config,
}

/// An activity that other workers serve, in any language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remote {
    /// Its name, which is its type's for the workers.
    pub name: String,
    /// The queue whose workers serve it.
    pub task_queue: String,
    /// What it is called with.
    pub input: ShapeId,
    /// What it gives.
    pub returns: ShapeId,
}
