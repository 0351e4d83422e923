use miette::Diagnostic;
use thiserror::Error;

use crate::diagnostic::{Finding, Problems};
use crate::source::Span;

/// What can be wrong with the parts of a URL, or with a header.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this URL has no scheme")]
    #[diagnostic(code(url_without_scheme), help("begin it with `https://`"))]
    NoScheme,
    #[error("a request goes to `http` or `https`, not to `{scheme}`")]
    #[diagnostic(code(url_scheme), help("write `https://…`"))]
    Scheme { scheme: String },
    #[error("this is no URL: {reason}")]
    #[diagnostic(code(invalid_url), help("a URL is `https://host/path?name=value`"))]
    Invalid { reason: String },
    #[error("a value in the host part of a URL could send the request to another host")]
    #[diagnostic(
        code(url_host_value),
        help("begin the URL with a base: a constant or a setting that holds `https://host`")
    )]
    HostValue,
    #[error("this URL holds a user name or a password")]
    #[diagnostic(code(url_credentials), help("use `auth: basic(user, password)` with a secret"))]
    Credentials,
    #[error("a header can't hold a line end")]
    #[diagnostic(code(header_line_end), help("write one header a line of the `headers` map"))]
    HeaderLineEnd,
}

/// A part of a URL's text, in order.
#[derive(Debug, Clone, Copy)]
pub enum UrlPart<'a> {
    /// Text.
    Text(&'a str),
    /// An interpolation, and whether its value is the author's own (a constant or a setting).
    Value {
        /// Its place.
        span: Span,
        /// A constant or a setting.
        trusted: bool,
    },
}

/// Checks the literal parts of a URL; `span` is the whole.
pub fn check_url(parts: &[UrlPart<'_>], span: Span, problems: &mut Problems) {
    let Some(UrlPart::Text(head)) = parts.first() else { return };
    let Some((scheme, rest)) = head.split_once("://") else {
        return report_scheme(head, parts.len() > 1, span, problems);
    };
    if !matches!(scheme, "http" | "https") {
        return problems.report(Finding::new(span, Error::Scheme { scheme: scheme.into() }));
    }
    let authority_ends = rest.contains(['/', '?', '#']);
    if let (false, Some(UrlPart::Value { span: value, trusted: false })) = (authority_ends, parts.get(1)) {
        return problems.report(Finding::new(*value, Error::HostValue));
    }
    check_assembled(parts, span, problems);
}

/// Checks the literal text of a header's name or value.
pub fn check_header(text: &str, span: Span, problems: &mut Problems) {
    if text.contains(['\r', '\n']) {
        problems.report(Finding::new(span, Error::HeaderLineEnd));
    }
}

fn report_scheme(head: &str, goes_on: bool, span: Span, problems: &mut Problems) {
    let scheme = head.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| is_scheme(scheme));
    match scheme {
        Some(scheme) if !scheme.contains('.') && scheme != "localhost" => {
            problems.report(Finding::new(span, Error::Scheme { scheme: scheme.into() }));
        }
        _ if head.is_empty() && !goes_on => {
            problems.report(Finding::new(span, Error::Invalid { reason: "it is empty".into() }));
        }
        _ => problems.report(Finding::new(span, Error::NoScheme)),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Parses the URL with a harmless word in place of each value.
fn check_assembled(parts: &[UrlPart<'_>], span: Span, problems: &mut Problems) {
    let text: String =
        parts.iter().map(|part| if let UrlPart::Text(text) = part { text } else { "1" }).collect();
    let error = match url::Url::parse(&text) {
        _ if text.contains(char::is_whitespace) => Error::Invalid { reason: "it has a space".into() },
        Err(error) => Error::Invalid { reason: error.to_string() },
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Error::Credentials,
        Ok(_) => return,
    };
    problems.report(Finding::new(span, error));
}

#[cfg(test)]
mod tests {
    use super::UrlPart::{Text, Value};
    use super::{UrlPart, check_url};
    use crate::diagnostic::Problems;
    use crate::source::Span;

    fn codes(parts: &[UrlPart<'_>]) -> Vec<String> {
        let mut problems = Problems::default();
        check_url(parts, Span::default(), &mut problems);
        problems.iter().map(|finding| finding.code.clone()).collect()
    }

    #[test]
    fn right_urls_are_accepted() {
        let value = Value { span: Span::default(), trusted: false };
        let base = Value { span: Span::default(), trusted: true };
        assert!(codes(&[Text("https://example.com/a?b=c")]).is_empty());
        assert!(codes(&[Text("http://localhost:8080")]).is_empty());
        assert!(codes(&[Text("https://example.com/a/"), value, Text("?q="), value]).is_empty());
        assert!(codes(&[value, Text("/orders")]).is_empty());
        assert!(codes(&[Text("https://"), base, Text(".example.com/")]).is_empty());
    }

    #[test]
    fn mistakes_have_their_codes() {
        let value = Value { span: Span::default(), trusted: false };
        for (parts, code) in [
            (vec![Text("example.com/a")], "url_without_scheme"),
            (vec![Text("localhost:8080/a")], "url_without_scheme"),
            (vec![Text("/a")], "url_without_scheme"),
            (vec![Text("ftp://example.com")], "url_scheme"),
            (vec![Text("mailto:a@example.com")], "url_scheme"),
            (vec![Text("https://")], "invalid_url"),
            (vec![Text("https://exa mple.com")], "invalid_url"),
            (vec![Text("https://example.com:99999/")], "invalid_url"),
            (vec![Text("https://u:p@example.com/")], "url_credentials"),
            (vec![Text("https://"), value, Text("/a")], "url_host_value"),
            (vec![Text("https://api."), value], "url_host_value"),
        ] {
            assert_eq!(codes(&parts), [code], "{parts:?}");
        }
    }
}
