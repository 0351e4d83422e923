use std::collections::BTreeMap;

use regex::Regex;

use super::Failure;
use crate::value::{EcoString, compile_pattern};

/// How many compiled patterns are kept.
const KEPT: usize = 32;

/// Regular expressions that were compiled before.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: BTreeMap<EcoString, Regex>,
}

impl Patterns {
    /// The regular expression `pattern`, in RE2's syntax, searched in linear time.
    pub(super) fn get(&mut self, pattern: &EcoString) -> Result<&Regex, Failure> {
        if !self.compiled.contains_key(pattern) {
            let regex = compile_pattern(pattern).map_err(|_| Failure::Pattern)?;
            if self.compiled.len() >= KEPT {
                self.compiled.clear();
            }
            self.compiled.insert(pattern.clone(), regex);
        }
        self.compiled.get(pattern).ok_or(Failure::Pattern)
    }
}
