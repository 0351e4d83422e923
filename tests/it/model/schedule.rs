//! What happens next, by choice.

use super::generate::Choices;
use super::happening::{ChildEnd, Happening};
use super::session::{Awaited, Session};

const ACTIVITY_ERRORS: [&str; 5] =
    ["HttpServerError", "HttpClientError", "Timeout", "HttpServerError", "TotalTimeout"];

/// What is said of executions: by choice, or by their paths, so that the order makes no difference to it.
#[derive(Clone, Copy)]
pub(super) enum Answers {
    Chosen,
    ByPath(u64),
}

/// Lets time pass, and says what happens then; none where nothing can but by a signal.
pub(super) fn next(session: &mut Session, choices: &mut Choices<'_>, answers: Answers) -> Option<Happening> {
    if matches!(answers, Answers::Chosen) {
        if choices.chance(8) {
            return Some(signal(choices));
        }
        if choices.chance(2) {
            return Some(Happening::Cancel);
        }
        session.now += [0, 0, 1, 700][choices.below(4)];
    }
    let first_timer = session.open.iter().filter_map(|(ticket, awaited)| match awaited {
        Awaited::Timer(at) => Some((*at, *ticket)),
        _ => None,
    });
    let timer = first_timer.min();
    let works: Vec<usize> = session
        .open
        .iter()
        .filter(|(_, it)| !matches!(it, Awaited::Timer(_)))
        .map(|(ticket, _)| *ticket)
        .collect();
    let chosen = choices.below(works.len() + usize::from(timer.is_some()));
    match (works.get(chosen), timer) {
        (Some(ticket), _) => Some(answer(*ticket, &session.open[ticket], choices, answers)),
        (None, Some((at, ticket))) => {
            session.now = session.now.max(at);
            Some(Happening::Fired(ticket))
        }
        (None, None) => None,
    }
}

pub(super) fn signal(choices: &mut Choices<'_>) -> Happening {
    let name = ["ping", "pong"][choices.below(2)];
    let payload = i64::try_from(choices.below(4)).ok();
    Happening::Signal(name, payload.filter(|_| !choices.chance(20)))
}

fn answer(ticket: usize, awaited: &Awaited, choices: &mut Choices<'_>, answers: Answers) -> Happening {
    let (path, is_cancelled, is_child) = match awaited {
        Awaited::Activity { path, is_cancelled } => (path, *is_cancelled, false),
        Awaited::Child { path, is_cancelled } => (path, *is_cancelled, true),
        Awaited::Timer(_) => return Happening::Fired(ticket),
    };
    let way = match answers {
        Answers::Chosen => choices.below(16),
        Answers::ByPath(seed) => usize::try_from(
            path.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
                >> 13
                & 15,
        )
        .unwrap_or(0),
    };
    let value = i64::try_from(way % 4).unwrap_or(0);
    match (is_cancelled, is_child, way) {
        (true, _, 0..=9) => Happening::Released(ticket),
        (_, false, 0..=10) => Happening::Done(ticket, value),
        (_, false, _) => Happening::Failed(ticket, ACTIVITY_ERRORS[way - 11]),
        (_, true, 0..=10) => {
            Happening::Child(ticket, ChildEnd::Completed { value, with_failures: way == 10 })
        }
        (_, true, 11 | 12) => Happening::Child(ticket, ChildEnd::Failed("HttpServerError")),
        (_, true, 13) => Happening::Child(ticket, ChildEnd::Failed("HttpClientError")),
        (_, true, 14) => Happening::Child(ticket, ChildEnd::Cancelled),
        (_, true, _) => Happening::Released(ticket),
    }
}
