//! A journal with more than one process: some are killed, some have a disk that fails.

use std::fs;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use citadel::driver::embedded::journal::{Access, Health, Journal, JournalError, Message, Options};

use crate::journal_rig::{Process, Scratch, append, begin, disk, nothing, record, texts, wait};

/// What another process does; a test only because this program is there to be started.
#[test]
#[ignore = "a part of the other tests"]
fn part() {
    let Ok(part) = std::env::var("JOURNAL_PART") else { return };
    let folder = PathBuf::from(std::env::var("JOURNAL_FOLDER").expect("a folder"));
    wait(async {
        match part.as_str() {
            "own" => own(&folder).await,
            "post" => post(&folder).await,
            "append on and on" => append_on_and_on(&folder).await,
            "go on after a fatal error" => go_on(&folder).await,
            run => append_when_told(&folder, run).await,
        }
    });
}

fn say(what: impl std::fmt::Display) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "@{what}").and_then(|()| output.flush()).expect("somebody listens");
}

fn listen() {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).expect("somebody speaks");
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, Access::Write).expect("a journal")
}

async fn own(folder: &Path) {
    let journal = open(folder);
    begin(&journal, "a").await;
    append(&journal, "a", 1, &["one"]).await.expect("appended");
    say("owned");
    listen();
}

async fn post(folder: &Path) {
    let message = Message { payload: b"hello".to_vec() };
    open(folder).post("a", message).await.expect("posted");
    say("posted");
}

async fn append_on_and_on(folder: &Path) {
    let journal = open(folder);
    begin(&journal, "a").await;
    // Several at a time, so that there is always something half done.
    for number in (0_u32..).step_by(4) {
        let acks: Vec<_> = (number..number + 4)
            .map(|number| journal.append("a", 1, vec![record(&number.to_string())], nothing()))
            .collect();
        for ack in acks {
            ack.await.expect("appended");
        }
        say(number + 4);
    }
}

async fn append_when_told(folder: &Path, run: &str) {
    let journal = open(folder);
    begin(&journal, run).await;
    say("ready");
    listen();
    let ack = journal.append(run, 1, vec![record("one")], nothing());
    let told = journal.clone();
    if std::env::var("DISK_SHIM").is_ok() {
        std::thread::spawn(move || {
            while told.health() == Health::Healthy {
                std::thread::yield_now();
            }
            say("full");
        });
    }
    ack.await.expect("appended");
    say("appended");
    for number in 0..100 {
        append(&journal, run, 1, &[&number.to_string()]).await.expect("appended");
    }
    say("done");
}

async fn go_on(folder: &Path) {
    let options = Options { fatal: Arc::new(|message| say(message)), ..Options::default() };
    let journal = Journal::open_with(folder, Access::Write, options).expect("a journal");
    begin(&journal, "a").await;
    say("ready");
    listen();
    let refused = append(&journal, "a", 1, &["one"]).await;
    say(matches!(refused, Err(JournalError::Closed)));
    fs::remove_file(PathBuf::from(std::env::var("DISK_SHIM").expect("a disk")).join("no-sync"))
        .expect("mended");
    let refused = append(&journal, "a", 1, &["two"]).await;
    say(matches!(refused, Err(JournalError::Closed)));
}

#[test]
fn the_runs_of_a_killed_process_can_be_claimed() {
    let scratch = Scratch::new("killed");
    let mut owner = Process::start("own", &scratch.journal(), None);
    assert_eq!(owner.hear().as_deref(), Some("owned"));
    wait(async {
        let journal = scratch.open();
        let Err(JournalError::Owned { owner: named, .. }) = journal.claim("a", false).await else {
            panic!("its owner lives")
        };
        assert!(named.starts_with("process ") && named.contains(" on "), "{named}");
        assert!(journal.open_runs().await.expect("read")[0].owner.as_ref().is_some_and(|it| it.pid != 0));
        owner.kill();
        assert!(journal.info("a").await.expect("read").expect("there").owner.is_none());
        assert_eq!(journal.claim("a", false).await.expect("claimed"), 2);
        assert_eq!(texts(&journal, "a").await.expect("loaded"), ["one"]);
        drop(scratch.open());
        let locks = fs::read_dir(scratch.journal().join("owners")).expect("a folder").count();
        assert_eq!(locks, 1, "only the living one's is left");
    });
}

#[test]
fn a_run_can_be_taken_over_from_a_living_process() {
    let scratch = Scratch::new("take-over");
    let mut owner = Process::start("a", &scratch.journal(), None);
    assert_eq!(owner.hear().as_deref(), Some("ready"));
    wait(async {
        let journal = scratch.open();
        assert_eq!(journal.claim("a", true).await.expect("taken"), 2);
        append(&journal, "a", 2, &["mine"]).await.expect("appended");
        owner.go();
        assert_eq!(owner.hear(), None, "it is refused, and fails");
        assert!(!owner.ended().success());
        assert_eq!(texts(&journal, "a").await.expect("loaded"), ["mine"]);
    });
}

#[test]
fn processes_share_a_journal() {
    let scratch = Scratch::new("shared");
    let mut processes: Vec<Process> =
        ["a", "b", "c"].iter().map(|run| Process::start(run, &scratch.journal(), None)).collect();
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("ready"));
    }
    processes.iter_mut().for_each(Process::go);
    for process in &mut processes {
        assert_eq!(process.hear().as_deref(), Some("appended"));
        assert_eq!(process.hear().as_deref(), Some("done"));
    }
    wait(async {
        let journal = scratch.open();
        for run in ["a", "b", "c"] {
            assert_eq!(texts(&journal, run).await.expect("loaded").len(), 101);
        }
        assert!(journal.check().await.expect("checked").is_clean());
    });
}

