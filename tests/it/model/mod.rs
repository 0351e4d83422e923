//! The machine beside a reference model: what runs come to, worked out a second time from what the language says, for
//! random programs, outcomes and orders. `PROPTEST_CASES` sets how many are tried.

mod ending;
mod generate;
mod happening;
mod program;
mod promises;
mod reference;
mod repeat;
mod schedule;
mod session;
mod signal;
mod work;

use citadel::plan::Plan;
use proptest::prelude::*;

use self::generate::Choices;
use self::happening::{Command, Happening};
use self::program::{Program, Read};
use self::reference::Reference;
use self::schedule::Answers;
use self::session::Session;

/// More happens in no run of the programs here.
const MOST: usize = 3_000;

/// The plan of a program, of which every read is strict that the compiler proves possible; none where it is refused.
fn accepted(program: &mut Program) -> Option<Plan> {
    let mut best = plan(program)?;
    for at in 0..generate::reads(program).len() {
        if set_strict(program, at, true) {
            match plan(program) {
                Some(plan) => best = plan,
                None => {
                    set_strict(program, at, false);
                }
            }
        }
    }
    Some(best)
}

fn plan(program: &Program) -> Option<Plan> {
    let plans = citadel::compile::plan_text(&program.text()).ok()?;
    plans.into_iter().find(|plan| plan.program().workflows[0].name == "model")
}

fn set_strict(program: &mut Program, at: usize, to: bool) -> bool {
    match generate::reads(program).into_iter().nth(at) {
        Some(Read::Node { strict, .. }) => {
            *strict = to;
            true
        }
        _ => false,
    }
}

/// Commands in the order in which they must come; those that take something back come last, in any order.
fn settled(mut commands: Vec<Command>) -> Vec<Command> {
    commands.sort_by_key(|command| match command {
        Command::Run { .. } | Command::Child { .. } | Command::Timer { .. } => (0, 0),
        Command::Cancel(ticket) => (1, *ticket),
        Command::Unset(ticket) => (2, *ticket),
    });
    commands
}

/// Drives a run to its end, beside the reference.
fn run_beside(program: &Program, plan: Plan, choices: &mut Choices<'_>) -> Result<Session, String> {
    let (mut session, mut reference) = (Session::new(plan), Reference::new(program));
    let mut happening = Happening::Start;
    for _ in 0..MOST {
        let (commands, mut notices) = session.handle(&happening);
        let (expected, mut expected_notices) = reference.handle(session.now, &happening);
        notices.sort();
        expected_notices.sort();
        let ended = session.machine.outcome().map(session::ended);
        let did = (settled(commands), notices, ended.as_ref());
        let should = (settled(expected), expected_notices, reference.ended());
        let missing = reference.missing.borrow();
        if did != should || !missing.is_empty() {
            let log = session.log.iter().map(|event| format!("\n{event:?}")).collect::<String>();
            return Err(format!(
                "{}\n{log}\nthe machine did {did:#?}\nand should have done {should:#?}; missing {missing:?}",
                program.text()
            ));
        }
        if ended.is_some() {
            return Ok(session);
        }
        happening = match schedule::next(&mut session, choices, Answers::Chosen) {
            Some(happening) => happening,
            None => Happening::Signal(["ping", "pong"][session.log.len() % 2], Some(1)),
        };
    }
    Err(format!("no end\n{}", program.text()))
}

fn config() -> ProptestConfig {
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 40 };
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_machine_does_what_the_reference_does(text in bytes(300), orders in prop::collection::vec(bytes(200), 4)) {
        let mut program = generate::program(&mut Choices::new(&text));
        let Some(plan) = accepted(&mut program) else { return Ok(()) };
        for order in &orders {
            let run = run_beside(&program, plan.clone(), &mut Choices::new(order));
            prop_assert!(run.is_ok(), "{}", run.err().unwrap_or_default());
        }
    }

    #[test]
    fn runs_replay_restore_and_ignore_noise(text in bytes(300), order in bytes(200), groups in bytes(100)) {
        let program = generate::program(&mut Choices::new(&text));
        let Some(plan) = plan(&program) else { return Ok(()) };
        let Ok(run) = run_beside(&program, plan, &mut Choices::new(&order)) else { return Ok(()) };
        let left = promises::left_over(&run);
        prop_assert!(left.is_empty(), "{left:?} is left\n{}\n{:#?}", program.text(), run.log);
        let (grouped, replayed) = (promises::groups(&run, &mut Choices::new(&groups)), promises::replayed(&run));
        let (restored, disturbed) = (promises::restored(&run), promises::disturbed(&run));
        let whole = promises::whole(run);
        prop_assert_eq!(&grouped, &whole, "grouped\n{}", program.text());
        prop_assert_eq!(&replayed, &whole, "replayed\n{}", program.text());
        prop_assert_eq!(&restored, &whole, "restored\n{}", program.text());
        prop_assert_eq!(&disturbed, &whole, "disturbed\n{}", program.text());
    }

    #[test]
    fn without_races_the_order_makes_no_difference(
        text in bytes(300),
        orders in prop::collection::vec(bytes(200), 3),
        seed in any::<u64>(),
    ) {
        let mut program = generate::program(&mut Choices::new(&text));
        promises::without_races(&mut program);
        let Some(plan) = plan(&program) else { return Ok(()) };
        let runs = orders.iter().map(|order| promises::run_by_path(plan.clone(), seed, &mut Choices::new(order)));
        let runs: Vec<_> = runs.collect();
        prop_assert!(runs.windows(2).all(|pair| pair[0] == pair[1]), "{runs:#?}\n{}", program.text());
    }
}
