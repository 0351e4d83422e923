use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::answer::header_map;
use super::body;
use crate::nodes::{NodeError, Scrubber};
use crate::value::Value;

/// How much of a body an error holds, in bytes.
const MAX_BODY: usize = 4 << 10;

/// The longest form of a secret that is looked for at the end of that.
const MAX_FORM: usize = 64 << 10;

/// The longest time that an answer may ask to wait.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

/// The error that an answer is that was not accepted.
pub(super) async fn read(scrubber: &Scrubber, response: Response, to: &str) -> NodeError {
    let status = response.status();
    let headers = response.headers().clone();
    let most = MAX_BODY + 2 * scrubber.longest().min(MAX_FORM);
    let body = body::beginning(response, most).await;
    let body = told(scrubber, &body, body.len() < most);
    let message = format!("{to} answered {}", status.as_u16());
    let error = error(name(status), message, status, &headers, &body);
    NodeError { retry_after: retry_after(status, &headers), ..error }
}

/// The first 4 KiB of what a service said, without secrets.
///
/// They are taken out before the text is cut, or the cut would leave a part of one that nobody knows again. What is
/// read beyond may end within one, so the end of that is no one's to see, however much shorter the marks made the rest.
pub(in crate::nodes) fn told(scrubber: &Scrubber, body: &[u8], is_whole: bool) -> String {
    let body = scrubber.text(&String::from_utf8_lossy(body));
    let unsure = if is_whole { 0 } else { scrubber.longest().min(MAX_FORM) };
    cut(&body, MAX_BODY.min(body.len().saturating_sub(unsure))).to_owned()
}

/// An error with what the kind's errors of answers have as details.
pub(super) fn error(
    name: &str,
    message: String,
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
) -> NodeError {
    let details = [
        ("status", Value::Int(i64::from(status.as_u16()))),
        ("headers", header_map(headers)),
        ("body", Value::from(body.to_owned())),
    ];
    NodeError::new(name, message).with(details)
}

/// The beginning of a text, of at most so many bytes and whole characters.
fn cut(text: &str, most: usize) -> &str {
    (0..=most).rev().find_map(|end| text.get(..end)).filter(|_| text.len() > most).unwrap_or(text)
}

fn name(status: StatusCode) -> &'static str {
    match status.as_u16() {
        429 => "RateLimited",
        500.. => "HttpServerError",
        _ => "HttpClientError",
    }
}

/// What `Retry-After` asks for, where it counts: seconds, or a date.
pub(in crate::nodes) fn retry_after(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let counts = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
    let text = headers.get(RETRY_AFTER).filter(|_| counts)?.to_str().ok()?.trim();
    let wish = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => MAX_RETRY_AFTER,
        Err(_) => {
            let left = date(text)?.as_second() - jiff::Timestamp::now().as_second();
            Duration::from_secs(u64::try_from(left).unwrap_or(0))
        }
    };
    Some(wish.min(MAX_RETRY_AFTER))
}

/// A date in one of the three forms of HTTP (RFC 9110, section 5.6.7).
fn date(text: &str) -> Option<jiff::Timestamp> {
    let current = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    if let Ok(date) = current.parse_timestamp(text) {
        return Some(date);
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].iter().find_map(|form| {
        let civil = jiff::civil::DateTime::strptime(form, text).ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::{date, retry_after};

    fn wish(text: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).expect(text))]);
        retry_after(StatusCode::TOO_MANY_REQUESTS, &headers).map(|wish| wish.as_secs())
    }

    #[test]
    fn a_wish_is_seconds_or_a_date_and_at_most_an_hour() {
        assert_eq!(wish("0"), Some(0));
        assert_eq!(wish(" 17 "), Some(17));
        assert_eq!(wish("86400"), Some(3_600));
        assert_eq!(wish("99999999999999999999999999"), Some(3_600));
        assert_eq!(wish("Wed, 21 Oct 2015 07:28:00 GMT"), Some(0));
        assert_eq!(wish("Wed, 21 Oct 2999 07:28:00 GMT"), Some(3_600));
        for nonsense in ["", "-1", "soon", "1.5", "+5s", "Wed, 99 Oct 2999 07:28:00 GMT"] {
            assert_eq!(wish(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_wish_counts_where_the_answer_is_about_load() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("5"))]);
        let wish = |status| retry_after(status, &headers);
        assert_eq!(wish(StatusCode::SERVICE_UNAVAILABLE), Some(Duration::from_secs(5)));
        assert_eq!(wish(StatusCode::INTERNAL_SERVER_ERROR), None);
    }

    #[test]
    fn the_three_forms_of_a_date_are_one_moment() {
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(date(text).map(|date| date.as_second()), Some(784_111_777), "{text}");
        }
    }
}
