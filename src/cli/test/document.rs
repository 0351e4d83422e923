use serde::Serialize;

use super::command::Ran;
use crate::diagnostic::render;

/// What `--format json` prints.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    tests: Vec<TestDocument<'a>>,
    passed: usize,
    failed: usize,
}

#[derive(Serialize)]
struct TestDocument<'a> {
    file: String,
    /// From 1.
    line: u32,
    name: &'a str,
    passed: bool,
    /// How the run ended; empty where it didn't begin.
    status: &'a str,
    /// How long it took in virtual time, as the language writes it.
    duration: String,
    findings: Vec<render::Document<'a>>,
    notes: Vec<render::Document<'a>>,
    /// Why the run failed, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<render::Document<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn of(ran: &'a [Ran<'a>]) -> Self {
        let failed = ran.iter().filter(|ran| !ran.verdict.passed()).count();
        Self { tests: ran.iter().map(TestDocument::of).collect(), passed: ran.len() - failed, failed }
    }
}

impl<'a> TestDocument<'a> {
    fn of(ran: &'a Ran<'a>) -> Self {
        let Ran { sources, renderer, .. } = ran;
        Self {
            file: sources.get(ran.test.span.file).path.display().to_string(),
            line: sources.start(ran.test.span).line,
            name: &ran.test.name,
            passed: ran.verdict.passed(),
            status: &ran.verdict.timeline.status,
            duration: ran.took(),
            findings: ran.verdict.findings.iter().map(|finding| renderer.document(finding)).collect(),
            failure: ran.verdict.failure.as_ref().map(|finding| renderer.document(finding)),
            notes: ran.verdict.notes.iter().map(|finding| renderer.document(finding)).collect(),
        }
    }
}
