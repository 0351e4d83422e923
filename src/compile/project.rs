//! `citadel.toml`: what a project says about its findings.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use miette::Diagnostic;

use super::error::Error;
use crate::config::{self, ProjectFile};
use crate::diagnostic::{Finding, Problems, Severity, explain, nearest};
use crate::source::{FileId, Span};

/// What `citadel.toml` says of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    /// The severity of warnings and notes by code, and where it is chosen.
    levels: BTreeMap<String, (Level, Span)>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Shown(Severity),
    Off,
}

impl Level {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "error" => Self::Shown(Severity::Error),
            "warning" => Self::Shown(Severity::Warning),
            "note" => Self::Shown(Severity::Note),
            "off" => Self::Off,
            _ => return None,
        })
    }
}

impl Project {
    /// Reads the text of a `citadel.toml`.
    pub(super) fn parse(file: FileId, text: &str, problems: &mut Problems) -> Self {
        let written = ProjectFile::parse(Path::new("citadel.toml"), text);
        let mut reader = Reader { file, problems, project: Self::default() };
        for mistake in written.mistakes {
            reader.report(mistake.place, mistake.error);
        }
        written.levels.iter().for_each(|level| reader.level(level));
        reader.project
    }

    /// Whether a code is turned off.
    pub(super) fn is_off(&self, code: &str) -> bool {
        self.levels.get(code).is_some_and(|(level, _)| *level == Level::Off)
    }

    /// Gives findings their levels. An error stays one, which is said once for each code.
    pub(super) fn apply(&self, findings: &mut Vec<Finding>) {
        let mut fixed = BTreeMap::new();
        findings.retain_mut(|finding| {
            let Some((level, chosen)) = self.levels.get(&finding.code) else { return true };
            match level {
                _ if finding.severity == Severity::Error => {
                    if *level != Level::Shown(Severity::Error) {
                        fixed.insert(*chosen, finding.code.clone());
                    }
                }
                Level::Shown(severity) => finding.severity = *severity,
                Level::Off => return false,
            }
            true
        });
        findings
            .extend(fixed.into_iter().map(|(chosen, code)| Finding::new(chosen, Error::FixedLevel { code })));
    }
}

/// Gives the levels of a file their meanings.
struct Reader<'p> {
    file: FileId,
    problems: &'p mut Problems,
    project: Project,
}

impl Reader<'_> {
    fn level(&mut self, written: &config::Level) {
        let (code, code_place) = &written.code;
        let (level, level_place) = &written.level;
        if !explain::exists(code) {
            let suggestion = nearest(code, explain::codes());
            self.report(code_place.clone(), Error::UnknownCode { code: code.clone(), suggestion });
        } else if let Some(level) = level.as_deref().and_then(Level::parse) {
            let chosen = self.place(level_place.clone());
            self.project.levels.insert(code.clone(), (level, chosen));
        } else {
            self.report(level_place.clone(), Error::UnknownLevel);
        }
    }

    fn report(&mut self, at: Range<usize>, error: impl Diagnostic) {
        let finding = Finding::new(self.place(at), error);
        self.problems.report(finding);
    }

    fn place(&self, at: Range<usize>) -> Span {
        Span::new(self.file, at.start, at.end)
    }
}

#[cfg(test)]
mod tests {
    use super::Project;
    use crate::diagnostic::Problems;
    use crate::source::FileId;

    fn findings(text: &str) -> Vec<(String, &str)> {
        let mut problems = Problems::default();
        Project::parse(FileId(0), text, &mut problems);
        problems.into_sorted().into_iter().map(|it| (it.code, &text[it.span.range()])).collect()
    }

    #[test]
    fn what_is_wrong_is_found_at_its_place() {
        let one = |code: &str, at: &'static str| vec![(code.to_owned(), at)];
        assert_eq!(findings(""), []);
        assert_eq!(
            findings("[levels]\nuseless_allow = \"off\"\n[profile.dev]\ncrm = 1\n[temporal]\ntls = true\n"),
            []
        );
        assert_eq!(findings("[level]\n"), one("unknown_section", "level"));
        assert_eq!(findings("levels = 1\n"), one("section_expected", "levels"));
        assert_eq!(findings("[profile]\ndev = 1\n"), one("section_expected", "dev"));
        assert_eq!(findings("[levels]\nuseless_alow = \"off\"\n"), one("unknown_code", "useless_alow"));
        assert_eq!(findings("[levels]\nuseless_allow = \"of\"\n"), one("unknown_level", "\"of\""));
        assert_eq!(findings("[temporal]\nx = 1\n"), one("unknown_project_key", "x"));
        assert_eq!(findings("[levels\n")[0].0, "project_syntax");
    }
}
