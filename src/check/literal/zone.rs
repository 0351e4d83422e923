use jiff::tz::TimeZone;
use miette::Diagnostic;
use thiserror::Error;

use super::Literal;
use crate::diagnostic::{Finding, Problems};

#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("unknown time zone `{name}`")]
    #[diagnostic(code(unknown_timezone), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a zone is named as in the IANA database, for instance `Europe/Berlin` or `UTC`".to_owned(),
    }))]
    Unknown { name: String, suggestion: Option<String> },
}

/// Checks the name of a time zone against the IANA database, in its exact spelling.
///
/// Servers look zones up in files, where case matters, so another case is refused too.
pub fn check_zone(literal: Literal<'_>, problems: &mut Problems) {
    let name = literal.value;
    if TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name)) {
        return;
    }
    let suggestion = nearest_zone(name);
    let finding =
        Finding::new(literal.span, Error::Unknown { name: name.into(), suggestion: suggestion.clone() });
    problems.report(match suggestion {
        Some(near) => finding.fix(format!("write `{near}`"), literal.span, format!("\"{near}\"")),
        None => finding,
    });
}

fn nearest_zone(name: &str) -> Option<String> {
    let wanted = name.to_lowercase();
    let near = jiff::tz::db()
        .available()
        .map(|zone| (strsim::jaro_winkler(&wanted, &zone.to_string().to_lowercase()), zone.to_string()))
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)))?;
    (near.0 > 0.9).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::super::Literal;
    use crate::diagnostic::Problems;
    use crate::source::Span;

    fn help(value: &str) -> Option<String> {
        let mut problems = Problems::default();
        super::check_zone(Literal { value, span: Span::default(), written: "" }, &mut problems);
        problems.iter().next().and_then(|finding| finding.help.clone())
    }

    #[test]
    fn zones_are_known_by_their_exact_names() {
        assert_eq!(help("Europe/Berlin"), None);
        assert_eq!(help("UTC"), None);
        assert_eq!(help("Europe/Berlim").as_deref(), Some("did you mean `Europe/Berlin`?"));
        assert_eq!(help("europe/berlin").as_deref(), Some("did you mean `Europe/Berlin`?"));
        assert!(help("Mars").is_some());
    }
}
