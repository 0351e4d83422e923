use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, StatusCode, Url};

use crate::nodes::NodeError;

/// Where an answer sends a request on to; none where it doesn't. `place` is where it came from, for messages.
pub(super) fn target(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
    place: &str,
) -> Result<Option<Url>, NodeError> {
    let is_redirect = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let Some(location) = headers.get(LOCATION).filter(|_| is_redirect) else { return Ok(None) };
    let invalid = |what: &str| NodeError::new("InvalidUrl", format!("{place} redirects {what}"));
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| invalid("to what is no url"))?;
    let url = from.join(location).map_err(|_| invalid("to what is no url"))?;
    match (from.scheme(), url.scheme()) {
        ("https", "http") => Err(invalid("from https to http")),
        (_, "http" | "https") => Ok(Some(url)),
        _ => Err(invalid("to what is neither http nor https")),
    }
}

/// The method that a redirect is followed with: as browsers do, a POST becomes a GET but for 307 and 308.
pub(super) fn method(status: StatusCode, method: &Method) -> Method {
    match status.as_u16() {
        303 if *method != Method::HEAD => Method::GET,
        301 | 302 if *method == Method::POST => Method::GET,
        _ => method.clone(),
    }
}

/// Whether what proves who sends a request may go along: only to the same host, port and scheme.
pub(super) fn is_same_origin(a: &Url, b: &Url) -> bool {
    a.origin() == b.origin()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};
    use reqwest::{Method, StatusCode, Url};

    use super::{is_same_origin, method, target};

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn a_redirect_is_never_followed_to_an_insecure_place() {
        let headers = HeaderMap::from_iter([(
            "location".parse().expect("a name"),
            HeaderValue::from_static("http://b/"),
        )]);
        assert!(target(StatusCode::FOUND, &headers, &url("https://a/"), "GET a").is_err());
        assert_eq!(
            target(StatusCode::FOUND, &headers, &url("http://a/"), "GET a").expect("a url"),
            Some(url("http://b/"))
        );
        assert_eq!(target(StatusCode::OK, &headers, &url("http://a/"), "GET a").expect("none"), None);
    }

    #[test]
    fn methods_change_as_in_browsers() {
        assert_eq!(method(StatusCode::FOUND, &Method::POST), Method::GET);
        assert_eq!(method(StatusCode::TEMPORARY_REDIRECT, &Method::POST), Method::POST);
        assert_eq!(method(StatusCode::SEE_OTHER, &Method::PUT), Method::GET);
        assert_eq!(method(StatusCode::MOVED_PERMANENTLY, &Method::PUT), Method::PUT);
    }

    #[test]
    fn another_port_is_another_origin() {
        assert!(is_same_origin(&url("https://a/x"), &url("https://a:443/y")));
        assert!(!is_same_origin(&url("https://a/x"), &url("https://a:444/y")));
    }
}
