//! The journal by itself: what it keeps, in which order, for whom, and what it lets go.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use citadel::driver::embedded::journal::{
    Access, Created, Health, Journal, JournalError, Message, Options, Record, RunChange,
};
use citadel::engine::machine::Status;

use crate::journal_rig::{Scratch, append, begin, end, new_run, nothing, record, texts, wait};

#[test]
fn a_run_comes_back_as_it_was_written() {
    let scratch = Scratch::new("round-trip");
    wait(async {
        let journal = scratch.open();
        let mut run = new_run("a");
        run.parent = Some("starter".to_owned());
        run.records = vec![record("started")];
        assert!(matches!(journal.create(run).await, Ok(Created::New(1))));
        let change = RunChange { status: Some(Status::Running), wake_at: Some(Some(9_000)), ended: None };
        journal.append("a", 1, vec![record("one"), record("")], change).await.expect("appended");
        journal.close().await.expect("closed");

        let recovered = scratch.open().load("a", false).await.expect("loaded");
        assert_eq!(recovered.header, b"the header of a");
        assert_eq!(recovered.plan, b"the plan");
        assert_eq!(recovered.records, [record("started"), record("one"), record("")]);
        let info = recovered.info;
        assert_eq!((info.status, info.wake_at, info.started_at), (Status::Running, Some(9_000), 1_000));
        assert_eq!((info.parent.as_deref(), info.workflow.as_str()), (Some("starter"), "order"));
        assert_eq!((info.owner, info.outcome), (None, None), "its owner has gone");
    });
}

#[test]
fn a_second_run_of_an_id_is_the_first() {
    let scratch = Scratch::new("twice");
    wait(async {
        let journal = scratch.open();
        begin(&journal, "a").await;
        let mut again = new_run("a");
        again.workflow = "another".to_owned();
        let Ok(Created::Exists(info)) = journal.create(again).await else { panic!("it exists") };
        assert_eq!(info.workflow, "order");
        assert_eq!(info.owner.map(|owner| owner.pid), Some(std::process::id()));
    });
}

#[test]
fn what_is_appended_without_waiting_keeps_its_order() {
    let scratch = Scratch::new("order");
    wait(async {
        let journal = scratch.open();
        let epochs = [begin(&journal, "a").await, begin(&journal, "b").await];
        let acks: Vec<_> = (0..500)
            .map(|number: usize| {
                let run = ["a", "b"][number % 2];
                journal.append(run, epochs[number % 2], vec![record(&number.to_string())], nothing())
            })
            .collect();
        for ack in acks {
            ack.await.expect("appended");
        }
        let even: Vec<String> = (0..500).step_by(2).map(|number| number.to_string()).collect();
        assert_eq!(texts(&journal, "a").await.expect("loaded"), even);
        assert_eq!(texts(&journal, "b").await.expect("loaded").len(), 250);
    });
}

#[test]
fn an_older_epoch_is_refused_and_others_of_its_group_are_not() {
    let scratch = Scratch::new("fence");
    wait(async {
        let (first, second) = (scratch.open(), scratch.open());
        begin(&first, "a").await;
        begin(&first, "b").await;
        assert!(matches!(second.claim("a", false).await, Err(JournalError::Owned { .. })));
        assert_eq!(second.claim("a", true).await.expect("taken over"), 2);

        let late = first.append("a", 1, vec![record("late")], nothing());
        let other = first.append("b", 1, vec![record("fine")], nothing());
        assert!(matches!(late.await, Err(JournalError::Fenced { epoch: 1, current: 2, .. })));
        other.await.expect("appended");
        append(&second, "a", 2, &["now"]).await.expect("appended");
        assert_eq!(texts(&first, "a").await.expect("loaded"), ["now"]);
        let refused = first.snapshot("a", 1, 1, b"old".to_vec()).await;
        assert!(matches!(refused, Err(JournalError::Fenced { .. })));
        first.release("a", 1).await.expect("nothing to give up");
        assert!(second.info("a").await.expect("read").expect("there").owner.is_some());
    });
}

