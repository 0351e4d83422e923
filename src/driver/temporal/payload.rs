use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use temporalio_protos::temporal::api::common::v1::Payload;
use thiserror::Error;

/// The encoding that every Temporal client reads and writes.
const JSON: &str = "json/plain";
/// How many attempts an activity took, beside its output.
pub(super) const ATTEMPTS: &str = "citadel-attempts";
/// What JSON can't say of a run's output.
pub(super) const BESIDE: &str = "citadel-beside";
/// Nothing at all.
const NULL: &str = "binary/null";

/// Why a payload can't be read.
#[derive(Debug, Error)]
pub(super) enum Unreadable {
    /// It is not JSON but something else.
    #[error("it is encoded as `{0}`, and JSON is wanted")]
    Encoding(String),
    /// It is no JSON, or other JSON than is wanted.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

/// A payload that holds JSON.
pub(super) fn write<T: Serialize>(value: &T) -> Payload {
    let data = serde_json::to_vec(value).expect("keys are texts, and memory takes any text");
    Payload {
        metadata: [("encoding".to_owned(), JSON.as_bytes().to_vec())].into(),
        data,
        ..Payload::default()
    }
}

/// The same, with notes beside the JSON that its readers needn't know.
pub(super) fn write_with<T: Serialize, N: Serialize>(value: &T, note: &str, about: &N) -> Payload {
    let mut payload = write(value);
    let about = serde_json::to_vec(about).expect("keys are texts, and memory takes any text");
    payload.metadata.insert(note.to_owned(), about);
    payload
}

/// What a payload holds.
pub(super) fn read<T: DeserializeOwned>(payload: &Payload) -> Result<T, Unreadable> {
    match payload.metadata.get("encoding").map(Vec::as_slice) {
        Some(encoding) if encoding == NULL.as_bytes() => Ok(serde_json::from_value(Json::Null)?),
        Some(encoding) if encoding != JSON.as_bytes() => {
            Err(Unreadable::Encoding(String::from_utf8_lossy(encoding).into_owned()))
        }
        _ => Ok(serde_json::from_slice(&payload.data)?),
    }
}

/// A note that was written beside the JSON.
pub(super) fn note<T: DeserializeOwned>(payload: &Payload, note: &str) -> Option<T> {
    serde_json::from_slice(payload.metadata.get(note)?).ok()
}
