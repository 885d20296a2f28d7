//! Random commits and reads: [`Memory`] and [`Sqlite`] must give the same answers, also after the
//! file was closed and opened again.

#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use stepmill_store::sqlite::Options;
use stepmill_store::{
    Change, Document, Entry, ExecutionRow, ListExecutions, Memory, Sqlite, Store, Update,
};
use tempfile::TempDir;

/// Few of everything, so that they meet often.
const NUMBERS: u64 = 8;
const SCOPES: u64 = 3;
const STATUSES: u8 = 4;
const TIMES: i64 = 5;
const QUEUES: u64 = 3;
const KINDS: [&str; 2] = ["machine", "version"];
const KEYS: [&str; 8] = ["", "a", "a\0", "a:1", "a:2", "ab", "b", "é\u{10ffff}"];

#[derive(Debug, Clone)]
enum Step {
    /// Commits that come together.
    Commit(Vec<Vec<Change>>),
    Forget(Vec<u8>, i64),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => vec(vec(change(), 1..5), 1..6).prop_map(Step::Commit),
        20 => vec(opening(), 1..4).prop_map(Step::Commit),
        3 => (vec(0..STATUSES, 0..3), 0..TIMES).prop_map(|(statuses, before)| {
            Step::Forget(statuses, before)
        }),
        1 => Just(Step::Reopen),
    ];
    vec(step, 1..40)
}

/// What the engine writes when an execution starts.
fn opening() -> impl Strategy<Value = Vec<Change>> {
    (row(), bytes(), option::of(update())).prop_map(|(row, bytes, end)| {
        let execution = row.number;
        let entry = Entry { turn: 0, bytes };
        let mut changes = vec![Change::Open(row), Change::Append { execution, entry }];
        changes.extend(end.map(|update| Change::Update { execution, update }));
        changes
    })
}

fn change() -> impl Strategy<Value = Change> {
    let waiting = (1..QUEUES, 1..NUMBERS, 0..3_u64);
    prop_oneof![
        3 => row().prop_map(Change::Open),
        4 => (1..NUMBERS, 0..3_u32, bytes()).prop_map(|(execution, turn, bytes)| {
            let entry = Entry { turn, bytes };
            Change::Append { execution, entry }
        }),
        4 => (1..NUMBERS, update()).prop_map(|(execution, update)| {
            Change::Update { execution, update }
        }),
        3 => waiting.clone().prop_map(|(queue, execution, task)| {
            Change::Enqueue { queue, execution, task }
        }),
        2 => waiting.prop_map(|(queue, execution, task)| {
            Change::Dequeue { queue, execution, task }
        }),
        3 => (1..NUMBERS, select(&KINDS), select(&KEYS), bytes()).prop_map(
            |(number, kind, key, body)| Change::Put(Document {
                number,
                kind: kind.to_owned(),
                key: key.to_owned(),
                body,
            })
        ),
        1 => (1..NUMBERS).prop_map(|number| Change::Delete { number }),
        1 => Just(Change::Delete { number: 1 << 39 }),
    ]
}

fn row() -> impl Strategy<Value = ExecutionRow> {
    let versions = (option::of(1..3_u64), option::of(1..3_u64));
    (
        1..NUMBERS,
        1..SCOPES,
        "[ab]{1,2}",
        versions,
        update(),
        bytes(),
    )
        .prop_map(
            |(number, scope, name, (version, alias), update, detail)| ExecutionRow {
                number,
                scope,
                name,
                version,
                alias,
                update,
                detail,
            },
        )
}

