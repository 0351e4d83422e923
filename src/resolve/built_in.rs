//! Names that mean something in every file, so that no declaration can take them.

use std::collections::BTreeSet;

use ecow::EcoString;

use super::declaration::Namespace;
use crate::catalog::Catalog;

const TYPES: [&str; 13] = [
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "duration",
    "timestamp",
    "list",
    "map",
    "json",
    "secret",
    "dyn",
];

/// The names of each namespace that are built in.
pub(super) struct BuiltIn {
    errors: BTreeSet<EcoString>,
}

impl BuiltIn {
    /// Those of the language and of the catalogue's kinds.
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self { errors: catalog.error_names() }
    }

    /// Whether a name means something already.
    pub(super) fn has(&self, namespace: Namespace, name: &str) -> bool {
        match namespace {
            Namespace::Type => TYPES.contains(&name),
            Namespace::Error => self.errors.contains(name),
            // `retry: none`
            Namespace::Policy => name == "none",
            _ => false,
        }
    }
}
