//! Expectations as comments in the text they are about: `// error: [code] @5; warning: [other]`.

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;

use crate::compiler::Found;

/// One finding that a text announces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expectation {
    line: usize,
    severity: String,
    code: String,
    column: Option<usize>,
}

impl Expectation {
    fn is_met_by(&self, found: &Found) -> bool {
        self.line == found.line
            && self.severity == found.severity
            && self.code == found.code
            && self.column.is_none_or(|column| column == found.column)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]", self.line, self.severity, self.code)
    }
}

/// The expectations in a text; in TOML `#` begins a comment. One after `// ^` is about the last line that isn't such a comment itself.
pub(crate) fn read(text: &str) -> Vec<Expectation> {
    let comment = Regex::new(r"(?://|#) (\^ )?((?:error|warning|note): \[.*)$").expect("a pattern");
    let one = Regex::new(r"(error|warning|note): \[([a-z_0-9]+)\](?: @(\d+))?").expect("a pattern");
    let mut expectations = Vec::new();
    let mut last_line = 0;
    for (line, text) in (1..).zip(text.split('\n')) {
        let Some(found) = comment.captures(text.trim_end()) else {
            last_line = line;
            continue;
        };
        if found.get(1).is_none() {
            last_line = line;
        }
        expectations.extend(one.captures_iter(&found[2]).map(|part| Expectation {
            line: last_line,
            severity: part[1].to_owned(),
            code: part[2].to_owned(),
            column: part.get(3).and_then(|column| column.as_str().parse().ok()),
        }));
    }
    expectations
}

/// What differs between the findings of several files and what their texts announce, a line each.
pub(crate) fn differences(texts: &BTreeMap<String, String>, found: &[Found]) -> Vec<String> {
    let mut differences = Vec::new();
    let mut unexpected: Vec<&Found> = found.iter().collect();
    for (file, text) in texts {
        for expectation in read(text) {
            let met = unexpected.iter().position(|found| found.file == *file && expectation.is_met_by(found));
            match met {
                Some(index) => drop(unexpected.remove(index)),
                None => differences.push(format!("{file}:{expectation} is missing")),
            }
        }
    }
    differences.extend(unexpected.iter().map(|found| format!("{found} is not expected")));
    differences.sort();
    differences
}
