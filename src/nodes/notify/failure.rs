//! The errors of the kind that a service's answer comes to.

use std::time::Duration;

use reqwest::StatusCode;

use crate::nodes::NodeError;
use crate::value::Value;

/// An error with what a service said. A `status` is HTTP's or SMTP's.
pub(super) fn answered(name: &str, message: String, status: u16, reply: &str) -> NodeError {
    NodeError::new(name, message)
        .with([("status", Value::some(Value::Int(status.into()))), ("reply", Value::from(reply.to_owned()))])
}

/// That a message can't be sent as it is. Nothing was.
pub(super) fn unfit(reason: impl Into<String>) -> NodeError {
    let reason = reason.into();
    let details = [("status", Value::Optional(None)), ("reply", Value::from(reason.clone()))];
    NodeError::new("Rejected", reason).with(details).before_effect()
}

/// That an address can't be read. It may hold secrets, so it isn't shown.
pub(super) fn invalid(reason: impl Into<String>) -> NodeError {
    NodeError::new("InvalidUrl", reason).before_effect()
}

/// The error that a service names by a status of HTTP, `None` where that is none. Below 500 the service says that it
/// did nothing.
pub(super) fn of_status(
    status: StatusCode,
    to: &str,
    reply: &str,
    retry_after: Option<Duration>,
) -> Option<NodeError> {
    let name = match status.as_u16() {
        200..300 => return None,
        429 => "RateLimited",
        408 | 425 | 500.. => "DeliveryFailed",
        _ => "Rejected",
    };
    let error = answered(name, format!("{to} answered {}", status.as_u16()), status.as_u16(), reply);
    let is_certain = status.as_u16() < 500 && status != StatusCode::REQUEST_TIMEOUT;
    Some(NodeError { retry_after, before_effect: is_certain, ..error })
}