#[test]
fn a_message_comes_from_another_process() {
    let scratch = Scratch::new("posted");
    wait(async {
        let journal = scratch.open();
        begin(&journal, "a").await;
        while journal.changed() {}
        let mut other = Process::start("post", &scratch.journal(), None);
        assert_eq!(other.hear().as_deref(), Some("posted"));
        assert!(journal.changed());
        assert_eq!(journal.inbox().await.expect("read")[0].2.payload, b"hello");
    });
}

#[test]
fn what_was_acknowledged_survives_kill() {
    let scratch = Scratch::new("kill");
    let mut process = Process::start("append on and on", &scratch.journal(), None);
    let acknowledged = (0..25).filter_map(|_| process.hear()).last().expect("it appends");
    process.kill();
    expect_all(&scratch, &acknowledged);
}

/// All that was acknowledged is there, in order, and nothing is broken.
fn expect_all(scratch: &Scratch, acknowledged: &str) {
    let acknowledged: usize = acknowledged.parse().expect("a number");
    wait(async {
        let journal = scratch.open();
        let found = texts(&journal, "a").await.expect("loaded");
        assert!(found.len() >= acknowledged, "{} of {acknowledged} are there", found.len());
        assert!(found.iter().enumerate().all(|(place, text)| *text == place.to_string()));
        assert!(journal.check().await.expect("checked").is_clean());
    });
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let scratch = Scratch::new("power");
    let disk = disk(&scratch);
    fs::create_dir(disk.join("undo")).expect("a folder");
    let mut process = Process::start("append on and on", &scratch.journal(), Some(&disk));
    let acknowledged = (0..25).filter_map(|_| process.hear()).last().expect("it appends");
    process.kill();
    for name in ["journal.db", "journal.db-wal"] {
        put_back(&scratch.journal().join(name), &disk.join("undo").join(name));
    }
    // Shared memory doesn't survive either.
    let _ = fs::remove_file(scratch.journal().join("journal.db-shm"));
    expect_all(&scratch, &acknowledged);
}

/// Takes back what was written and never synced, the last first.
fn put_back(file: &Path, kept: &Path) {
    use std::os::unix::fs::FileExt;

    let kept = fs::read(kept).expect("the disk keeps what was there");
    let number = |at: usize| u64::from_le_bytes(kept[at..at + 8].try_into().expect("8 bytes"));
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < kept.len() {
        let old = number(at + 8) as usize;
        pieces.push((number(at), number(at + 16), &kept[at + 24..at + 24 + old]));
        at += 24 + old;
    }
    let file = fs::OpenOptions::new().write(true).open(file).expect("a file");
    for (offset, length, bytes) in pieces.into_iter().rev() {
        file.write_all_at(bytes, offset).expect("put back");
        file.set_len(length).expect("cut");
    }
}

#[test]
fn a_disk_that_cannot_sync_ends_the_process() {
    let scratch = Scratch::new("sync");
    let disk = disk(&scratch);
    let mut process = Process::start("a", &scratch.journal(), Some(&disk));
    assert_eq!(process.hear().as_deref(), Some("ready"));
    fs::write(disk.join("no-sync"), "").expect("told");
    process.go();
    assert_eq!(process.hear(), None, "nothing is acknowledged");
    assert_eq!(process.ended().code(), Some(3));
    wait(async {
        let journal = scratch.open();
        assert_eq!(journal.claim("a", false).await.expect("claimed"), 2);
        assert!(journal.check().await.expect("checked").is_clean());
    });
}

#[test]
fn a_disk_that_cannot_sync_is_never_asked_again() {
    let scratch = Scratch::new("fatal");
    let disk = disk(&scratch);
    let mut process = Process::start("go on after a fatal error", &scratch.journal(), Some(&disk));
    assert_eq!(process.hear().as_deref(), Some("ready"));
    fs::write(disk.join("no-sync"), "").expect("told");
    process.go();
    let said = process.hear().expect("the hook is called");
    assert_eq!(said, JournalError::NotDurable.to_string());
    assert_eq!(process.hear().as_deref(), Some("true"), "what was given is not acknowledged");
    assert_eq!(process.hear().as_deref(), Some("true"), "nor is anything later, though the disk is mended");
}

#[test]
fn a_disk_that_cannot_sync_is_not_opened() {
    let scratch = Scratch::new("sync-open");
    let disk = disk(&scratch);
    fs::write(disk.join("no-sync"), "").expect("told");
    let mut process = Process::start("a", &scratch.journal(), Some(&disk));
    assert_eq!(process.hear(), None);
    assert_eq!(process.ended().code(), Some(3));
}

#[test]
fn a_disk_without_room_is_waited_for() {
    let scratch = Scratch::new("room");
    let disk = disk(&scratch);
    let mut process = Process::start("a", &scratch.journal(), Some(&disk));
    assert_eq!(process.hear().as_deref(), Some("ready"));
    fs::write(disk.join("full"), "").expect("told");
    process.go();
    assert_eq!(process.hear().as_deref(), Some("full"));
    fs::remove_file(disk.join("full")).expect("told");
    assert_eq!(process.hear().as_deref(), Some("appended"));
    assert_eq!(process.hear().as_deref(), Some("done"));
    assert!(process.ended().success());
    wait(async { assert_eq!(texts(&scratch.open(), "a").await.expect("loaded").len(), 101) });
}
