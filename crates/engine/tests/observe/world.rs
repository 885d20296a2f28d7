//! Executions whose time and tasks are data: what they decide is the same each time.
//!
//! A case is `{"definition", "input"?, "express"?, "version"?, "alias"?, "tasks"?, "then"?}`. `tasks`
//! maps the name of a state to what its task does each time it is called: `{"succeed": JSON}`,
//! `{"fail": {"Error", "Cause"}}`, `{"submit": JSON, …}`, `{"worker": NAME, …}` or `"never"`; the
//! last one goes on for ever. Each thing takes 10 milliseconds. `then` lists what somebody does when
//! the execution would only wait for ever or has ended: `"stop"` or `"redrive"`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use stepmill_asl::{Options, World, parse};
use stepmill_engine::{Logging, ObservedTurn, Observer, Revision};
use stepmill_interpreter::{
    Effect, Execution, Happened, Identity, Limits, Payload, Reason, Record, Status, TaskOrder,
    decide,
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
/// 2023-11-14T22:13:20Z
const BEGINNING: i64 = 1_700_000_000_000;

/// A turn that was taken.
pub(crate) struct Taken {
    pub(crate) execution: Execution,
    pub(crate) records: Vec<Record>,
}

/// An execution that has run.
pub(crate) struct Ran {
    pub(crate) revision: Revision,
    pub(crate) turns: Vec<Taken>,
}

impl Ran {
    /// Tells an observer of all turns.
    pub(crate) fn tell(&self, observer: &dyn Observer) {
        for turn in &self.turns {
            observer.turn(&ObservedTurn {
                revision: &self.revision,
                execution: &turn.execution,
                records: &turn.records,
            });
        }
    }

    /// Tells an observer of the first record alone: that the execution has started.
    pub(crate) fn tell_of_the_start(&self, observer: &dyn Observer) {
        let first = &self.turns[0];
        observer.turn(&ObservedTurn {
            revision: &self.revision,
            execution: &first.execution,
            records: &first.records[..1],
        });
    }

    /// Tells an observer of everything as one turn.
    pub(crate) fn tell_at_once(&self, observer: &dyn Observer) {
        let records: Vec<Record> = self
            .turns
            .iter()
            .flat_map(|turn| turn.records.clone())
            .collect();
        observer.turn(&ObservedTurn {
            revision: &self.revision,
            execution: &self.turns.last().unwrap().execution,
            records: &records,
        });
    }
}

/// Runs a case as the execution `name` of the state machine `machine`.
pub(crate) fn run(case: &Value, machine: &str, name: &str) -> Ran {
    let express = case["express"].as_bool().unwrap_or(false);
    let text = case["definition"].to_string();
    let parsed = parse(&text, &Options::default());
    let definition = Arc::new(
        parsed
            .machine
            .unwrap_or_else(|| panic!("{:?}", parsed.diagnostics)),
    );
    let arn = |kind: &str, rest: &str| format!("arn:aws:states:{REGION}:{ACCOUNT}:{kind}:{rest}");
    let role_arn = format!("arn:aws:iam::{ACCOUNT}:role/r");
    let state_machine_arn = arn("stateMachine", machine);
    let qualified = |member: &str| {
        let qualifier = case[member].as_str()?;
        Some(format!("{state_machine_arn}:{qualifier}"))
    };
    let identity = Identity {
        number: u64::from(!express),
        execution_arn: if express {
            arn("express", &format!("{machine}:{name}:run"))
        } else {
            arn("execution", &format!("{machine}:{name}"))
        },
        name: name.to_owned(),
        role_arn: role_arn.clone(),
        state_machine_arn: state_machine_arn.clone(),
        version_arn: qualified("version"),
        alias_arn: qualified("alias"),
        state_machine_name: machine.to_owned(),
        express,
    };
    let revision = Revision {
        number: machine.bytes().map(u64::from).sum(),
        machine: 1,
        arn: state_machine_arn,
        name: machine.to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        express,
        role_arn,
        revision_id: None,
        created: Timestamp::UNIX_EPOCH,
        logging: Logging::default(),
        tracing: false,
        text: text.into(),
        definition,
    };
    let turns = Play {
        case,
        revision: &revision,
        execution: Execution::new(identity),
        now: Timestamp::from_millisecond(BEGINNING).unwrap(),
        open: Vec::new(),
        calls: Vec::new(),
        turns: Vec::new(),
    }
    .play();
    Ran { revision, turns }
}

struct Play<'a> {
    case: &'a Value,
    revision: &'a Revision,
    execution: Execution,
    now: Timestamp,
    /// Tasks that run.
    open: Vec<TaskOrder>,
    /// States whose tasks were called.
    calls: Vec<Arc<str>>,
    turns: Vec<Taken>,
}

