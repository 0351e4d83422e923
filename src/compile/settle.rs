//! What becomes of findings after all stages have had their say: suppressions, the project's levels, order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::project::Project;
use crate::ast::{Allow, File, Name};
use crate::diagnostic::{Finding, Problems, Severity, explain, nearest};
use crate::source::{FileId, Sources, Span};

/// What findings are settled by.
pub(super) struct Settled<'a> {
    pub files: &'a [File],
    /// How many files were asked for; the others come after them, and not all is said about them.
    pub asked: usize,
    pub sources: &'a Sources,
    pub project: &'a Project,
}

/// Applies suppressions and levels, sorts by path and place, and drops what is said twice.
///
/// Suppressions come first: what a project raises to an error is still a warning to the line that gives a reason.
pub(super) fn settle(problems: Problems, about: &Settled<'_>) -> Vec<Finding> {
    let findings = problems.into_sorted();
    let Suppressions { suppressed, problems, .. } = Suppressions::apply(about, &findings);
    let Settled { sources, project, .. } = about;
    let kept = findings.into_iter().enumerate().filter(|(at, _)| !suppressed.contains(at));
    let mut settled: Vec<Finding> = kept.map(|(_, finding)| finding).collect();
    settled.extend(problems.into_sorted());
    project.apply(&mut settled);
    settled.sort_by(|a, b| order(sources, a.span, b.span));
    settled
}

/// By path, and within a file by place.
fn order(sources: &Sources, a: Span, b: Span) -> Ordering {
    let path = |span: Span| &sources.get(span.file).path;
    if a.file == b.file { a.cmp(&b) } else { path(a).cmp(path(b)).then(a.cmp(&b)) }
}

struct Suppressions<'a> {
    findings: &'a [Finding],
    /// The findings of each line, by their places in the list.
    of_line: BTreeMap<(FileId, u32), Vec<usize>>,
    project: &'a Project,
    suppressed: BTreeSet<usize>,
    problems: Problems,
}

impl<'a> Suppressions<'a> {
    fn apply(about: &Settled<'a>, findings: &'a [Finding]) -> Self {
        let Settled { files, asked, sources, project } = *about;
        let mut of_line: BTreeMap<(FileId, u32), Vec<usize>> = BTreeMap::new();
        let is_needed = files.iter().any(|file| !file.trivia.allows.is_empty());
        for (at, finding) in findings.iter().enumerate().filter(|_| is_needed) {
            let line = sources.get(finding.span.file).lines.line(finding.span.start);
            of_line.entry((finding.span.file, line)).or_default().push(at);
        }
        let (suppressed, problems) = (BTreeSet::new(), Problems::default());
        let mut suppressions = Self { findings, of_line, project, suppressed, problems };
        for file in files.iter().filter(|file| !file.trivia.allows.is_empty()) {
            // What an error hides from the later checks may be what a suppression is there for.
            let broken = findings.iter().any(|it| it.span.file == file.id && it.severity == Severity::Error);
            let partial = broken || file.id.0 as usize >= asked;
            file.trivia.allows.iter().for_each(|allow| suppressions.allow(allow, partial));
        }
        suppressions
    }

    fn allow(&mut self, allow: &Allow, partial: bool) {
        if allow.reason.is_empty() {
            self.problems.report(Finding::new(allow.span, Error::AllowWithoutReason));
        }
        for code in &allow.codes {
            if explain::exists(&code.text) {
                self.suppress(code, allow.line, partial);
            } else {
                self.report_unknown(code);
            }
        }
    }

    fn suppress(&mut self, code: &Name, line: u32, partial: bool) {
        let on_line = self.of_line.get(&(code.span.file, line)).into_iter().flatten().copied();
        let covered: Vec<usize> =
            on_line.filter(|at| self.findings[*at].code == code.text.as_str()).collect();
        if covered.iter().any(|at| self.findings[*at].severity == Severity::Error) {
            self.problems.report(Finding::new(code.span, Error::AllowedError { code: code.text.clone() }));
        } else if covered.is_empty() && !partial && !self.project.is_off(&code.text) {
            self.problems.report(Finding::new(code.span, Error::UselessAllow { code: code.text.clone() }));
        } else {
            self.suppressed.extend(covered);
        }
    }

    fn report_unknown(&mut self, code: &Name) {
        let suggestion = nearest(&code.text, explain::codes());
        let error = Error::UnknownCode { code: code.text.to_string(), suggestion };
        let finding = Finding::new(code.span, error);
        self.problems.report(match suggestion {
            Some(near) => finding.fix(format!("write `{near}`"), code.span, near),
            None => finding,
        });
    }
}