#[test]
fn a_run_without_an_owner_can_be_claimed() {
    let scratch = Scratch::new("claim");
    wait(async {
        let (first, second) = (scratch.open(), scratch.open());
        let epoch = begin(&first, "a").await;
        let parked = RunChange { status: Some(Status::Parked), ..nothing() };
        first.append("a", epoch, Vec::new(), parked).await.expect("parked");
        first.release("a", epoch).await.expect("released");
        assert_eq!(second.claim("a", false).await.expect("claimed"), 2);
        assert_eq!(second.claim("a", false).await.expect("one's own can be claimed"), 3);
        assert_eq!(second.info("a").await.expect("read").expect("there").status, Status::Running);
        second.close().await.expect("closed");
        assert_eq!(first.claim("a", false).await.expect("claimed"), 4);
        let unknown = first.claim("z", false).await;
        assert!(matches!(unknown, Err(JournalError::UnknownRun(run)) if run == "z"));
    });
}

#[test]
fn a_run_that_ended_takes_nothing_more() {
    let scratch = Scratch::new("ended");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        let half = RunChange { status: Some(Status::Failed), ..nothing() };
        let refused = journal.append("a", epoch, vec![record("x")], half).await;
        assert!(matches!(refused, Err(JournalError::HalfEnded { .. })));
        journal.append("a", epoch, vec![record("last")], end(2_000)).await.expect("ended");

        let ended = |result| matches!(result, Err(JournalError::Ended { status: Status::Completed, .. }));
        assert!(ended(append(&journal, "a", epoch, &["more"]).await));
        assert!(ended(journal.claim("a", true).await.map(drop)));
        assert!(ended(journal.post("a", Message { payload: vec![1] }).await));
        let info = journal.info("a").await.expect("read").expect("there");
        assert_eq!((info.status, info.ended_at, info.owner), (Status::Completed, Some(2_000), None));
        assert_eq!(info.outcome.as_deref(), Some(b"done".as_slice()));
        assert!(journal.open_runs().await.expect("read").is_empty());
    });
}

#[test]
fn a_message_goes_with_the_record_that_consumes_it_and_only_once() {
    let scratch = Scratch::new("inbox");
    wait(async {
        let (owner, other) = (scratch.open(), scratch.open());
        let epoch = begin(&owner, "a").await;
        begin(&other, "b").await;
        assert!(owner.changed(), "there is something new");
        assert!(!owner.changed(), "and nothing since");
        other.post("a", Message { payload: b"one".to_vec() }).await.expect("posted");
        other.post("a", Message { payload: b"two".to_vec() }).await.expect("posted");
        other.post("b", Message { payload: b"not mine".to_vec() }).await.expect("posted");
        assert!(owner.changed());

        let waiting = owner.inbox().await.expect("read");
        let said: Vec<&[u8]> = waiting.iter().map(|(_, _, message)| message.payload.as_slice()).collect();
        assert_eq!(said, [b"one", b"two"]);
        let row = waiting[0].1;
        let taking = || Record { consumes: Some(row), ..record("took one") };
        owner.append("a", epoch, vec![taking()], nothing()).await.expect("appended");
        let again = owner.append("a", epoch, vec![record("before"), taking()], nothing());
        let beside = owner.append("a", epoch, vec![record("beside")], nothing());
        assert!(matches!(again.await, Err(JournalError::MessageGone { .. })));
        beside.await.expect("appended");
        assert_eq!(texts(&owner, "a").await.expect("loaded"), ["took one", "beside"]);
        assert_eq!(owner.inbox().await.expect("read").len(), 1);
        let foreign = other.inbox().await.expect("read")[0].1;
        let theft = Record { consumes: Some(foreign), ..record("theft") };
        let refused = owner.append("a", epoch, vec![theft], nothing()).await;
        assert!(matches!(refused, Err(JournalError::MessageGone { .. })));
    });
}

#[test]
fn a_snapshot_saves_reading_what_is_before_it() {
    let scratch = Scratch::new("snapshot");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        append(&journal, "a", epoch, &["one", "two"]).await.expect("appended");
        journal.snapshot("a", epoch, 1, b"after one".to_vec()).await.expect("kept");
        journal.snapshot("a", epoch, 2, b"after two".to_vec()).await.expect("kept");
        journal.snapshot("a", epoch, 99, b"beside nothing".to_vec()).await.expect("passed over");
        append(&journal, "a", epoch, &["three"]).await.expect("appended");

        let recovered = journal.load("a", false).await.expect("loaded");
        assert_eq!(recovered.snapshot, Some((2, b"after two".to_vec())));
        assert_eq!(recovered.records, [record("three")]);
        let all = journal.load("a", true).await.expect("loaded");
        assert_eq!((all.snapshot, all.records.len()), (None, 3));

        scratch.raw().execute("UPDATE snapshots SET bytes = x'00'", []).expect("damaged");
        let recovered = journal.load("a", false).await.expect("loaded");
        assert_eq!((recovered.snapshot, recovered.records.len()), (None, 3), "it is only a cache");
    });
}

