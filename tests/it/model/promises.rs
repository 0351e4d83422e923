//! What holds of every run, whatever the semantics: replay, snapshots, grouping, noise, and an end.

use citadel::engine::machine::{Batch, Event, Failure, Machine, Moment, Outcome, Ticket};
use citadel::value::Value;

use super::generate::Choices;
use super::program::{Graph, Join, Kind, OnError, Program};
use super::schedule::{self, Answers};
use super::session::{Awaited, Session, fresh};
use super::{Happening, MOST};

/// What many batches come to.
fn joined(batches: impl IntoIterator<Item = Batch>) -> Batch {
    batches.into_iter().fold(Batch::default(), |mut all, batch| {
        all.append.extend(batch.append);
        all.commands.extend(batch.commands);
        all.notices.extend(batch.notices);
        all
    })
}

/// Polling after several events gives what polling after each gives.
pub(super) fn groups(session: &Session, choices: &mut Choices<'_>) -> Batch {
    let mut machine = fresh(&session.wired);
    let mut batches = Vec::new();
    for (at, event) in &session.log {
        machine.handle(*at, event.clone());
        if choices.chance(40) {
            batches.push(machine.poll());
        }
    }
    batches.push(machine.poll());
    joined(batches)
}

/// What the run did.
pub(super) fn whole(session: Session) -> Batch {
    joined(session.batches)
}

/// The recorded events alone give the same, and are recorded the same.
pub(super) fn replayed(session: &Session) -> Batch {
    let mut machine = fresh(&session.wired);
    for (at, event) in session.batches.iter().flat_map(|batch| &batch.append) {
        machine.handle(*at, event.clone());
    }
    machine.poll()
}

/// Each event is handled by a machine that has just come out of its snapshot.
pub(super) fn restored(session: &Session) -> Batch {
    let mut machine = fresh(&session.wired);
    let mut batches = Vec::new();
    for (at, event) in &session.log {
        let snapshot = machine.snapshot();
        machine = Machine::restore(session.wired.clone(), &snapshot).expect("a snapshot").observed();
        assert_eq!(machine.snapshot(), snapshot, "a snapshot of what was restored is the same");
        machine.handle(*at, event.clone());
        batches.push(machine.poll());
    }
    joined(batches)
}

/// Answers that come twice, to nothing, or in the wrong form, change nothing.
pub(super) fn disturbed(session: &Session) -> Batch {
    let mut machine = fresh(&session.wired);
    let mut batches = Vec::new();
    for (at, event) in &session.log {
        disturb(&mut machine, &session.wired, *at);
        machine.handle(*at, event.clone());
        batches.push(machine.poll());
        if !matches!(event, Event::Signalled(_)) {
            machine.handle(Moment(at.0 + 9_999), event.clone());
            assert_eq!(machine.poll(), Batch::default(), "{event:?} came twice");
        }
    }
    disturb(&mut machine, &session.wired, Moment(i64::MAX));
    machine.handle(Moment(i64::MAX), Event::Cancelled);
    assert_eq!(machine.poll(), Batch::default(), "the run was over");
    joined(batches)
}

fn disturb(machine: &mut Machine, wired: &std::sync::Arc<citadel::engine::machine::Wired>, at: Moment) {
    let ticket = Ticket(1_000_000);
    let failure = Box::new(Failure::new("Timeout", "late"));
    let outcome = Box::new(Outcome::Cancelled { failures: Vec::new() });
    let noise = [
        Event::Completed { ticket, output: Value::Null, attempts: 1 },
        Event::Failed { ticket, failure },
        Event::ChildEnded { ticket, outcome },
        Event::Released { ticket },
        Event::Fired { ticket },
    ];
    let before = machine.snapshot();
    for event in noise {
        machine.handle(Moment(at.0.saturating_add(1)), event);
    }
    assert_eq!(machine.poll(), Batch::default());
    assert_eq!(machine.snapshot(), before, "nothing has changed");
    wrong_forms(machine, wired, at);
}

/// A timer doesn't complete, and work doesn't fire.
fn wrong_forms(machine: &mut Machine, wired: &std::sync::Arc<citadel::engine::machine::Wired>, at: Moment) {
    let state: serde_json::Value = serde_json::from_slice(&machine.snapshot()).expect("json");
    let open = state["open"].as_object().cloned().unwrap_or_default();
    let mut probe = Machine::restore(wired.clone(), &machine.snapshot()).expect("a snapshot");
    for (ticket, open) in open {
        let ticket = Ticket(ticket.parse().expect("a number"));
        probe.handle(
            at,
            match open["slot"].as_str() {
                Some("None") => Event::Released { ticket },
                _ => Event::Fired { ticket },
            },
        );
    }
    assert_eq!(probe.poll(), Batch::default(), "answers of the wrong form");
}

/// What is still open when a run is over, and shouldn't be.
pub(super) fn left_over(session: &Session) -> Vec<&Awaited> {
    let is_forgotten = |awaited: &&Awaited| match awaited {
        Awaited::Activity { is_cancelled, .. } | Awaited::Child { is_cancelled, .. } => !is_cancelled,
        Awaited::Timer(_) => true,
    };
    session.open.values().filter(is_forgotten).collect()
}

/// Takes out of a program all whose result may depend on what comes first.
pub(super) fn without_races(program: &mut Program) {
    program.continues = true;
    program.timeout = None;
    calm(&mut program.graph);
}

fn calm(graph: &mut Graph) {
    for node in &mut graph.nodes {
        if let Join::AtLeast(_) | Join::First(_) = node.join {
            node.join = Join::All;
        }
        (node.timeout, node.on_error) =
            (None, node.on_error.filter(|it| *it != OnError::Stop && *it != OnError::Retry));
        let plain = || Kind::Transform(super::program::Sum::default());
        match &mut node.kind {
            Kind::Loop(task) => {
                (task.enough, task.continues) = (None, true);
                calm(&mut task.body);
            }
            Kind::Fail | Kind::Succeed | Kind::Handler(..) | Kind::Wait(_) => node.kind = plain(),
            _ => {}
        }
    }
}

/// Runs a program whose executions end as their paths say, in an order of choice; how each node ended.
pub(super) fn run_by_path(
    plan: citadel::plan::Plan,
    seed: u64,
    choices: &mut Choices<'_>,
) -> (Vec<(String, String)>, String) {
    let mut session = Session::new(plan);
    session.handle(&Happening::Start);
    for _ in 0..MOST {
        if let Some(outcome) = session.machine.outcome() {
            let mut ended = super::session::ended(outcome);
            ended.failures.sort();
            return (session.ends.into_iter().collect(), format!("{ended:?}"));
        }
        let happening = schedule::next(&mut session, choices, Answers::ByPath(seed));
        session.handle(&happening.expect("it waits for nothing but work and time"));
    }
    panic!("no end");
}
