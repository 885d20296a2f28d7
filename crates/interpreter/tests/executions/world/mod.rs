//! A world for an execution: virtual time, and tasks that answer as told.
//!
//! Every turn is decided twice: by the live execution, and by one that was folded from the records
//! after a round trip through JSON and MessagePack. Both must agree, in what they decide and in what they are.
//! The second time a probe looks on, which must change nothing.

mod check;
mod show;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use stepmill_asl::model::{StateMachine, StateMachineType};
use stepmill_asl::{Options, World, parse};
use stepmill_interpreter::{
    Effect, EventId, Execution, Fact, Happened, Identity, Limits, OpenTask, Payload, Probe, Reason,
    Record, Status, TaskOrder, TaskToken, ThreadId, TokenState, decide, decide_under,
};

pub(crate) use check::check;
pub(crate) use show::show;

/// More turns than any case needs.
const MOST_TURNS: usize = 200_000;

/// What a task does, and how long after its last step.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) after: SignedDuration,
    pub(crate) reply: Reply,
}

#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Start(Option<String>),
    Beat,
    Submit(Value),
    Succeed(Value),
    Fail(Reason),
    Impossible(String),
}

/// What an execution runs with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) input: String,
    pub(crate) express: bool,
    pub(crate) version_arn: Option<String>,
    pub(crate) alias_arn: Option<String>,
    pub(crate) limits: Limits,
    /// When it is stopped, counted from its start.
    pub(crate) stop: Option<(SignedDuration, Reason)>,
    /// When it is redriven, each counted from its last end.
    pub(crate) redrives: Vec<SignedDuration>,
}

impl Setting {
    pub(crate) fn new(input: &Value) -> Self {
        Self {
            input: input.to_string(),
            express: false,
            version_arn: None,
            alias_arn: None,
            limits: Limits::STANDARD,
            stop: None,
            redrives: Vec::new(),
        }
    }
}

/// One turn as it was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) now: Timestamp,
    pub(crate) happened: Happened,
    pub(crate) records: Vec<Record>,
    pub(crate) effects: Vec<Effect>,
    /// When the execution was due afterwards.
    pub(crate) due: Option<Timestamp>,
    /// Whether it could go on by itself afterwards.
    pub(crate) ready: bool,
    /// The tasks that ran afterwards, in order.
    pub(crate) running: Vec<EventId>,
}

/// An execution and all its turns.
pub(crate) struct Run {
    pub(crate) machine: Arc<StateMachine>,
    pub(crate) execution: Execution,
    pub(crate) limits: Limits,
    pub(crate) turns: Vec<Taken>,
    /// Folded from the records after their round trip.
    folded: Execution,
    now: Timestamp,
    coming: BTreeMap<(Timestamp, u64), Happened>,
    arrivals: u64,
    redrives: VecDeque<SignedDuration>,
    /// The tokens of tasks that run.
    tokens: Vec<(EventId, Arc<str>)>,
    /// The tasks that run, as orders and records tell.
    open: BTreeMap<EventId, OpenTask>,
    /// The last task of each thread.
    tasks: HashMap<ThreadId, EventId>,
}

/// When every execution starts: 2026-01-02T03:04:05Z.
pub(crate) fn start_time() -> Timestamp {
    Timestamp::from_second(1_767_323_045).unwrap()
}

pub(crate) fn machine(definition: &Value, express: bool) -> Result<Arc<StateMachine>, String> {
    let options = Options {
        machine_type: if express {
            StateMachineType::Express
        } else {
            StateMachineType::Standard
        },
        ..Options::default()
    };
    let parsed = parse(&definition.to_string(), &options);
    let errors: Vec<String> = parsed
        .errors()
        .map(stepmill_asl::Diagnostic::aws_text)
        .collect();
    parsed
        .machine
        .map(Arc::new)
        .ok_or_else(|| errors.join("\n"))
}

