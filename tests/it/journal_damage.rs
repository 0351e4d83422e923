//! A journal that was damaged, or isn't one: what is wrong is found, and nothing wrong is ever given.

use std::fs;
use std::path::Path;

use citadel::driver::embedded::journal::{Access, Broken, Journal, JournalError, Message, VERSION};

use crate::journal_rig::{Scratch, append, begin, end, nothing, record, texts, wait};

/// A closed journal with two runs of three records, one of them ended.
async fn two_runs(scratch: &Scratch) {
    let journal = scratch.open();
    for id in ["a", "b"] {
        let epoch = begin(&journal, id).await;
        append(&journal, id, epoch, &["one", "two", "three"]).await.expect("appended");
    }
    journal.append("b", 1, Vec::new(), end(9)).await.expect("ended");
    journal.close().await.expect("closed");
}

/// What a change by hand does to run `a`, while `b` stays as it is.
fn damaged(name: &str, sql: &str) -> (Option<u64>, Vec<Broken>) {
    let scratch = Scratch::new(name);
    wait(async {
        two_runs(&scratch).await;
        assert_eq!(scratch.raw().execute(sql, []).expect("damaged"), 1, "{sql}");
        let journal = scratch.open();
        let seq = match journal.load("a", false).await {
            Err(JournalError::Corrupt { run, seq }) if run == "a" => seq,
            other => panic!("{sql}: {other:?}"),
        };
        assert_eq!(texts(&journal, "b").await.expect("not affected"), ["one", "two", "three"]);
        let report = journal.check().await.expect("checked");
        assert!(!report.is_clean());
        (seq, report.broken)
    })
}

#[test]
fn a_changed_record_is_found() {
    let (seq, broken) =
        damaged("changed", "UPDATE records SET payload = CAST('TWO' AS BLOB) WHERE run = 1 AND seq = 2");
    assert_eq!(seq, Some(2));
    let reason = "run `a` is damaged at record 2".to_owned();
    assert_eq!(broken, [Broken { run: "a".to_owned(), seq: Some(2), reason }]);
}

#[test]
fn a_missing_record_is_found_wherever_it_was() {
    assert_eq!(damaged("first", "DELETE FROM records WHERE run = 1 AND seq = 1").0, Some(1));
    assert_eq!(damaged("middle", "DELETE FROM records WHERE run = 1 AND seq = 2").0, Some(2));
    assert_eq!(damaged("last", "DELETE FROM records WHERE run = 1 AND seq = 3").0, Some(3));
    assert_eq!(damaged("header", "DELETE FROM records WHERE run = 1 AND seq = 0").0, Some(0));
}

#[test]
fn every_other_part_of_a_record_counts() {
    assert_eq!(damaged("kind", "UPDATE records SET kind = 8 WHERE run = 1 AND seq = 1").0, Some(1));
    assert_eq!(damaged("wide", "UPDATE records SET kind = 4711 WHERE run = 1 AND seq = 1").0, Some(1));
    assert_eq!(damaged("time", "UPDATE records SET at = 1 WHERE run = 1 AND seq = 3").0, Some(3));
    assert_eq!(damaged("link", "UPDATE records SET link = x'00' WHERE run = 1 AND seq = 2").0, Some(2));
    let foreign =
        "UPDATE records SET (payload, link) = (SELECT payload, link FROM records WHERE run = 2 AND seq = 2)
                   WHERE run = 1 AND seq = 2";
    assert_eq!(damaged("foreign", foreign).0, Some(2));
}

#[test]
fn what_a_run_started_with_counts() {
    assert_eq!(damaged("workflow", "UPDATE runs SET workflow = 'x' WHERE id = 'a'").0, Some(0));
    assert_eq!(damaged("status", "UPDATE runs SET status = 'x' WHERE id = 'a'").0, None);
    assert_eq!(damaged("half-ended", "UPDATE runs SET ended_at = 5 WHERE id = 'a'").0, None);
}

#[test]
fn a_changed_outcome_is_found() {
    let scratch = Scratch::new("outcome");
    wait(async {
        two_runs(&scratch).await;
        scratch.raw().execute("UPDATE runs SET outcome = x'00' WHERE id = 'b'", []).expect("damaged");
        let journal = scratch.open();
        assert!(matches!(journal.info("b").await, Err(JournalError::Corrupt { .. })));
        let listed: Vec<String> = journal.runs().await.expect("read").into_iter().map(|run| run.id).collect();
        assert_eq!(listed, ["a"], "the others are listed");
        assert_eq!(journal.check().await.expect("checked").broken.len(), 1);
    });
}

#[test]
fn a_changed_plan_is_found() {
    let scratch = Scratch::new("plan");
    wait(async {
        two_runs(&scratch).await;
        scratch.raw().execute("UPDATE plans SET bytes = x'00'", []).expect("damaged");
        let loaded = scratch.open().load("a", false).await;
        assert!(matches!(loaded, Err(JournalError::Corrupt { seq: None, .. })));
    });
}

#[test]
fn a_changed_message_is_not_given() {
    let scratch = Scratch::new("message");
    wait(async {
        let journal = scratch.open();
        begin(&journal, "a").await;
        for payload in [b"one".to_vec(), b"two".to_vec()] {
            journal.post("a", Message { payload }).await.expect("posted");
        }
        scratch.raw().execute("UPDATE inbox SET payload = x'00' WHERE row = 1", []).expect("damaged");
        let left: Vec<Vec<u8>> =
            journal.inbox().await.expect("read").into_iter().map(|(_, _, message)| message.payload).collect();
        assert_eq!(left, [b"two"]);
        let broken = journal.check().await.expect("checked").broken;
        assert_eq!(broken[0].reason, "a message for run `a` is damaged");
    });
}

