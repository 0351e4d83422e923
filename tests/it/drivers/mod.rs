//! The same workflow on every driver: each fixture of `tests/fixtures/conformance` is run by all of them against a real
//! local HTTP server, and what comes of it must be equal, and what the fixture says.
//!
//! A fixture is a `.citadel` file whose first workflow is run; the setting `outside` is the server's address. Comments
//! before it say what the outside does:
//!
//! ```text
//! // input: {"n": 3}                        what the run is started with; {} where it isn't said
//! // /a: 200 {"id": 1}                      how requests for a path (without its query) are answered; without this it is `200 1`
//! // /a#2: 503 (retry-after: 0) "busy"      how the second one is, with a header and a body
//! // /b: after /c and /d#2, 200             answered once a request for `/c` and two for `/d` have come
//! // /e: drop                               the connection is closed without an answer
//! // /f: silence                            there is never an answer
//! // at start: signal go 1                  a signal that is sent as soon as the run has started
//! // after /a: signal paid(o-1) {"cents": 5}  one with a correlation, sent when `/a` has been asked for
//! // after signal paid: cancel              what happens comes in the order in which it is written
//! ```
//!
//! Nothing is ordered by time: what comes second is let happen by what comes first. What came of the run stands at the
//! fixture's end, for a person to read; `CITADEL_BLESS` writes it anew, from the first driver.

mod account;
mod case;
mod embedded;
mod outside;
mod simulated;
mod temporal;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use citadel::driver::Trace;
use citadel::engine::machine::Outcome;

use crate::tree::{self, expect_none, shown};
use account::Account;
use case::Case;
use outside::{Outside, Stage};

/// How many fixtures are run at once: most of the time they wait.
const AT_ONCE: usize = 8;

/// What came of a run.
struct Ran {
    outcome: Outcome,
    trace: Trace,
}

/// A way to run workflows.
trait Driver: Sync {
    fn name(&self) -> &'static str;

    /// Runs a case to its end, with its happenings, each when the stage has seen its cause. The environment says where
    /// the stage is. An error where it has no end.
    fn run(&self, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String>;
}

fn drivers() -> Vec<Box<dyn Driver>> {
    vec![
        Box::new(simulated::Simulated::new()),
        Box::new(embedded::Embedded::new()),
        Box::new(temporal::Temporal::new()),
    ]
}

#[test]
fn every_driver_gives_the_same_trace() {
    let drivers = drivers();
    let files = tree::files("tests/fixtures/conformance", ".citadel");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let found = check(file, &drivers);
                    failures.lock().expect("nobody panics with it").extend(found);
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("nobody panics with it");
    failures.sort();
    expect_none("what differs", &failures);
}

/// Runs a fixture on every driver, and gives what differs.
fn check(file: &Path, drivers: &[Box<dyn Driver>]) -> Vec<String> {
    let case = match Case::read(file) {
        Ok(case) => case,
        Err(reason) => return vec![format!("{}: {reason}", shown(file))],
    };
    let outside = Outside::open();
    let (mut first, mut failures) = (None, Vec::new());
    let mut expected = case.expected.clone();
    for driver in drivers {
        let stage = outside.stage(&case.answers);
        let ran = driver.run(&case, &stage);
        stage.close();
        let place = format!("{} on the {} driver", shown(file), driver.name());
        let account = match ran {
            Ok(ran) => Account::of(ran, &stage, &outside.url()),
            Err(reason) => {
                failures.push(format!("{place}: {reason}\n  {}", stage.asked()));
                continue;
            }
        };
        let is_first = first.is_none();
        if is_first && std::env::var_os("CITADEL_BLESS").is_some() {
            expected = account.text();
            case.bless(&expected);
        }
        if account.text() != expected {
            failures.push(format!("{place}:\n{}", account::difference(&expected, &account.text())));
        }
        let reference: &Account = first.get_or_insert(account.clone());
        if reference.trace != account.trace {
            failures.push(format!("{place}, which the first doesn't give:\n{}", account.beside(reference)));
        }
    }
    failures
}
