use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Signal;
use super::approval::{APPROVE, Question};
use super::interpreter::{Machine, Phase};
use super::state::{Doing, Place, State, Success};
use super::work::check_size;
use crate::plan::{Node, Task};
use crate::value::{EcoString, Map, Value};

/// An answer as a signal brings it.
struct Answer<'s> {
    /// The node's name.
    node: &'s str,
    /// Its path, where the answer is for the question of one iteration.
    path: Option<&'s str>,
    signal: &'s Signal,
}

impl<'s> Answer<'s> {
    fn of(signal: &'s Signal) -> Option<Self> {
        let path = signal.name.strip_prefix(APPROVE)?;
        let (node, path) = match path.rsplit_once("].") {
            Some((_, node)) => (node, Some(path)),
            None => (path, None),
        };
        Some(Self { node, path, signal })
    }
}

/// Whether a signal is an answer to an approval.
pub(super) fn is_answer(signal: &Signal) -> bool {
    signal.name.starts_with(APPROVE)
}

impl Machine {
    /// Somebody has answered.
    pub(super) fn answered(&mut self, signal: &Signal) {
        match self.taken(signal) {
            Ok((place, success)) => {
                let number = self.run.signals.number();
                self.consumed(place, number, signal);
                self.let_go(place);
                self.conclude(place, Ok(Some(success)));
            }
            Err(reason) => self.reject(signal, &reason),
        }
    }

    /// The question that an answer counts for, and what it says.
    fn taken(&self, signal: &Signal) -> Result<(Place, Success), String> {
        let answer = Answer::of(signal).ok_or("it answers no approval")?;
        self.knows(&answer)?;
        let mut reason = format!("`{}` isn't waiting for an answer", answer.path.unwrap_or(answer.node));
        for place in self.run.signals.asked(answer.node) {
            let Some(question) = self.open_question(place) else { continue };
            if answer.path.is_some_and(|path| self.path(place) != path) {
                continue;
            }
            match self.decision(place, question, answer.signal) {
                Ok(success) => return Ok((place, success)),
                Err(unfit) => reason = unfit,
            }
        }
        Err(reason)
    }

    fn open_question(&self, place: Place) -> Option<&Question> {
        match &self.cell(place)?.state {
            State::Running(running) => match &running.doing {
                Doing::Approval(asking) => Some(&asking.question),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the workflow has such an approval.
    fn knows(&self, answer: &Answer<'_>) -> Result<&Node, String> {
        let is_it = |node: &&Node| matches!(node.task, Task::Approval(_)) && node.name == answer.node;
        let found = self.workflow().nodes.iter().find(is_it);
        found.ok_or_else(|| format!("`{}` has no approval `{}`", self.workflow().name, answer.node))
    }

    /// Why an answer would be turned away now.
    pub(super) fn check_answer(&self, signal: &Signal) -> Result<(), String> {
        if matches!(self.run.phase, Phase::Starting) {
            let answer = Answer::of(signal).ok_or("it answers no approval")?;
            return self.knows(&answer).map(drop);
        }
        self.taken(signal).map(drop)
    }

    /// What a person decided: `{ decision, by, comment }`, with the time at which it came.
    fn decision(&self, place: Place, question: &Question, signal: &Signal) -> Result<Success, String> {
        let text = |name: &str| match signal.payload.get(name) {
            None | Some(Json::Null) => Ok(""),
            Some(Json::String(text)) => Ok(text.trim()),
            Some(_) => Err(format!("`{name}` must be a text")),
        };
        let (decision, by, comment) = (text("decision")?, text("by")?, text("comment")?);
        let ports = &self.node(place.node).ports;
        let Some(port) = ports.iter().position(|port| port == decision) else {
            return Err("`decision` must be \"approved\" or \"rejected\"".to_owned());
        };
        let path = self.path(place);
        if by.is_empty() {
            return Err(format!("`by` must say who answers `{path}`"));
        }
        let is_asked = question.approvers.iter().any(|asked| asked.eq_ignore_ascii_case(by));
        if !is_asked && !question.approvers.is_empty() {
            let asked = question.approvers.join(", ");
            return Err(format!("`{by}` may not answer `{path}`: {asked} may"));
        }
        let fields = [("decision", decision), ("by", by), ("comment", comment)];
        let mut output = Map::record(fields.map(|(name, text)| (name, Value::from(text))));
        output.insert("at".into(), Value::Timestamp(self.run.now.timestamp()));
        let output = Value::Map(output);
        check_size(&output).map_err(|_| "it is larger than 1 MiB".to_owned())?;
        Ok(Success { port: u32::try_from(port).unwrap_or_default(), output })
    }

    /// The questions that are open, by the paths of their nodes.
    #[must_use]
    pub fn questions(&self) -> BTreeMap<EcoString, Question> {
        let places = self.run.signals.all_asked();
        let open = places.filter_map(|place| Some((self.path(place), self.open_question(place)?.clone())));
        open.collect()
    }
}
