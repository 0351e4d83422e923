use miette::Diagnostic;
use thiserror::Error;

use super::problem::Problem;

/// What can be wrong with what stands in `citadel.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Error {
    #[error("this is no TOML: {reason}")]
    #[diagnostic(code(project_syntax), help("`citadel.toml` is written in TOML: `[section]`, `key = value`"))]
    Syntax { reason: String },
    #[error("a project has no section `{name}`")]
    #[diagnostic(code(unknown_section), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its sections are {}", listed(known)),
    }))]
    UnknownSection { name: String, suggestion: Option<&'static str>, known: &'static [&'static str] },
    #[error("`{name}` is a section")]
    #[diagnostic(code(section_expected), help("write `[{example}]`, and its fields below it"))]
    SectionExpected { name: String, example: String },
    #[error("`[{section}]` has no key `{name}`")]
    #[diagnostic(code(unknown_project_key), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its keys are {}", listed(known)),
    }))]
    UnknownKey { section: String, name: String, suggestion: Option<&'static str>, known: Vec<&'static str> },
    #[error("`{name}` can't be this: {problem}")]
    #[diagnostic(code(project_value), help("{}", problem.help()))]
    Value { name: String, problem: Problem },
}

/// Names as a sentence lists them.
pub(super) fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
