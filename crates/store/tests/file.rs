//! The file of a store: who may open it, what happens to it, and what is noticed.

#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use stepmill_store::sqlite::Options;
use stepmill_store::{
    Change, CommitError, Document, Entry, ExecutionRow, Health, ListExecutions, Sqlite, Store,
    StoreError, Update,
};
use tempfile::TempDir;

const HEADER: usize = 32;
const FRAME: usize = 24 + 4_096;

fn options(directory: &TempDir) -> Options {
    Options::new(directory.path().join("stepmill.db"))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

/// An execution and its first entry.
fn opening(number: u64, bytes: Vec<u8>) -> Vec<Change> {
    let row = ExecutionRow {
        number,
        scope: 1,
        name: format!("execution-{number}"),
        version: None,
        alias: None,
        update: Update {
            status: 1,
            sorted: number.cast_signed(),
            due: None,
            busy: false,
        },
        detail: Vec::new(),
    };
    let entry = Entry { turn: 0, bytes };
    let execution = number;
    vec![Change::Open(row), Change::Append { execution, entry }]
}

fn keep(store: &Sqlite, changes: Vec<Change>) {
    store.commit(changes).blocking_recv().unwrap().unwrap();
}

fn refused(options: &Options) -> StoreError {
    Sqlite::open(options).err().unwrap()
}

#[test]
fn what_was_kept_is_there_after_closing_and_no_log_is_left() {
    let directory = TempDir::new().unwrap();
    let mut options = options(&directory);
    options.path = directory.path().join("a/b/stepmill.db");
    let store = Sqlite::open(&options).unwrap();
    let receipts: Vec<_> = (1..=50)
        .map(|number| store.commit(opening(number, vec![1; 100])))
        .collect();
    // Closing keeps what has not been kept yet.
    store.close().unwrap();
    for receipt in receipts {
        receipt.blocking_recv().unwrap().unwrap();
    }
    let late = store
        .commit(opening(51, Vec::new()))
        .blocking_recv()
        .unwrap();
    assert!(matches!(late, Err(CommitError::Store(error)) if matches!(*error, StoreError::Closed)));
    assert!(matches!(store.execution(1), Err(StoreError::Closed)));
    assert!(matches!(store.forget(&[1], 9, 9), Err(StoreError::Closed)));
    store.close().unwrap();
    assert!(!beside(&options.path, "-wal").exists());

    let store = Sqlite::open(&options).unwrap();
    assert_eq!(store.count(&[1]).unwrap(), 50);
    assert_eq!(store.last_number().unwrap(), 50);
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    let store = Sqlite::open(&options).unwrap();
    keep(&store, opening(1, Vec::new()));
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let metadata = fs::metadata(beside(&options.path, suffix)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{suffix}");
    }
}

#[test]
fn one_process_owns_a_store() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    let store = Sqlite::open(&options).unwrap();
    let StoreError::InUse { owner, .. } = refused(&options) else {
        panic!("opened twice");
    };
    assert!(
        owner.starts_with(&format!("process {} on ", std::process::id())),
        "{owner}"
    );
    let checked = Sqlite::check(&options.path, |_| {});
    assert!(matches!(checked, Err(StoreError::InUse { .. })));
    drop(store);
    Sqlite::open(&options).unwrap();
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    fs::write(&options.path, "Dear diary, today I have".repeat(100)).unwrap();
    assert!(matches!(refused(&options), StoreError::NotAStore { .. }));
    assert!(
        fs::read_to_string(&options.path)
            .unwrap()
            .starts_with("Dear diary")
    );

    fs::remove_file(&options.path).unwrap();
    let other = rusqlite::Connection::open(&options.path).unwrap();
    other.execute_batch("CREATE TABLE diary (day)").unwrap();
    drop(other);
    let error = refused(&options);
    assert!(error.to_string().contains("another application"), "{error}");
}

#[test]
fn a_newer_file_is_refused() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    drop(Sqlite::open(&options).unwrap());
    let newer = rusqlite::Connection::open(&options.path).unwrap();
    newer.pragma_update(None, "user_version", 1_000).unwrap();
    drop(newer);
    let error = refused(&options);
    assert!(matches!(
        error,
        StoreError::Newer {
            found: 1_000,
            known: 1,
            ..
        }
    ));
    assert!(
        error
            .to_string()
            .contains("has schema version 1000, this Stepmill knows versions up to 1")
    );
}

