use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, SinglePart};

use super::mail::one_line;
use crate::nodes::NodeError;
use crate::nodes::notify::failure::unfit;
use crate::value::Value;

/// What a file is whose type nobody names.
const UNKNOWN: &str = "application/octet-stream";

/// A file that goes with a mail: `{ name, content_type, content }`.
pub(super) fn part(value: &Value) -> Result<SinglePart, NodeError> {
    let name = one_line("the name of an attachment", text(value, "name").unwrap_or_default())?;
    let kind = text(value, "content_type").unwrap_or(UNKNOWN);
    let kind = ContentType::parse(one_line("the content type of an attachment", kind)?)
        .map_err(|_| unfit(format!("the attachment `{name}` has a content type that is none")))?;
    let Some(Value::Bytes(content)) = value.field("content") else {
        return Err(unfit(format!("the attachment `{name}` has no content")));
    };
    let encoded = Body::new_with_encoding(content.to_vec(), ContentTransferEncoding::Base64);
    let body = encoded.map_err(|_| unfit(format!("the attachment `{name}` can't be encoded")))?;
    Ok(Attachment::new(name.to_owned()).body(body, kind))
}

fn text<'v>(value: &'v Value, field: &str) -> Option<&'v str> {
    match value.field(field)? {
        Value::String(text) => Some(text),
        Value::Optional(Some(inner)) => match inner.as_ref() {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
