//! An execution that is checked after each turn.

use std::sync::Arc;

use stepmill_asl::World;
use stepmill_asl::model::StateMachine;
use stepmill_interpreter::{
    Effect, EventId, Execution, Fact, Happened, Identity, Limits, Record, Status, Turn, decide,
    history_event,
};

/// An execution, and beside it the one that a crash would leave: the fold of its records as they
/// are stored.
pub(super) struct Watched {
    machine: Arc<StateMachine>,
    limits: Limits,
    pub(super) live: Execution,
    stored: Execution,
    tasks: Vec<EventId>,
    longest_input: usize,
}

impl Watched {
    /// An execution to which nothing has happened.
    pub(super) fn new(machine: Arc<StateMachine>, express: bool, limits: Limits) -> Self {
        let identity = Identity {
            number: u64::MAX,
            execution_arn: "arn:aws:states:us-east-1:123456789012:execution:m:e".to_owned(),
            name: "e".to_owned(),
            role_arn: "arn:aws:iam::123456789012:role/r".to_owned(),
            state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:m".to_owned(),
            version_arn: None,
            alias_arn: None,
            state_machine_name: "m".to_owned(),
            express,
        };
        Self {
            machine,
            limits,
            live: Execution::new(identity.clone()),
            stored: Execution::new(identity),
            tasks: Vec::new(),
            longest_input: 0,
        }
    }

    /// Lets that happen, and checks what comes of it.
    pub(super) fn happen(&mut self, happened: Happened, world: &World) {
        let redrive = matches!(happened, Happened::Redrive);
        if let Happened::Start(input) = &happened {
            self.longest_input = self.longest_input.max(input.text().len());
        }
        let before = self.live.clone();
        let mut twin = self.stored.clone();
        let (machine, limits) = (&self.machine, &self.limits);
        let turn = decide(
            machine,
            &mut self.live,
            happened.clone(),
            &world.clone(),
            limits,
        );
        let same = decide(machine, &mut twin, happened, &world.clone(), limits);
        assert_eq!(turn.records, same.records, "decided again after a crash");
        let effects = |turn: &Turn| format!("{:?}", turn.effects);
        assert_eq!(effects(&turn), effects(&same), "wanted again after a crash");

        self.check_records(&turn.records, before.last_event());
        assert_eq!(self.live, self.stored, "the fold of the stored records");
        self.check_effects(&turn);
        if redrive {
            let redrivable = before.redrivable(world.now, &self.limits).is_ok();
            assert_eq!(
                !turn.records.is_empty(),
                redrivable,
                "redriven if it can be"
            );
        } else if *before.status() != Status::Running {
            assert!(
                turn.records.is_empty() && turn.effects.is_empty(),
                "after the end"
            );
            assert_eq!(before, self.live, "after the end");
        }
        self.check_waits();
    }

    fn check_records(&mut self, records: &[Record], mut last: EventId) {
        for record in records {
            if record.id == 0 {
                assert!(record.previous <= last, "{record:?}");
            } else {
                assert_eq!(record.id, last + 1, "{record:?}");
                assert!(record.previous < record.id, "{record:?}");
                last = record.id;
            }
            let text = serde_json::to_string(record).expect("a record is written");
            let read: Record = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("a record is read again: {error}: {text}"));
            assert_eq!(*record, read);
            if let Fact::StateExited { output, .. } = &record.fact {
                let most = self.limits.payload_bytes.max(self.longest_input);
                assert!(output.text().len() <= most, "too long: {record:?}");
            }
            self.stored.apply(&self.machine, &read);
            let identity = self.live.identity();
            let shown = history_event(&self.machine, identity, "us-east-1", record);
            assert_eq!(shown.is_some(), record.id != 0, "{record:?}");
            if let Some(shown) = shown {
                let _ = shown.to_json();
            }
        }
    }

    fn check_effects(&mut self, turn: &Turn) {
        let ended = *self.live.status() != Status::Running;
        let last = turn.effects.len().saturating_sub(1);
        for (at, effect) in turn.effects.iter().enumerate() {
            match effect {
                Effect::RunTask(order) => {
                    assert!(!self.tasks.contains(&order.task), "a task is run once");
                    self.tasks.push(order.task);
                }
                Effect::CancelTask { task } => {
                    let known = self.tasks.iter().position(|known| known == task);
                    self.tasks
                        .remove(known.expect("a task that runs is cancelled, once"));
                }
                Effect::End(status) => {
                    assert!(ended && at == last, "the end comes last");
                    assert_eq!(status, self.live.status());
                }
            }
        }
        if ended && !turn.records.is_empty() {
            assert!(matches!(turn.effects.last(), Some(Effect::End(_))));
        }
        for task in self.live.running_tasks() {
            assert!(self.tasks.contains(&task), "task {task} was never ordered");
        }
    }

    /// A running execution can go on or waits for something; one that has ended does neither.
    fn check_waits(&self) {
        let goes_on = self.live.is_ready()
            || self.live.due().is_some()
            || self.live.running_tasks().next().is_some();
        let runs = *self.live.status() == Status::Running && self.live.last_event() > 0;
        assert_eq!(goes_on, runs, "{:?}", self.live);
    }

    /// The world of a turn at a time in milliseconds.
    pub(super) fn world(milliseconds: i64, seed: u64) -> World {
        let now = jiff::Timestamp::from_millisecond(milliseconds).expect("a time");
        World::new(now, seed)
    }
}