pub(crate) fn identity(express: bool) -> Identity {
    let kind = if express { "express" } else { "execution" };
    Identity {
        number: 7,
        execution_arn: format!("arn:aws:states:us-east-1:123456789012:{kind}:machine:run"),
        name: "run".to_owned(),
        role_arn: "arn:aws:iam::123456789012:role/machine".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:machine".to_owned(),
        version_arn: None,
        alias_arn: None,
        state_machine_name: "machine".to_owned(),
        express,
    }
}

impl Run {
    fn new(machine: Arc<StateMachine>, setting: &Setting) -> Self {
        let execution = Execution::new(Identity {
            version_arn: setting.version_arn.clone(),
            alias_arn: setting.alias_arn.clone(),
            ..identity(setting.express)
        });
        Self {
            machine,
            folded: execution.clone(),
            execution,
            limits: setting.limits,
            turns: Vec::new(),
            now: start_time(),
            coming: BTreeMap::new(),
            arrivals: 0,
            redrives: setting.redrives.iter().copied().collect(),
            tokens: Vec::new(),
            open: BTreeMap::new(),
            tasks: HashMap::new(),
        }
    }

    /// Runs an execution until it ends, or waits for what will never come.
    ///
    /// `answer` says what a task does, or nothing if it never answers. Of what comes at one time,
    /// `order` gives the place: the lowest first, then the first asked for.
    pub(crate) fn complete(
        machine: &Arc<StateMachine>,
        setting: &Setting,
        mut answer: impl FnMut(&TaskOrder) -> Vec<Step>,
        mut order: impl FnMut(EventId) -> u32,
    ) -> Self {
        let mut run = Self::new(machine.clone(), setting);
        if let Some((after, reason)) = &setting.stop {
            run.expect(
                start_time() + *after,
                u32::MAX,
                Happened::Stop(reason.clone()),
            );
        }
        let mut next = Happened::Start(Payload::from_text(&setting.input).unwrap());
        for _ in 0..MOST_TURNS {
            run.turn(next);
            let effects = run.turns.last().unwrap().effects.clone();
            for effect in effects {
                if let Effect::RunTask(order_) = effect {
                    let mut at = run.now;
                    for step in answer(&order_) {
                        at += step.after;
                        let happened = happened(order_.task, step.reply);
                        run.expect(at, order(order_.task), happened);
                    }
                }
            }
            match run.next() {
                Some(happened) => next = happened,
                None => return run,
            }
        }
        panic!("the execution goes on and on");
    }

    fn expect(&mut self, at: Timestamp, place: u32, happened: Happened) {
        self.arrivals += 1;
        let key = (at, u64::from(place) << 32 | self.arrivals);
        self.coming.insert(key, happened);
    }

    fn next(&mut self) -> Option<Happened> {
        if *self.execution.status() != Status::Running {
            let after = self.redrives.pop_front()?;
            self.now += after;
            return Some(Happened::Redrive);
        }
        if self.execution.is_ready() {
            return Some(Happened::Continue);
        }
        let coming = self.coming.first_key_value().map(|((at, _), _)| *at);
        match (self.execution.due(), coming) {
            (Some(due), coming) if coming.is_none_or(|at| due < at) => {
                self.now = self.now.max(due);
                Some(Happened::Clock)
            }
            (_, Some(at)) => {
                self.now = self.now.max(at);
                self.coming.pop_first().map(|(_, happened)| happened)
            }
            (_, None) => None,
        }
    }

