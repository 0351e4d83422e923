use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use miette::Diagnostic;
use thiserror::Error;

use super::Literal;
use crate::diagnostic::{Finding, Problems};

/// What can be wrong with a cron expression.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this is no cron expression: {reason}")]
    #[diagnostic(
        code(cron_syntax),
        help("five fields: minute hour day-of-month month day-of-week, for instance `0 2 * * 1-5`")
    )]
    Syntax { reason: String },
    #[error("this cron expression never fires")]
    #[diagnostic(code(cron_never), help("no date has that day, month and weekday"))]
    Never,
}

/// Checks a schedule's cron expression: five fields, or a macro such as `@daily`.
pub fn check_cron(literal: Literal<'_>, problems: &mut Problems) {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let fields = literal.value.split_whitespace().count();
    let error = if fields != 5 && !literal.value.trim_start().starts_with('@') {
        Error::Syntax { reason: format!("it has {fields} {}", if fields == 1 { "field" } else { "fields" }) }
    } else {
        match parser.parse(literal.value) {
            Err(error) => Error::Syntax { reason: reason(&error) },
            Ok(cron) if never_fires(&cron) => Error::Never,
            Ok(_) => return,
        }
    };
    problems.report(Finding::new(literal.span, error));
}

/// A pattern repeats at the latest after the 400 years of the Gregorian cycle; leap days that fall on a given
/// weekday are at most 40 years apart, so eight years from a fixed date plus croner's own limit decide.
fn never_fires(cron: &croner::Cron) -> bool {
    let start = jiff::civil::date(2024, 1, 1).to_zoned(jiff::tz::TimeZone::UTC);
    start.is_ok_and(|start| cron.find_next_occurrence(&start, true).is_err())
}

fn reason(error: &CronError) -> String {
    let text = match error {
        CronError::EmptyPattern => "it is empty".to_owned(),
        CronError::InvalidPattern(text)
        | CronError::IllegalCharacters(text)
        | CronError::ComponentError(text) => text.trim_end_matches('.').to_owned(),
        CronError::InvalidDate => "there is no such date".to_owned(),
        CronError::InvalidTime | CronError::TimeSearchLimitExceeded => "there is no such time".to_owned(),
    };
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Literal;
    use crate::diagnostic::Problems;
    use crate::source::Span;

    fn codes(value: &str) -> Vec<String> {
        let mut problems = Problems::default();
        super::check_cron(Literal { value, span: Span::default(), written: "" }, &mut problems);
        problems.iter().map(|finding| finding.code.clone()).collect()
    }

    #[test]
    fn usual_expressions_are_accepted() {
        for cron in
            ["0 2 * * *", "*/15 9-17 * * MON-FRI", "0 0 29 2 *", "@daily", "0 0 1,15 * 5", "0 12 L * *"]
        {
            assert!(codes(cron).is_empty(), "{cron}: {:?}", codes(cron));
        }
    }

    #[test]
    fn mistakes_are_found() {
        for cron in ["", "61 * * * *", "0 2 * *", "0 0 0 2 * *", "every day", "0 24 * * *", "* * * 13 *"] {
            assert_eq!(codes(cron), ["cron_syntax"], "{cron}");
        }
        assert_eq!(codes("0 0 30 2 *"), ["cron_never"]);
    }
}