#[test]
fn a_log_without_its_file_is_not_thrown_away() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    fs::write(beside(&options.path, "-wal"), "commits").unwrap();
    assert!(matches!(refused(&options), StoreError::Headless { .. }));
    assert!(beside(&options.path, "-wal").exists());
}

#[test]
fn a_full_disk_holds_commits_up_and_loses_none() {
    let directory = TempDir::new().unwrap();
    let mut options = options(&directory);
    options.max_size = Some(400_000);
    let store = Sqlite::open(&options).unwrap();
    let mut kept = 0;
    let mut waiting = loop {
        let mut receipt = store.commit(opening(kept + 1, vec![1; 50_000]));
        // Either the receipt speaks or the store says what is wrong.
        loop {
            if let Ok(outcome) = receipt.try_recv() {
                outcome.unwrap();
                kept += 1;
                break;
            }
            if store.health() != Health::Well {
                break;
            }
            std::thread::yield_now();
        }
        if store.health() != Health::Well {
            break receipt;
        }
    };
    assert!(kept > 2, "{kept}");
    let Health::Failing(why) = store.health() else {
        panic!("it is well again");
    };
    assert!(why.contains("full"), "{why}");
    assert!(waiting.try_recv().is_err());
    // Deleting does not wait: it says that it cannot be done, or is done because it needs no room.
    let behind = store.commit(opening(1_000, vec![1; 50_000]));
    for number in 1..=kept {
        assert_eq!(store.entries(number, 0, 9).unwrap().len(), 1);
    }
    assert_eq!(store.execution(kept + 1).unwrap(), None);

    store.set_max_size(None);
    waiting.blocking_recv().unwrap().unwrap();
    behind.blocking_recv().unwrap().unwrap();
    assert_eq!(store.health(), Health::Well);
    assert_eq!(store.entries(kept + 1, 0, 9).unwrap().len(), 1);
    assert_eq!(store.count(&[1]).unwrap(), kept + 2);
}

#[test]
fn closing_with_a_full_disk_refuses_what_cannot_be_kept() {
    let directory = TempDir::new().unwrap();
    let mut options = options(&directory);
    options.max_size = Some(1);
    let store = Sqlite::open(&options).unwrap();
    let receipt = store.commit(opening(1, vec![1; 50_000]));
    while store.health() == Health::Well {
        std::thread::yield_now();
    }
    let behind = store.commit(opening(2, vec![1; 50_000]));
    store.close().unwrap();
    for receipt in [receipt, behind] {
        let outcome = receipt.blocking_recv().unwrap();
        assert!(
            matches!(outcome, Err(CommitError::Store(error)) if matches!(*error, StoreError::Closed))
        );
    }
    options.max_size = None;
    assert_eq!(Sqlite::open(&options).unwrap().count(&[1]).unwrap(), 0);
}

#[test]
fn old_executions_are_deleted_in_small_steps() {
    let directory = TempDir::new().unwrap();
    let store = Sqlite::open(&options(&directory)).unwrap();
    let receipts: Vec<_> = (1..=20)
        .map(|number| store.commit(opening(number, vec![1; 10])))
        .collect();
    for receipt in receipts {
        receipt.blocking_recv().unwrap().unwrap();
    }
    assert_eq!(store.forget(&[0, 2], 100, 5).unwrap(), 0);
    let steps: Vec<usize> = (0..4)
        .map(|_| store.forget(&[1, 1], 18, 7).unwrap())
        .collect();
    assert_eq!(steps, [7, 7, 3, 0]);
    let all = ListExecutions {
        scope: 1,
        statuses: Vec::new(),
        version: None,
        alias: None,
        after: None,
        limit: 100,
    };
    let left: Vec<u64> = store
        .executions(&all)
        .unwrap()
        .iter()
        .map(|row| row.number)
        .collect();
    assert_eq!(left, [20, 19, 18]);
    assert_eq!(store.last_entry(17).unwrap(), None);
    // Names are free again, numbers are not.
    assert_eq!(store.last_number().unwrap(), 20);
    assert_eq!(store.execution_named(1, "execution-5").unwrap(), None);
}

