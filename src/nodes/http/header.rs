use reqwest::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HeaderName, HeaderValue, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use crate::nodes::NodeError;
use crate::value::Value;

/// What says where a request ends and what becomes of its connection: that is not for an author to say.
const FRAMING: [HeaderName; 7] =
    [CONNECTION, CONTENT_LENGTH, EXPECT, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// A header's value, which has no line ends.
pub(in crate::nodes) fn value(text: &str) -> Result<HeaderValue, NodeError> {
    HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| unfit("a header holds a line end or another control character".to_owned()))
}

/// The same, never shown.
pub(in crate::nodes) fn secret(text: &str) -> Result<HeaderValue, NodeError> {
    let mut value = value(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The name of a header that an author may set.
pub(super) fn own_name(text: &str) -> Result<HeaderName, NodeError> {
    let name: HeaderName = text.parse().map_err(|_| unfit(format!("`{text}` is no header name")))?;
    match FRAMING.contains(&name) {
        true => Err(unfit(format!("the header `{text}` is set by the engine alone"))),
        false => Ok(name),
    }
}

/// That a field came to what can't be sent.
pub(super) fn unfit(reason: String) -> NodeError {
    let details = [("reason", Value::from(reason.clone()))];
    NodeError::new("ExpressionError", reason).with(details).before_effect()
}
