//! Levels and suppressions: what becomes of findings after all stages have had their say.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::Project;
use crate::ast::{Allow, File};
use crate::diagnostic::{Finding, Problems, Severity, nearest};
use crate::diagnostic::explain;
use crate::source::Sources;

/// What can be wrong with a suppression.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("there is no finding `{code}`")]
    #[diagnostic(code(unknown_code), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`citadel explain` lists all codes".to_owned(),
    }))]
    UnknownCode { code: EcoString, suggestion: Option<&'static str> },
    #[error("nothing on this line is a `{code}`")]
    #[diagnostic(code(useless_allow), severity(Warning), help("remove the suppression"))]
    Useless { code: EcoString },
    #[error("`{code}` is an error and can't be allowed")]
    #[diagnostic(code(allowed_error), help("a run would fail of it: mend it"))]
    AllowedError { code: EcoString },
    #[error("a suppression says why")]
    #[diagnostic(code(allow_without_reason), severity(Warning), help("write the reason behind the bracket"))]
    NoReason,
}

/// Applies levels and suppressions, sorts, and drops what is said twice.
pub(super) fn settle(problems: Problems, files: &[File], sources: &Sources, project: &Project) -> Vec<Finding> {
    let mut findings = problems.into_sorted();
    findings.retain_mut(|finding| project.apply_level(finding));
    let mut about_allows = Problems::default();
    for file in files {
        for allow in &file.trivia.allows {
            apply(allow, &mut findings, sources, &mut about_allows);
        }
    }
    for finding in about_allows.into_sorted() {
        findings.push(finding);
    }
    let mut all = Problems::default();
    findings.into_iter().for_each(|finding| all.report(finding));
    all.into_sorted()
}

fn apply(allow: &Allow, findings: &mut Vec<Finding>, sources: &Sources, problems: &mut Problems) {
    if allow.reason.is_empty() {
        problems.report(Finding::new(allow.span, Error::NoReason));
    }
    for code in &allow.codes {
        if !explain::exists(&code.text) {
            let suggestion = nearest(&code.text, explain::codes());
            problems.report(Finding::new(code.span, Error::UnknownCode { code: code.text.clone(), suggestion }));
            continue;
        }
        let covered = |finding: &Finding| {
            finding.span.file == allow.span.file
                && finding.code == code.text.as_str()
                && sources.start(finding.span).line == allow.line
        };
        if findings.iter().any(|finding| covered(finding) && finding.severity == Severity::Error) {
            problems.report(Finding::new(code.span, Error::AllowedError { code: code.text.clone() }));
            continue;
        }
        let before = findings.len();
        findings.retain(|finding| !covered(finding));
        if findings.len() == before {
            problems.report(Finding::new(code.span, Error::Useless { code: code.text.clone() }));
        }
    }
}