/// Changes the first occurrence of `old` in a file.
fn damage(path: &Path, old: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes
        .windows(old.len())
        .position(|window| window == old)
        .unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn damage_is_noticed_where_it_is_read_and_told_by_a_check() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    let store = Sqlite::open(&options).unwrap();
    keep(&store, opening(1, b"the first entry".to_vec()));
    keep(&store, opening(2, b"the second entry".to_vec()));
    let document = Document {
        number: 3,
        kind: "machine".to_owned(),
        key: "key".to_owned(),
        body: b"a definition".to_vec(),
    };
    keep(&store, vec![Change::Put(document)]);
    store.close().unwrap();
    let well = Sqlite::check(&options.path, |_| {}).unwrap();
    assert!(well.is_well(), "{well:?}");
    assert_eq!((well.executions, well.entries, well.documents), (2, 2, 1));

    damage(&options.path, b"the second entry");
    damage(&options.path, b"a definition");
    let mut stages = Vec::new();
    let report = Sqlite::check(&options.path, |progress| stages.push(progress.stage)).unwrap();
    assert_eq!(report.problems.len(), 2, "{report:?}");
    assert!(
        report.problems[0].contains("turn 0 of execution 2"),
        "{report:?}"
    );
    assert!(
        report.problems[1].contains("document 3 (machine key)"),
        "{report:?}"
    );
    stages.dedup();
    assert_eq!(stages, ["structure", "executions", "documents", "numbers"]);

    let store = Sqlite::open(&options).unwrap();
    assert_eq!(store.entries(1, 0, 9).unwrap().len(), 1);
    for error in [
        store.entries(2, 0, 9).unwrap_err(),
        store.last_entry(2).unwrap_err(),
        store.document("machine", "key").unwrap_err(),
        store.documents("machine", "", "", 9).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    }
}

#[test]
fn a_check_says_what_does_not_belong_together() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    let store = Sqlite::open(&options).unwrap();
    for number in 1..=3 {
        keep(&store, opening(number, Vec::new()));
    }
    let entry = Entry {
        turn: 2,
        bytes: Vec::new(),
    };
    keep(
        &store,
        vec![Change::Append {
            execution: 3,
            entry,
        }],
    );
    store.close().unwrap();
    let conn = rusqlite::Connection::open(&options.path).unwrap();
    conn.execute_batch(
        "DELETE FROM executions WHERE number = 1; DELETE FROM entries WHERE key >> 24 = 2;
         UPDATE sequence SET last = 1; UPDATE executions SET name = 'other' WHERE number = 2",
    )
    .unwrap();
    drop(conn);
    let report = Sqlite::check(&options.path, |_| {}).unwrap();
    let expected = [
        "there are entries of execution 1, which does not exist",
        "execution 2;",
        "execution 2 has no entry: turn 0 is missing",
        "turn 1 of execution 3 is missing: turn 2 follows",
        "the sequence of numbers is behind the numbers that are in use",
    ];
    assert_eq!(report.problems.len(), expected.len(), "{report:?}");
    for (problem, expected) in report.problems.iter().zip(expected) {
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn a_damaged_structure_is_noticed_on_opening() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    let store = Sqlite::open(&options).unwrap();
    for number in 1..=200 {
        drop(store.commit(opening(number, vec![1; 1_000])));
    }
    store.close().unwrap();
    let whole = fs::read(&options.path).unwrap();

    fs::write(&options.path, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(refused(&options), StoreError::Damaged(_)));
    assert!(!Sqlite::check(&options.path, |_| {}).unwrap().is_well());

    let mut wrong = whole.clone();
    // The header of a page of a tree.
    wrong[whole.len() / 4_096 / 2 * 4_096..][..8].fill(0x55);
    fs::write(&options.path, &wrong).unwrap();
    assert!(matches!(refused(&options), StoreError::Damaged(_)));

    let mut wrong = whole;
    wrong[..16].fill(0);
    fs::write(&options.path, &wrong).unwrap();
    assert!(matches!(refused(&options), StoreError::NotAStore { .. }));
}

/// A store with `count` commits as a crash would leave it: its file, and its log with all of them.
fn crashed(count: u64) -> (Vec<u8>, Vec<u8>) {
    loop {
        let directory = TempDir::new().unwrap();
        let options = Options {
            sync: false,
            ..options(&directory)
        };
        let store = Sqlite::open(&options).unwrap();
        let file = fs::read(&options.path).unwrap();
        for number in 1..=count {
            let length = usize::try_from(number * 997 % 9_000).unwrap();
            keep(
                &store,
                opening(number, vec![number.to_le_bytes()[0]; length]),
            );
        }
        let log = fs::read(beside(&options.path, "-wal")).unwrap();
        // On a very slow machine the log may have been moved into the file meanwhile.
        if fs::read(&options.path).unwrap() == file && ends(&log).len() as u64 == count {
            return (file, log);
        }
    }
}

