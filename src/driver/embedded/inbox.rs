use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;

use super::journal::Message;
use super::live::Mail;
use super::message::Note;
use super::shared::{Shared, lock};

/// Hands messages from other processes to the runs of this one.
pub(super) async fn read_inbox(shared: Weak<Shared>) {
    const PAUSE: Duration = Duration::from_millis(100);
    let mut handed: BTreeSet<i64> = BTreeSet::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(shared) = shared.upgrade() else { return };
        // A journal that can't be read now is asked again.
        let Ok(messages) = shared.journal.inbox().await else { continue };
        handed.retain(|id| messages.iter().any(|(_, known, _)| known == id));
        for (run, id, message) in messages {
            let Some(handle) = lock(&shared.live).get(&run).cloned() else { continue };
            if let (Some(note), true) = (Note::read(&message), handed.insert(id)) {
                // A run that has just ended leaves its messages unread.
                let _ = handle.mail.send(Box::new(Mail::Told { event: note.event(), consumes: Some(id) }));
            }
        }
    }
}

impl Note {
    pub(super) fn message(&self) -> Message {
        Message { payload: serde_json::to_vec(self).expect("keys are texts") }
    }

    fn read(message: &Message) -> Option<Self> {
        serde_json::from_slice(&message.payload).ok()
    }
}