#[test]
fn empty_and_huge_records_are_kept() {
    let scratch = Scratch::new("sizes");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        let huge = Record { payload: vec![0xa5; 1 << 20], ..record("") };
        journal.append("a", epoch, Vec::new(), nothing()).await.expect("nothing appended");
        let records = vec![record(""), huge.clone(), huge, record("end")];
        journal.append("a", epoch, records.clone(), nothing()).await.expect("appended");
        assert_eq!(journal.load("a", false).await.expect("loaded").records, records);
        assert!(journal.check().await.expect("checked").is_clean());
    });
}

#[test]
fn runs_are_listed_newest_first() {
    let scratch = Scratch::new("list");
    wait(async {
        let journal = scratch.open();
        for (id, started_at) in [("b", 2), ("c", 3), ("a", 1)] {
            let run = citadel::driver::embedded::journal::NewRun { started_at, ..new_run(id) };
            journal.create(run).await.expect("created");
        }
        journal.append("b", 1, Vec::new(), end(5)).await.expect("ended");
        let ids = |runs: Vec<citadel::driver::embedded::journal::RunInfo>| -> Vec<String> {
            runs.into_iter().map(|run| run.id).collect()
        };
        assert_eq!(ids(journal.runs().await.expect("read")), ["c", "b", "a"]);
        assert_eq!(ids(journal.open_runs().await.expect("read")), ["a", "c"]);
        assert!(journal.info("z").await.expect("read").is_none());
    });
}

#[test]
fn pruning_keeps_open_runs_their_children_and_shared_plans() {
    let scratch = Scratch::new("prune");
    wait(async {
        let journal = scratch.open();
        let alone =
            citadel::driver::embedded::journal::NewRun { plan_hash: "plan-2".to_owned(), ..new_run("alone") };
        journal.create(alone).await.expect("created");
        for id in ["open", "old", "young"] {
            begin(&journal, id).await;
        }
        let child = citadel::driver::embedded::journal::NewRun {
            parent: Some("open".to_owned()),
            ..new_run("child")
        };
        journal.create(child).await.expect("created");
        for (id, at) in [("old", 100), ("alone", 100), ("child", 100), ("young", 900)] {
            journal.append(id, 1, vec![record("x")], end(at)).await.expect("ended");
        }
        assert_eq!(journal.prune(500).await.expect("pruned"), 2);
        assert_eq!(journal.prune(500).await.expect("pruned"), 0);
        for id in ["open", "young", "child"] {
            assert_eq!(journal.load(id, true).await.expect("kept").plan, b"the plan");
        }
        assert!(matches!(journal.load("old", true).await, Err(JournalError::UnknownRun(_))));
        let count = |sql| scratch.raw().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
        assert_eq!(count("SELECT count(*) FROM plans"), 1);
        assert_eq!(count("SELECT count(*) FROM records"), 5);
        begin(&journal, "old").await;
    });
}

#[test]
fn a_backup_can_be_opened_and_is_clean() {
    let scratch = Scratch::new("backup");
    let (folder, copy) = (scratch.path().join("copy"), scratch.path().join("copy/journal.db"));
    std::fs::create_dir(&folder).expect("a folder");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        append(&journal, "a", epoch, &["one"]).await.expect("appended");
        let later: Vec<_> =
            (0..100).map(|_| journal.append("a", epoch, vec![record("later")], nothing())).collect();
        journal.backup(&copy).await.expect("copied");
        for ack in later {
            ack.await.expect("appended");
        }
        assert!(matches!(journal.backup(&copy).await, Err(JournalError::Occupied { .. })));

        let copied = Journal::open(&folder, Access::Write).expect("a journal");
        let report = copied.check().await.expect("checked");
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(texts(&copied, "a").await.expect("loaded")[0], "one");
        assert_eq!(copied.claim("a", false).await.expect("nobody has the copy"), 2);
        append(&journal, "a", epoch, &["on"]).await.expect("the copy is another journal");
    });
}