    fn turn(&mut self, happened: Happened) {
        let seed = self.turns.len() as u64;
        let world = || World::new(self.now, seed);
        let mut other = self.folded.clone();
        let again = decide_under(
            &Probe::default(),
            &self.machine,
            &mut other,
            happened.clone(),
            &world(),
            &self.limits,
        );
        let turn = decide(
            &self.machine,
            &mut self.execution,
            happened.clone(),
            &world(),
            &self.limits,
        );
        assert_eq!(
            again.records, turn.records,
            "a folded execution decides otherwise"
        );
        assert_eq!(
            format!("{:?}", again.effects),
            format!("{:?}", turn.effects),
            "a folded execution wants something else"
        );
        for record in &turn.records {
            let text = serde_json::to_string(record).unwrap();
            let read: Record = serde_json::from_str(&text).unwrap();
            assert_eq!(&read, record, "a record changes on its way through JSON");
            // MessagePack writes structures as arrays: no field may be left out.
            let bytes = rmp_serde::to_vec(&read).unwrap();
            let read: Record = rmp_serde::from_slice(&bytes).unwrap();
            assert_eq!(
                &read, record,
                "a record changes on its way through MessagePack"
            );
            self.folded.apply(&self.machine, &read);
        }
        assert_eq!(self.folded, self.execution, "the fold is not the execution");
        let mut running: Vec<EventId> = self.execution.running_tasks().collect();
        running.sort_unstable();
        self.hold_tokens(&turn.records, &running);
        self.turns.push(Taken {
            now: self.now,
            happened,
            records: turn.records,
            effects: turn.effects,
            due: self.execution.due(),
            ready: self.execution.is_ready(),
            running,
        });
        self.hold_orders();
    }

    /// A token names the event that scheduled its task, and is good until that task has ended.
    fn hold_tokens(&mut self, records: &[Record], running: &[EventId]) {
        for record in records {
            if let Fact::TaskScheduled(schedule) = &record.fact
                && let Some(token) = &schedule.token
            {
                let named = TaskToken {
                    execution: self.execution.identity().number,
                    task: record.id,
                };
                assert_eq!(TaskToken::parse(token), Some(named));
                self.tokens.push((record.id, token.clone()));
            }
        }
        let execution = &self.execution;
        self.tokens.retain(|(task, token)| {
            let runs = running.contains(task);
            let state = if runs {
                TokenState::Running
            } else {
                TokenState::Ended
            };
            assert_eq!(execution.holds_token(*task, token), state);
            runs
        });
    }

    /// What a crash would leave to be run again is what was ordered and has not been settled.
    fn hold_orders(&mut self) {
        let Some(turn) = self.turns.last() else {
            return;
        };
        for effect in &turn.effects {
            if let Effect::RunTask(order) = effect {
                let open = OpenTask {
                    order: (**order).clone(),
                    started: false,
                    submitted: None,
                };
                self.open.insert(order.task, open);
            }
        }
        for record in &turn.records {
            if let Fact::TaskScheduled(_) = record.fact {
                self.tasks.insert(record.thread, record.id);
            }
            let task = self.tasks.get(&record.thread);
            let Some(open) = task.and_then(|task| self.open.get_mut(task)) else {
                continue;
            };
            match &record.fact {
                Fact::TaskStarted { .. } => open.started = true,
                Fact::TaskSubmitted { output, .. } => open.submitted = Some(output.clone()),
                _ => {}
            }
        }
        // Nothing outside tells which tasks have ended; `check` holds `running` against that.
        self.open.retain(|task, _| turn.running.contains(task));
        let open = self.folded.open_tasks(&self.machine);
        assert!(open.iter().eq(self.open.values()), "{open:?}");
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.turns.iter().flat_map(|turn| &turn.records)
    }
}

fn happened(task: EventId, reply: Reply) -> Happened {
    match reply {
        Reply::Start(worker) => Happened::TaskStarted {
            task,
            worker: worker.map(Arc::from),
        },
        Reply::Beat => Happened::TaskHeartbeat { task },
        Reply::Submit(output) => Happened::TaskSubmitted {
            task,
            output: Payload::from(output),
        },
        Reply::Succeed(output) => Happened::TaskSucceeded {
            task,
            output: Payload::from(output),
        },
        Reply::Fail(reason) => Happened::TaskFailed { task, reason },
        Reply::Impossible(detail) => Happened::TaskImpossible { task, detail },
    }
}