#[test]
fn wherever_a_byte_flips_nothing_wrong_is_given() {
    let scratch = Scratch::new("flips");
    wait(async {
        two_runs(&scratch).await;
        let database = scratch.journal().join("journal.db");
        let whole = fs::read(&database).expect("a database");
        let journal = scratch.open();
        let right =
            [journal.load("a", true).await.expect("whole"), journal.load("b", true).await.expect("whole")];
        journal.close().await.expect("closed");
        let mut found = 0;
        for place in (0..whole.len()).filter(|place| whole[*place] != 0 || place % 97 == 0) {
            let mut flipped = whole.clone();
            flipped[place] ^= 1 << (place % 8);
            fs::write(&database, &flipped).expect("written");
            let Ok(journal) = Journal::open(&scratch.journal(), Access::Write) else {
                found += 1;
                continue;
            };
            for right in &right {
                match journal.load(&right.info.id, true).await {
                    Err(_) => found += 1,
                    Ok(given) => {
                        assert_eq!(given.records, right.records, "byte {place}");
                        assert_eq!((given.header, given.plan), (right.header.clone(), right.plan.clone()));
                        assert_eq!(given.info.outcome, right.info.outcome, "byte {place}");
                    }
                }
            }
        }
        assert!(found > 100, "{found} faults were found");
    });
}

#[test]
fn a_database_that_was_cut_gives_nothing_wrong() {
    let scratch = Scratch::new("cut");
    wait(async {
        two_runs(&scratch).await;
        let database = scratch.journal().join("journal.db");
        let whole = fs::read(&database).expect("a database");
        for length in (1..whole.len()).step_by(1_777) {
            fs::write(&database, &whole[..length]).expect("cut");
            let Ok(journal) = Journal::open(&scratch.journal(), Access::Write) else { continue };
            if let Ok(found) = texts(&journal, "a").await {
                assert_eq!(found, ["one", "two", "three"], "cut to {length}");
            }
        }
    });
}

/// Copies the files of an open journal, as a crash would leave them.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).expect("a folder");
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(from.join(name), to.join(name)).expect("copied");
    }
}

#[test]
fn a_log_that_was_cut_gives_the_records_before_the_cut() {
    let scratch = Scratch::new("log");
    let copied = scratch.path().join("copied");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        let all: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        for text in &all {
            journal.append("a", epoch, vec![record(text)], nothing()).await.expect("appended");
        }
        let (mut least, mut most) = (all.len(), 0);
        let length = fs::metadata(scratch.journal().join("journal.db-wal")).expect("a log").len();
        for cut in (0..=length).rev().step_by(3_001) {
            copy(&scratch.journal(), &copied);
            let log = fs::OpenOptions::new().write(true).open(copied.join("journal.db-wal")).expect("a log");
            log.set_len(cut).expect("cut");
            let Ok(torn) = Journal::open(&copied, Access::Write) else { continue };
            let Ok(found) = texts(&torn, "a").await else { continue };
            assert_eq!(found, all[..found.len()], "cut at {cut}");
            assert!(torn.check().await.expect("checked").is_clean());
            (least, most) = (least.min(found.len()), most.max(found.len()));
        }
        assert_eq!((least, most), (0, 20));
    });
}

#[test]
fn what_is_no_journal_is_said_in_one_sentence() {
    let scratch = Scratch::new("paths");
    let refused =
        |path: &Path| Journal::open(path, Access::Write).map(drop).expect_err("no journal").to_string();
    let path = |name: &str| scratch.path().join(name);
    fs::write(path("file"), "text").expect("written");
    assert!(refused(&path("file")).ends_with("file` is a file, and the journal needs a folder"));
    assert!(refused(&path("file/inside")).ends_with("is a file, and the journal needs a folder"));
    assert!(refused(&path("nowhere/inside")).starts_with("there is no folder `"));
    fs::create_dir_all(path("folder/journal.db")).expect("a folder");
    assert!(refused(&path("folder")).ends_with("journal.db` is not a journal"));
    for (name, garbage) in [("text", b"not a database at all\n".repeat(300)), ("zeros", vec![0; 8192])] {
        fs::create_dir_all(path(name)).expect("a folder");
        fs::write(path(name).join("journal.db"), garbage).expect("written");
        assert!(refused(&path(name)).ends_with("journal.db` is not a journal"), "{}", refused(&path(name)));
    }
    fs::create_dir_all(path("other")).expect("a folder");
    let other = rusqlite::Connection::open(path("other").join("journal.db")).expect("a database");
    other.execute_batch("CREATE TABLE notes (text)").expect("a table");
    assert!(refused(&path("other")).ends_with("journal.db` is not a journal"));
}

#[test]
fn a_newer_journal_can_be_read_but_not_written() {
    let scratch = Scratch::new("newer");
    wait(async {
        two_runs(&scratch).await;
        scratch.raw().pragma_update(None, "user_version", VERSION + 1).expect("changed");
        let refused = Journal::open(&scratch.journal(), Access::Write).expect_err("it is newer");
        assert!(matches!(refused, JournalError::NewerVersion { found, known } if found == known + 1));
        assert_eq!(refused.to_string(), "the journal has version 2, and this program writes version 1");
        let reader = Journal::open(&scratch.journal(), Access::Read).expect("it can be read");
        assert_eq!(texts(&reader, "a").await.expect("loaded"), ["one", "two", "three"]);
    });
}

#[test]
fn a_migration_happens_once_however_many_open_it() {
    let scratch = Scratch::new("migrate");
    std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| scratch.open())).collect();
        for opened in opening {
            opened.join().expect("opened");
        }
    });
    wait(two_runs(&scratch));
}
