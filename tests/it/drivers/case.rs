use std::path::{Path, PathBuf};
use std::sync::Arc;

use citadel::compile::plan_text;
use citadel::driver::Environment;
use citadel::engine::machine::{Event, Signal};
use citadel::plan::Plan;
use serde_json::{Value as Json, json};

use super::account::RUN;
use super::outside::{Answer, Answers, Cause, What};
use crate::tree;

/// A fixture.
pub(super) struct Case {
    /// The name of its file, without its ending, and the id of its run.
    pub(super) name: String,
    pub(super) file: PathBuf,
    /// The program with its comments, without what came of it.
    pub(super) program: String,
    /// What came of it, as it is written.
    pub(super) expected: String,
    pub(super) input: Json,
    pub(super) answers: Answers,
    /// What happens from outside, in this order.
    pub(super) happenings: Vec<Happening>,
}

/// Something that happens to the run.
#[derive(Clone)]
pub(super) struct Happening {
    /// What must have been seen before.
    pub(super) causes: Vec<Cause>,
    pub(super) what: Touch,
}

/// What a run is told from outside.
#[derive(Clone)]
pub(super) enum Touch {
    Signal(Signal),
    Cancel,
}

impl Touch {
    pub(super) fn event(&self) -> Event {
        match self {
            Self::Signal(signal) => Event::Signalled(signal.clone()),
            Self::Cancel => Event::Cancelled,
        }
    }

    /// What it is called as the cause of something else.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Signal(signal) => format!("signal {}", signal.name),
            Self::Cancel => "cancel".to_owned(),
        }
    }
}

impl Case {
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let text = tree::read(file);
        let (program, expected) = text.split_at(text.find(RUN).unwrap_or(text.len()));
        let mut case = Self {
            name: tree::name(file).trim_end_matches(".citadel").to_owned(),
            file: file.to_owned(),
            program: program.to_owned(),
            expected: expected.to_owned(),
            input: json!({}),
            answers: Answers::default(),
            happenings: Vec::new(),
        };
        for line in program.lines().filter_map(|line| line.strip_prefix("// ")) {
            case.take(line).ok_or_else(|| format!("`{line}` can't be read"))?;
        }
        plan_text(program).map_err(|error| format!("{error}: {:?}", crate::compiler::check_text(program)))?;
        Ok(case)
    }

    fn take(&mut self, line: &str) -> Option<()> {
        if let Some(input) = line.strip_prefix("input: ") {
            self.input = serde_json::from_str(input).ok()?;
        } else if line.starts_with('/') {
            let (request, answer) = line.split_once(": ")?;
            self.answers.add(cause(request)?, request.contains('#'), self::answer(answer)?);
        } else if let Some(what) = line.strip_prefix("at start: ") {
            self.happenings.push(Happening { causes: Vec::new(), what: touch(what)? });
        } else if let Some(rest) = line.strip_prefix("after ") {
            let (causes, what) = rest.split_once(": ")?;
            self.happenings.push(Happening { causes: self::causes(causes)?, what: touch(what)? });
        }
        Some(())
    }

    /// The plan of the first workflow.
    pub(super) fn plan(&self) -> Arc<Plan> {
        let plans = plan_text(&self.program).expect("it was planned when it was read");
        Arc::new(plans.into_iter().next().expect("a fixture has a workflow"))
    }

    /// What the run is given, with an outside at this address.
    pub(super) fn environment(&self, outside: &str) -> Environment {
        Environment {
            approval_link: None,
            settings: [("outside".to_owned(), json!(outside))].into(),
            variables: [("TOKEN".to_owned(), "a-token-of-the-outside".to_owned())].into(),
            ..Environment::default()
        }
    }

    pub(super) fn bless(&self, account: &str) {
        std::fs::write(&self.file, format!("{}{account}", self.program)).expect("a writable fixture");
    }
}

fn touch(text: &str) -> Option<Touch> {
    if text == "cancel" {
        return Some(Touch::Cancel);
    }
    let (name, payload) = text.strip_prefix("signal ")?.split_once(' ').unwrap_or((&text[7..], "null"));
    let (name, correlation) = match name.split_once('(') {
        Some((name, key)) => (name, Some(key.strip_suffix(')')?.into())),
        None => (name, None),
    };
    let payload = serde_json::from_str(payload).ok()?;
    Some(Touch::Signal(Signal { name: name.into(), payload, correlation }))
}

fn causes(text: &str) -> Option<Vec<Cause>> {
    text.split(" and ").map(cause).collect()
}

/// `/a`, `/a#2`, `signal go`, `cancel`.
fn cause(text: &str) -> Option<Cause> {
    match text.split_once('#') {
        Some((what, count)) => Some(Cause { what: what.to_owned(), count: count.parse().ok()? }),
        None => Some(Cause { what: text.to_owned(), count: 1 }),
    }
}

fn answer(text: &str) -> Option<Answer> {
    let (causes, text) = match text.strip_prefix("after ") {
        Some(rest) => rest.split_once(", ").and_then(|(causes, text)| Some((self::causes(causes)?, text)))?,
        None => (Vec::new(), text),
    };
    let what = match text {
        "drop" => What::Drop,
        "silence" => What::Silence,
        reply => self::reply(reply)?,
    };
    Some(Answer { causes, what })
}

/// `503 (retry-after: 0) "busy"`.
fn reply(text: &str) -> Option<What> {
    let (status, rest) = text.split_at_checked(3)?;
    let rest = rest.trim_start();
    let (headers, body) = match rest.strip_prefix('(') {
        Some(rest) => rest.split_once(')')?,
        None => ("", rest),
    };
    let body = body.trim();
    if !body.is_empty() {
        serde_json::from_str::<Json>(body).ok()?;
    }
    let headers = headers.split("; ").filter(|header| !header.is_empty()).map(str::to_owned).collect();
    Some(What::Reply { status: status.parse().ok()?, headers, body: body.to_owned() })
}