#[test]
fn a_full_disk_answers_nothing_and_goes_on_by_itself() {
    let scratch = Scratch::new("full");
    let limit = Arc::new(AtomicU32::new(1_000_000));
    let options = Options { page_limit: Some(Arc::clone(&limit)), ..Options::default() };
    wait(async {
        let journal = Journal::open_with(&scratch.journal(), Access::Write, options).expect("a journal");
        let epoch = begin(&journal, "a").await;
        limit.store(1, Ordering::Release);
        let big = Record { payload: vec![1; 100_000], ..record("") };
        let mut held = journal.append("a", epoch, vec![big], nothing());
        let behind = journal.append("a", epoch, vec![record("behind")], nothing());
        while journal.health() == Health::Healthy {
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            answer = &mut held => panic!("answered without room: {answer:?}"),
            () = std::future::ready(()) => {}
        }
        assert!(texts(&journal, "a").await.expect("it can be read").is_empty());
        limit.store(1_000_000, Ordering::Release);
        held.await.expect("appended");
        behind.await.expect("appended");
        assert_eq!(journal.health(), Health::Healthy);
        assert_eq!(texts(&journal, "a").await.expect("loaded").len(), 2);
    });
}

#[test]
fn a_full_disk_does_not_keep_a_journal_from_closing() {
    let scratch = Scratch::new("full-close");
    let limit = Arc::new(AtomicU32::new(1_000_000));
    let options = Options { page_limit: Some(Arc::clone(&limit)), ..Options::default() };
    wait(async {
        let journal = Journal::open_with(&scratch.journal(), Access::Write, options).expect("a journal");
        let epoch = begin(&journal, "a").await;
        limit.store(1, Ordering::Release);
        let big = Record { payload: vec![1; 100_000], ..record("") };
        let held = journal.append("a", epoch, vec![big], nothing());
        let clone = journal.clone();
        journal.close().await.expect("closed");
        assert!(matches!(held.await, Err(JournalError::DiskFull)));
        assert!(matches!(append(&clone, "a", epoch, &["x"]).await, Err(JournalError::Closed)));
        assert!(matches!(clone.post("a", Message { payload: vec![] }).await, Err(JournalError::Closed)));
    });
}

#[test]
fn what_is_queued_is_written_when_the_last_clone_goes() {
    let scratch = Scratch::new("drop");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        let acks: Vec<_> =
            (0..50).map(|_| journal.append("a", epoch, vec![record("x")], nothing())).collect();
        drop(journal);
        for ack in acks {
            ack.await.expect("appended");
        }
        assert_eq!(scratch.open().claim("a", false).await.expect("free"), 2);
    });
}

#[test]
fn the_log_is_copied_into_the_database_beside_the_writing() {
    let scratch = Scratch::new("checkpoint");
    wait(async {
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        let big = Record { payload: vec![3; 1 << 20], ..record("") };
        for _ in 0..40 {
            journal.append("a", epoch, vec![big.clone()], nothing()).await.expect("appended");
        }
        let database = scratch.journal().join("journal.db");
        while std::fs::metadata(&database).expect("a file").len() < 16 << 20 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn only_this_user_may_look_and_no_version_control_takes_it_in() {
    let scratch = Scratch::new("modes");
    let journal = scratch.open();
    let mode = |name: &str| {
        let metadata = std::fs::metadata(scratch.journal().join(name)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("owners"), mode("journal.db")), (0o700, 0o700, 0o600));
    assert_eq!(mode("journal.db-wal"), 0o600);
    assert_eq!(std::fs::read_to_string(scratch.journal().join(".gitignore")).expect("a file"), "*\n");
    drop(journal);
    let owners = std::fs::read_dir(scratch.journal().join("owners")).expect("a folder").count();
    assert_eq!(owners, 0, "an owner leaves nothing behind");
}

#[test]
fn a_journal_that_is_read_takes_nothing() {
    let scratch = Scratch::new("read");
    wait(async {
        let missing = Journal::open(&scratch.journal(), Access::Read).expect_err("there is none");
        assert!(matches!(missing, JournalError::Missing(_)));
        let journal = scratch.open();
        let epoch = begin(&journal, "a").await;
        append(&journal, "a", epoch, &["one"]).await.expect("appended");
        let reader = Journal::open(&scratch.journal(), Access::Read).expect("a journal");
        assert_eq!(texts(&reader, "a").await.expect("loaded"), ["one"]);
        assert!(matches!(reader.create(new_run("b")).await, Err(JournalError::ReadOnly)));
        assert!(matches!(append(&reader, "a", 1, &["x"]).await, Err(JournalError::ReadOnly)));
        assert!(reader.info("a").await.expect("read").expect("there").owner.is_some());
    });
}
