use std::io::{IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::diagnostic::render::escaped;

const DEFAULT_WIDTH: usize = 100;

/// Draws findings as an output can show them: in colour unless `NO_COLOR` is set or the output is no terminal,
/// with lines of Unicode where the locale has it.
pub(super) fn handler(output: &dyn IsTerminal) -> GraphicalReportHandler {
    let colour = colour(output);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
    let locale = locale.to_string_lossy().to_lowercase();
    let unicode = locale.contains("utf-8") || locale.contains("utf8");
    let theme = match (unicode, colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => {
            GraphicalTheme { characters: miette::ThemeCharacters::ascii(), ..GraphicalTheme::unicode() }
        }
        (false, false) => GraphicalTheme::none(),
    };
    GraphicalReportHandler::new_themed(theme).with_width(width(output)).with_links(false)
}

/// How many characters stand beside each other: what `COLUMNS` says, else what the terminal has, at most as many as are
/// read well.
pub(super) fn width(output: &dyn IsTerminal) -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let has = || match output.is_terminal() {
        true => terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0)),
        false => None,
    };
    told.or_else(|| has().map(|width| width.min(DEFAULT_WIDTH))).unwrap_or(DEFAULT_WIDTH)
}

/// Whether an output is to be in colour.
pub(super) fn colour(output: &dyn IsTerminal) -> bool {
    output.is_terminal()
        && variable("NO_COLOR").is_none()
        && variable("TERM").is_none_or(|term| term != "dumb")
}

/// A variable of the environment; one that is empty counts as one that is not set.
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Says something on standard error; where that is closed, nobody wants to know.
pub(super) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", escaped(text));
}
