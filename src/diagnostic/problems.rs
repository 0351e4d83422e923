use super::{Finding, Severity};
use crate::source::Span;

/// Findings as they come, from any stage in any order.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    findings: Vec<Finding>,
}

/// After so many findings no name is suggested.
const SUGGESTED: usize = 100;

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

    /// Whether it is worth while to look for names that may have been meant, which takes time for each name that there
    /// is: nobody reads the thousandth suggestion.
    #[must_use]
    pub fn want_suggestions(&self) -> bool {
        self.len() <= SUGGESTED
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
        let covers = self.findings.iter().filter_map(|finding| Some((finding.covers?, finding.span)));
        let mut covers: Vec<(Span, Span)> = covers.collect();
        covers.sort_unstable();
        let mut covers = covers.into_iter().peekable();
        // The covers that begin before a finding and don't end before it, each with what covers.
        let mut open: Vec<(Span, Span)> = Vec::new();
        self.findings.retain(|finding| {
            open.extend(std::iter::from_fn(|| {
                covers.next_if(|(cover, _)| cover.head() <= finding.span.head())
            }));
            open.retain(|(cover, _)| cover.contains(finding.span.head()));
            !open.iter().any(|(cover, by)| cover.contains(finding.span) && finding.gives_way_to(*by))
        });
    }
}
