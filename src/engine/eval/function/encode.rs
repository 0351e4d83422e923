use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};

use super::table::{Arguments, Context};
use crate::engine::eval::Failure;
use crate::engine::eval::budget::check_output;
use crate::engine::eval::error::{Answer, Fault};
use crate::value::{EcoString, Kind, Value, eco_format};

/// Base64 with its padding or without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn base64_encode(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let Value::Bytes(bytes) = value.as_ref() else { return Err(Fault::Overload) };
    context.budget.octets(bytes.len())?;
    Ok(Value::from(general_purpose::STANDARD.encode(bytes)))
}

pub(super) fn base64_decode(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let Value::String(text) = value.as_ref() else { return Err(Fault::Overload) };
    context.budget.octets(text.len())?;
    match LENIENT.decode(text.as_bytes()) {
        Ok(bytes) => Ok(Value::Bytes(bytes.into())),
        Err(_) => Err(Failure::Conversion { from: Kind::String, to: Kind::Bytes }.into()),
    }
}

pub(super) fn json_encode(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    check_output(value)?;
    let json = value.to_json().map_err(|error| Fault::Failed(error.into()))?;
    let text = json.to_string();
    context.budget.octets(text.len())?;
    Ok(Value::from(text))
}

pub(super) fn json_decode(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let Value::String(text) = value.as_ref() else { return Err(Fault::Overload) };
    context.budget.octets(text.len())?;
    match serde_json::from_str(text) {
        Ok(json) => Ok(Value::from_json(&json)),
        Err(_) => Err(Failure::NotJson.into()),
    }
}

pub(super) fn url_encode(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    let text = value.print().ok_or(Fault::Overload)?;
    if matches!(text.as_str(), "." | "..") {
        return Err(Failure::DotSegment.into());
    }
    context.budget.octets(text.len())?;
    Ok(Value::String(percent_encode(&text)))
}

/// Everything but RFC 3986's unreserved characters.
fn percent_encode(text: &str) -> EcoString {
    let mut encoded = EcoString::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&eco_format!("%{byte:02X}")),
        }
    }
    encoded
}
