//! Signals, in the reference.

use serde_json::json;

use super::reference::{Doing, Place, Reference, Status};

impl Reference<'_> {
    pub(super) fn wait(&mut self, place: Place, signal: &'static str) {
        while let Some(at) = self.early.iter().position(|(name, _)| name == signal) {
            if let (_, Some(payload)) = self.early.remove(at) {
                return self.succeed(place, "ok", payload, json!({"payload": payload}));
            }
        }
        let since = self.tick();
        self.update(place, |running| running.doing = Doing::Wait(since, signal));
    }

    pub(super) fn signalled(&mut self, signal: &str, payload: Option<i64>) {
        let mut waiting = Vec::new();
        for (scope, nodes) in self.scopes.iter().map(|scope| &scope.nodes).enumerate() {
            for (node, status) in nodes.iter().enumerate() {
                if let Status::Running(running) = status
                    && let Doing::Wait(since, name) = running.doing
                    && name == signal
                {
                    waiting.push((since, (scope, node)));
                }
            }
        }
        match (waiting.into_iter().min(), payload) {
            (None, payload) => self.early.push((signal.to_owned(), payload)),
            (Some((_, place)), Some(payload)) => {
                self.succeed(place, "ok", payload, json!({"payload": payload}));
            }
            (Some(_), None) => {}
        }
    }
}