impl Play<'_> {
    fn play(mut self) -> Vec<Taken> {
        let input = self.case.get("input").cloned().unwrap_or(json!({}));
        self.turn(Happened::Start(Payload::from(input)));
        let none = Vec::new();
        let then = self.case["then"].as_array().unwrap_or(&none);
        let mut then = then.iter().map(|what| what.as_str().unwrap());
        for _ in 0..1_000 {
            let running = *self.execution.status() == Status::Running;
            if running && self.execution.is_ready() {
                self.turn(Happened::Continue);
            } else if running && self.answer_next() {
                // A task has ended.
            } else if let Some(due) = self.execution.due().filter(|_| running) {
                self.now = self.now.max(due);
                self.turn(Happened::Clock);
            } else {
                match then.next() {
                    Some("stop") => self.turn(Happened::Stop(Reason {
                        error: Some("Halt".into()),
                        cause: Some("for a test".into()),
                    })),
                    Some("redrive") => self.turn(Happened::Redrive),
                    Some(other) => panic!("{other}"),
                    None => return self.turns,
                }
            }
        }
        panic!("the execution does not end");
    }

    fn turn(&mut self, happened: Happened) {
        self.now += SignedDuration::from_millis(10);
        let turn = decide(
            &self.revision.definition,
            &mut self.execution,
            happened,
            &World::new(self.now, 7),
            &Limits::STANDARD,
        );
        for effect in turn.effects {
            match effect {
                Effect::RunTask(order) => self.open.push(*order),
                Effect::CancelTask { task } => self.open.retain(|open| open.task != task),
                Effect::End(_) => self.open.clear(),
            }
        }
        self.turns.push(Taken {
            execution: self.execution.clone(),
            records: turn.records,
        });
    }

    /// Lets the first task that answers at all answer; whether there was one.
    fn answer_next(&mut self) -> bool {
        let next = self
            .open
            .iter()
            .position(|order| *self.answer(order) != json!("never"));
        let Some(next) = next else {
            return false;
        };
        let order = self.open.remove(next);
        let answer = self.answer(&order).clone();
        self.calls.push(order.state.clone());
        let task = order.task;
        if let Some(worker) = answer["worker"].as_str() {
            let worker = Some(worker.into());
            self.turn(Happened::TaskStarted { task, worker });
        }
        if let Some(output) = answer.get("submit") {
            let output = Payload::from(output.clone());
            self.turn(Happened::TaskSubmitted { task, output });
        }
        if let Some(output) = answer.get("succeed") {
            let output = Payload::from(output.clone());
            self.turn(Happened::TaskSucceeded { task, output });
        } else if let Some(failure) = answer.get("fail") {
            let text = |member: &str| failure[member].as_str().map(Arc::from);
            let reason = Reason {
                error: text("Error"),
                cause: text("Cause"),
            };
            self.turn(Happened::TaskFailed { task, reason });
        }
        true
    }

    fn answer(&self, order: &TaskOrder) -> &Value {
        let before = self
            .calls
            .iter()
            .filter(|state| **state == order.state)
            .count();
        let answers = self.case["tasks"][&*order.state].as_array().unwrap();
        answers.get(before).or(answers.last()).unwrap()
    }
}

/// Compares a text with the file of that name, or writes the file anew.
pub(crate) fn expect(name: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/observe/data")
        .join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, found).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {}", number + 1);
    }
    assert_eq!(
        found.lines().count(),
        expected.lines().count(),
        "UPDATE_EXPECT=1 writes {name} anew"
    );
}
