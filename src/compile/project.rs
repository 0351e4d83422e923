//! `citadel.toml`: what a project says about its findings.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::error::Error;
use crate::diagnostic::{Finding, Problems, Severity, explain, nearest};
use crate::source::{FileId, Span};

/// The sections that exist; those after `levels` are read by the engines, so their fields are not looked at here.
const SECTIONS: [&str; 4] = ["levels", "profile", "journal", "temporal"];

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
        let mut reader = Reader { file, problems, project: Self::default() };
        match DeTable::parse(text) {
            Ok(table) => reader.sections(table.get_ref()),
            Err(error) => {
                let reason = error.message().replace('\n', ", ");
                reader.report(error.span().unwrap_or_default(), Error::ProjectSyntax { reason });
            }
        }
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

struct Reader<'p> {
    file: FileId,
    problems: &'p mut Problems,
    project: Project,
}

impl Reader<'_> {
    fn sections(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            let known = SECTIONS.contains(&name.get_ref().as_ref());
            match value.get_ref() {
                _ if !known => {
                    let suggestion = nearest(name.get_ref(), SECTIONS);
                    let name_text = name.get_ref().to_string();
                    self.report(name.span(), Error::UnknownSection { name: name_text, suggestion });
                }
                DeValue::Table(section) => match name.get_ref().as_ref() {
                    "levels" => self.levels(section),
                    "profile" => self.profiles(section),
                    _ => {}
                },
                _ => self.report_section(name.span(), name.get_ref(), name.get_ref()),
            }
        }
    }

    fn levels(&mut self, section: &DeTable<'_>) {
        for (code, value) in section {
            let level = value.get_ref().as_str().and_then(Level::parse);
            if !explain::exists(code.get_ref()) {
                let suggestion = nearest(code.get_ref(), explain::codes());
                self.report(code.span(), Error::UnknownCode { code: code.get_ref().to_string(), suggestion });
            } else if let Some(level) = level {
                let chosen = self.place(value.span());
                self.project.levels.insert(code.get_ref().to_string(), (level, chosen));
            } else {
                self.report(value.span(), Error::UnknownLevel);
            }
        }
    }

    /// The settings of a profile are decoded when a run starts: their types are known then.
    fn profiles(&mut self, section: &DeTable<'_>) {
        for (name, value) in section {
            if !value.get_ref().is_table() {
                self.report_section(name.span(), name.get_ref(), &format!("profile.{}", name.get_ref()));
            }
        }
    }

    fn report_section(&mut self, at: Range<usize>, name: &str, example: &str) {
        self.report(at, Error::SectionExpected { name: name.to_owned(), example: example.to_owned() });
    }

    fn report(&mut self, at: Range<usize>, error: Error) {
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
            findings("[levels]\nuseless_allow = \"off\"\n[profile.dev]\ncrm = 1\n[temporal]\nx = 1\n"),
            []
        );
        assert_eq!(findings("[level]\n"), one("unknown_section", "level"));
        assert_eq!(findings("levels = 1\n"), one("section_expected", "levels"));
        assert_eq!(findings("[profile]\ndev = 1\n"), one("section_expected", "dev"));
        assert_eq!(findings("[levels]\nuseless_alow = \"off\"\n"), one("unknown_code", "useless_alow"));
        assert_eq!(findings("[levels]\nuseless_allow = \"of\"\n"), one("unknown_level", "\"of\""));
        assert_eq!(findings("[levels\n")[0].0, "project_syntax");
    }
}