/// Where each transaction in a log ends.
fn ends(log: &[u8]) -> Vec<usize> {
    let frames = log[HEADER..].chunks_exact(FRAME).enumerate();
    frames
        .filter(|(_, frame)| frame[8..16] == log[16..24] && frame[4..8] != [0; 4])
        .map(|(index, _)| HEADER + (index + 1) * FRAME)
        .collect()
}

/// Opens what a crash has left.
fn recover(file: &[u8], log: &[u8]) -> (TempDir, Result<Sqlite, StoreError>) {
    let directory = TempDir::new().unwrap();
    let options = options(&directory);
    fs::write(&options.path, file).unwrap();
    fs::write(beside(&options.path, "-wal"), log).unwrap();
    let store = Sqlite::open(&options);
    (directory, store)
}

/// Whether a store has the first so many commits, whole, and nothing of the others.
fn assert_has(store: &Sqlite, first: u64, of: u64) {
    assert_eq!(store.count(&[1]).unwrap(), first);
    assert_eq!(store.last_number().unwrap(), first);
    for number in 1..=of {
        let entries = store.entries(number, 0, 9).unwrap();
        assert_eq!(
            entries.len(),
            usize::from(number <= first),
            "{number} of {first}"
        );
        assert_eq!(store.execution(number).unwrap().is_some(), number <= first);
    }
}

#[test]
fn a_torn_log_loses_nothing_that_was_acknowledged_and_leaves_nothing_half() {
    const COUNT: u64 = 12;
    let (file, log) = crashed(COUNT);
    let ends = ends(&log);
    let length = *ends.last().unwrap();
    proptest!(ProptestConfig::with_cases(48), |(cut in 0..=length)| {
        let whole = ends.iter().filter(|end| **end <= cut).count() as u64;
        let (_directory, store) = recover(&file, &log[..cut]);
        assert_has(&store.unwrap(), whole, COUNT);
    });
}

#[test]
fn a_wrong_byte_in_the_log_is_torn_in_the_last_commit_and_damage_before() {
    const COUNT: u64 = 12;
    let (file, log) = crashed(COUNT);
    let ends = ends(&log);
    let length = *ends.last().unwrap();
    proptest!(ProptestConfig::with_cases(48), |(at in 0..length, bit in 0..8_u32)| {
        let mut log = log[..length].to_vec();
        log[at] ^= 1 << bit;
        let whole = ends.iter().filter(|end| **end <= at).count() as u64;
        let (directory, store) = recover(&file, &log);
        if at >= HEADER && whole == COUNT - 1 {
            assert_has(&store.unwrap(), whole, COUNT);
        } else {
            let error = store.err().unwrap();
            assert!(matches!(error, StoreError::Damaged(_)), "{error}");
            // What is left stays as it is.
            let left = fs::read(beside(&options(&directory).path, "-wal")).unwrap();
            assert_eq!(left, log);
        }
    });
}

/// The log is begun anew many times; what a crash leaves then is old behind new.
#[test]
fn a_log_that_was_begun_anew_is_read_up_to_its_end() {
    const COUNT: u64 = 300;
    let directory = TempDir::new().unwrap();
    let options = Options {
        sync: false,
        log: 100_000,
        ..options(&directory)
    };
    let store = Sqlite::open(&options).unwrap();
    for number in 1..=COUNT {
        keep(&store, opening(number, vec![1; 3_000]));
        if number % 60 == 0 {
            let file = fs::read(&options.path).unwrap();
            let log = fs::read(beside(&options.path, "-wal")).unwrap();
            assert!(log.len() < 2_000_000, "{}", log.len());
            // Unless it was moved between the two readings.
            if fs::read(&options.path).unwrap() == file {
                let (_directory, store) = recover(&file, &log);
                assert_has(&store.unwrap(), number, COUNT);
            }
        }
    }
}

#[test]
fn what_is_too_large_is_refused_and_disturbs_nobody() {
    let directory = TempDir::new().unwrap();
    let store = Sqlite::open(&options(&directory)).unwrap();
    let receipts = [
        store.commit(opening(1, Vec::new())),
        store.commit(opening(2, vec![0; (256 << 20) + 1])),
        store.commit(opening(1 << 39, Vec::new())),
        store.commit(opening(3, Vec::new())),
    ];
    let kept = receipts.map(|receipt| receipt.blocking_recv().unwrap().is_ok());
    assert_eq!(kept, [true, false, false, true]);
}
