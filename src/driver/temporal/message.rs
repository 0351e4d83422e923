//! What is sent to a run: signals and updates.

use serde_json::Value as Json;
use temporalio_protos::coresdk::workflow_activation::{DoUpdate, SignalWorkflow};
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::coresdk::workflow_commands::{UpdateResponse, update_response};
use temporalio_protos::temporal::api::common::v1::Payload;

use super::envelope::Aim;
use super::live::Live;
use super::{fault, payload};
use crate::engine::machine::{Event, Moment, Signal};

/// The update that sends a signal and is refused at once where the signal doesn't fit.
pub(super) const SIGNAL_UPDATE: &str = "citadel_signal";

/// A signal as it came: the first payload is its value, the second may say which of several waits is meant.
pub(super) fn signal(signal: SignalWorkflow) -> Option<Signal> {
    let value =
        |payload: &Payload| payload::read::<Json>(payload).unwrap_or_else(|error| error.to_string().into());
    let payload = signal.input.first().map_or(Json::Null, value);
    let correlation = signal.input.get(1).and_then(|second| payload::read::<Aim>(second).ok());
    let correlation = correlation.and_then(|aim| aim.correlate);
    // Names of its own are kept for what is to come.
    let is_own = signal.signal_name.starts_with("citadel.");
    (!is_own).then(|| Signal { name: signal.signal_name.into(), payload, correlation })
}

/// Answers an update: it is refused, or accepted and done.
pub(super) fn update(live: &mut Live, now: Moment, update: DoUpdate) {
    let respond = |response| {
        let (protocol_instance_id, response) = (update.protocol_instance_id.clone(), Some(response));
        Variant::UpdateResponse(UpdateResponse { protocol_instance_id, response })
    };
    let asked = match update.name.as_str() {
        SIGNAL_UPDATE => asked(update.input.first()),
        other => Err(format!("there is no update `{other}`: there is `{SIGNAL_UPDATE}`")),
    };
    match asked.and_then(|signal| live.check_signal(&signal).map(|()| signal)) {
        Err(reason) => {
            let refused = update_response::Response::Rejected(fault::of_start("InvalidSignal", &reason));
            live.orders().push(respond(refused));
        }
        Ok(signal) => {
            live.orders().push(respond(update_response::Response::Accepted(())));
            live.handle(now, Event::Signalled(signal));
            live.orders().push(respond(update_response::Response::Completed(payload::write(&()))));
        }
    }
}

/// What a client asks to be sent, or asks about.
pub(super) fn asked(input: Option<&Payload>) -> Result<Signal, String> {
    let input = input.ok_or("it takes `{ name, payload }`")?;
    payload::read(input).map_err(|error| format!("it takes `{{ name, payload }}`: {error}"))
}
