//! Effects and the end of the process at every point around them: before the intent is durable, after it, after the
//! effect, and after what came of it is durable; for each effect, on both engines.

use std::path::Path;

use rusqlite::Connection;

use crate::beside::Beside;
use crate::command::{Ended, Folder};
use crate::ledger::Ledger;

/// What a second execution does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    Idempotent,
    Once,
    Transactional,
}

/// What a crash is to be followed by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Point {
    BeforeIntent,
    AfterIntent,
    AfterEffect,
    AfterCommit,
}

const EFFECTS: [Effect; 3] = [Effect::Idempotent, Effect::Once, Effect::Transactional];
const POINTS: [Point; 4] = [Point::BeforeIntent, Point::AfterIntent, Point::AfterEffect, Point::AfterCommit];

impl Effect {
    /// A workflow whose only effect is this one, with a node behind it.
    fn file(self, ledger: &Ledger) -> String {
        let url = ledger.url();
        let effect = match self {
            Self::Idempotent => {
                format!("http_request {{ method: POST, url: \"{url}/effect\", effect: idempotent }}")
            }
            Self::Once => format!("http_request {{ method: POST, url: \"{url}/effect\", effect: once }}"),
            Self::Transactional => {
                "database_query { connection: db, query: \"insert into paid (cents) values (:cents)\", \
                 params: { \"cents\": 5 }, mode: execute, transactional: true }"
                    .to_owned()
            }
        };
        format!(
            "secret db = env(\"DB\")
             workflow w {{
               node effect: {effect}
               node after: data_transformer {{ value: 1 }}
               effect -> after
               output {{ done: after.value }}
             }}"
        )
    }

    /// How often it happened, as seen from outside.
    fn count(self, ledger: &Ledger, folder: &Folder) -> usize {
        match self {
            Self::Transactional => rows(&folder.path().join("data.db")),
            Self::Idempotent | Self::Once => ledger.of("/effect").len(),
        }
    }

    /// What is promised of an effect around which the process ended there.
    fn holds(self, point: Point, place: &str, ended: &Ended, ledger: &Ledger, count: usize) {
        let what =
            format!("{place}, {self:?}, {point:?}: {} times, exit {}\n{}", count, ended.code, ended.stderr);
        let is_unknown = self == Self::Once && matches!(point, Point::AfterIntent | Point::AfterEffect);
        if is_unknown {
            assert!(ended.code == 1 && ended.stderr.contains("Indeterminate"), "{what}");
            assert_eq!(count, usize::from(point == Point::AfterEffect), "{what}");
            return;
        }
        assert_eq!((ended.code, ended.stdout.as_str()), (0, "{\n  \"done\": 1\n}\n"), "{what}");
        let again = self == Self::Idempotent && point == Point::AfterEffect;
        assert_eq!(count, if again { 2 } else { 1 }, "{what}");
        let keys: Vec<_> = ledger.of("/effect").into_iter().map(|request| request.key).collect();
        assert!(keys.windows(2).all(|keys| keys[0].is_some() && keys[0] == keys[1]), "{what}: {keys:?}");
    }
}

impl Point {
    /// Where the embedded engine comes by, and for which time.
    fn embedded(self, effect: Effect) -> String {
        match self {
            Self::BeforeIntent => "before_intent:1".to_owned(),
            Self::AfterIntent => "after_intent:1".to_owned(),
            Self::AfterEffect => "after_effect:1".to_owned(),
            // The intent has a commit of its own where it must not be forgotten.
            Self::AfterCommit if effect == Effect::Once => "after_commit:3".to_owned(),
            Self::AfterCommit => "after_commit:2".to_owned(),
        }
    }

    #[cfg(feature = "temporal")]
    fn temporal(self) -> &'static str {
        match self {
            Self::BeforeIntent => "before_intent:1",
            Self::AfterIntent => "after_intent:1",
            Self::AfterEffect => "after_effect:1",
            Self::AfterCommit => "after_commit:1",
        }
    }
}

const DB: (&str, &str) = ("DB", "sqlite:data.db");

/// A folder with the file and a database that knows of effects.
fn prepare(name: &str, effect: Effect, ledger: &Ledger) -> Folder {
    let folder = Folder::new(name).with("w.citadel", effect.file(ledger));
    let database = Connection::open(folder.path().join("data.db")).expect("a database");
    database.execute("create table paid (cents integer)", []).expect("a table");
    folder.citadel(&["db", "init", "sqlite:data.db"]).ends_with(0);
    folder
}

fn rows(database: &Path) -> usize {
    let database = Connection::open(database).expect("a database");
    let count = database.query_row("select count(*) from paid", [], |row| row.get::<_, i64>(0));
    usize::try_from(count.expect("a count")).expect("it is one")
}

#[test]
fn effects_on_the_embedded_engine() {
    for effect in EFFECTS {
        for point in POINTS {
            let ledger = Ledger::open();
            let folder = prepare(&format!("crash-{effect:?}-{point:?}"), effect, &ledger);
            let crash = point.embedded(effect);
            let run = ["run", "w.citadel", "--id", "r", "--allow-private-network"];
            let first = folder.citadel_with(&[DB, ("CITADEL_CRASH", &crash)], &run);
            assert_eq!(first.code, -1, "{effect:?} {point:?}: it comes by\n{}", first.stderr);
            let resume = ["resume", "r", "--allow-private-network"];
            let ended = folder.citadel_with(&[DB], &resume);
            effect.holds(point, "embedded", &ended, &ledger, effect.count(&ledger, &folder));
        }
    }
}

#[cfg(feature = "temporal")]
#[test]
fn effects_on_temporal() {
    let server = crate::temporal_server::Server::own("crash-points");
    std::thread::scope(|scope| {
        for effect in EFFECTS {
            for point in POINTS {
                let address = server.address();
                scope.spawn(move || on_temporal(&address, effect, point));
            }
        }
    });
}

#[cfg(feature = "temporal")]
fn on_temporal(address: &str, effect: Effect, point: Point) {
    let ledger = Ledger::open();
    let name = format!("crash-points-{effect:?}-{point:?}");
    let folder = prepare(&name, effect, &ledger);
    let own = [DB, ("CITADEL_TEMPORAL_ADDRESS", address), ("CITADEL_TEMPORAL_TASK_QUEUE", name.as_str())];
    let worker = ["worker", "w.citadel", "--allow-private-network"];
    let crash = [("CITADEL_CRASH", point.temporal())];
    let first = Beside::start_with(&folder, &[&own[..], &crash].concat(), &worker);
    let waiting = Beside::start_with(&folder, &own, &["start", "w", "--id", &name, "--wait"]);
    assert_eq!(first.end().code, -1, "{effect:?} {point:?}: it comes by");
    let _second = Beside::start_with(&folder, &own, &worker);
    let ended = waiting.end();
    effect.holds(point, "Temporal", &ended, &ledger, effect.count(&ledger, &folder));
}
