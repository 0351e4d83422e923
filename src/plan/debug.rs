use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where everything stood in the source, so that a failure is drawn as a compile error is. No part of the hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debug {
    /// The files that the workflows came from.
    pub files: Vec<SourceFile>,
    /// One for each workflow of the program.
    pub workflows: Vec<WorkflowDebug>,
}

/// A file as it was compiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Its path as messages show it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// The places of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowDebug {
    /// Its name, where it is declared.
    pub name: Place,
    /// What it is for, where the author says, be it in a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// One for each node.
    pub nodes: Vec<NodeDebug>,
    /// One for each expression.
    pub codes: Vec<CodeDebug>,
}

/// The places of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeDebug {
    /// Its name, where it is declared.
    pub name: Place,
    /// Its fields by name, as far as they were written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Place>,
}

/// The places of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeDebug {
    /// The whole.
    pub whole: Place,
    /// One for each step of the compiled form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Place>,
}

/// A range of bytes of a file, as `[file, start, end]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place(pub u32, pub u32, pub u32);

impl Debug {
    /// The text that a place covers, and its file; `None` where the place is in none.
    #[must_use]
    pub fn text(&self, place: Place) -> Option<(&SourceFile, &str)> {
        let file = self.files.get(place.0 as usize)?;
        let text = file.text.get(place.1 as usize..place.2 as usize)?;
        Some((file, text))
    }
}
