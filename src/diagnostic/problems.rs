use super::{Finding, Severity};
use crate::source::Span;

/// Findings as they come, from any stage in any order.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    findings: Vec<Finding>,
}

impl Problems {
    /// Adds one.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds all of another stage.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
    }

    /// Whether any is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }

    /// Sorted by place, then severity and code; the same finding at the same place counts once, and one in a place that
    /// another one [covers](Finding::covering) doesn't.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| {
            (a.span, a.severity, &a.code, &a.message).cmp(&(b.span, b.severity, &b.code, &b.message))
        });
        self.findings.dedup_by(|a, b| (a.span, &a.code, &a.message) == (b.span, &b.code, &b.message));
        self.drop_covered();
        self.findings
    }

    fn drop_covered(&mut self) {
        let mut covers: Vec<Span> = self.findings.iter().filter_map(|finding| finding.covers).collect();
        covers.sort_unstable();
        let mut covers = covers.into_iter().peekable();
        // Of those that begin before a finding, the one that reaches furthest.
        let mut furthest: Option<Span> = None;
        self.findings.retain(|finding| {
            while let Some(cover) = covers.next_if(|cover| cover.head() <= finding.span.head()) {
                furthest = Some(match furthest {
                    Some(other) if other.contains(cover) => other,
                    _ => cover,
                });
            }
            finding.covers.is_some() || furthest.is_none_or(|cover| !cover.contains(finding.span))
        });
    }
}