fn update() -> impl Strategy<Value = Update> {
    (0..STATUSES, 0..TIMES, option::of(0..TIMES), any::<bool>()).prop_map(
        |(status, sorted, due, busy)| Update {
            status,
            sorted,
            due,
            busy,
        },
    )
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..4),
        1 => (0..20_000_usize).prop_map(|length| vec![7; length]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sqlite_answers_as_memory_does(steps in steps()) {
        let directory = TempDir::new().unwrap();
        let options = Options {
            sync: false,
            log: 64 << 10,
            ..Options::new(directory.path().join("stepmill.db"))
        };
        let memory = Memory::new();
        let mut sqlite = Sqlite::open(&options).unwrap();
        let last = steps.len() - 1;
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Commit(commits) => {
                    let kept: Vec<_> = commits.iter().map(|one| memory.commit(one.clone())).collect();
                    let also: Vec<_> = commits.into_iter().map(|one| sqlite.commit(one)).collect();
                    for (kept, also) in kept.into_iter().zip(also) {
                        let kept = kept.blocking_recv().unwrap();
                        let also = also.blocking_recv().unwrap();
                        prop_assert_eq!(format!("{also:?}"), format!("{kept:?}"));
                    }
                }
                Step::Forget(statuses, before) => {
                    let forgot = memory.forget(&statuses, before, usize::MAX).unwrap();
                    let also = sqlite.forget(&statuses, before, usize::MAX).unwrap();
                    prop_assert_eq!(also, forgot);
                }
                Step::Reopen => {
                    drop(sqlite);
                    sqlite = Sqlite::open(&options).unwrap();
                }
            }
            if index % 5 > 0 && index < last {
                continue;
            }
            let (also, expected) = (everything(&sqlite), everything(&memory));
            for (answer, expected) in also.iter().zip(&expected) {
                prop_assert_eq!(answer, expected);
            }
        }
        sqlite.close().unwrap();
        let report = Sqlite::check(&options.path, |_| {}).unwrap();
        // Turns are written in any order here, which an engine does not do.
        let problems: Vec<_> = report.problems.iter().filter(|problem| !problem.contains("turn")).collect();
        prop_assert_eq!(problems, Vec::<&String>::new());
    }
}

/// The answers to all questions.
fn everything(store: &dyn Store) -> Vec<String> {
    let mut all = Vec::new();
    let mut say = |what: &str, answer: &dyn std::fmt::Debug| {
        all.push(format!("{what}: {answer:?}"));
    };
    say("last number", &store.last_number().unwrap());
    for number in 0..=NUMBERS {
        say("execution", &store.execution(number).unwrap());
        say("last entry", &store.last_entry(number).unwrap());
        say("document", &store.document_numbered(number).unwrap());
        for from in [0, 1, u32::MAX] {
            say("entries", &store.entries(number, from, usize::MAX).unwrap());
            say("two entries", &store.entries(number, from, 2).unwrap());
        }
        say("busy", &store.busy(number, 3).unwrap());
    }
    say("none", &store.execution(u64::MAX).unwrap());
    for scope in 0..=SCOPES {
        for name in ["a", "ab", "b", "c"] {
            say("named", &store.execution_named(scope, name).unwrap());
        }
        for statuses in [&[][..], &[0], &[2, 1, 2], &[9]] {
            for (version, alias) in [
                (None, None),
                (Some(1), None),
                (None, Some(2)),
                (Some(2), Some(1)),
            ] {
                let query = ListExecutions {
                    scope,
                    statuses: statuses.to_vec(),
                    version,
                    alias,
                    after: None,
                    limit: usize::MAX,
                };
                let list = store.executions(&query).unwrap();
                assert_eq!(in_pages(store, query), list);
                say("list", &list);
            }
        }
    }
    for statuses in [&[][..], &[0], &[2, 1, 2], &[0, 1, 2, 3]] {
        say("count", &store.count(statuses).unwrap());
    }
    for time in -1..=TIMES {
        for number in [0, 3, u64::MAX] {
            say("due", &store.due((time, number), 3, 4).unwrap());
            say("next due", &store.next_due((time, number)).unwrap());
        }
    }
    for queue in 0..=QUEUES {
        say("queued", &store.queued(queue, usize::MAX).unwrap());
        say("first queued", &store.queued(queue, 1).unwrap());
    }
    for kind in KINDS.into_iter().chain(["lambda"]) {
        for key in KEYS {
            say("document", &store.document(kind, key).unwrap());
            for after in KEYS {
                say("documents", &store.documents(kind, key, after, 3).unwrap());
            }
        }
    }
    all
}

/// A list, read two at a time.
fn in_pages(store: &dyn Store, mut query: ListExecutions) -> Vec<ExecutionRow> {
    query.limit = 2;
    let mut all = Vec::new();
    loop {
        let page = store.executions(&query).unwrap();
        query.after = page.last().map(|row| (row.update.sorted, row.number));
        let more = page.len() == query.limit;
        all.extend(page);
        if !more {
            return all;
        }
    }
}
