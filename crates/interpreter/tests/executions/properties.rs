//! What holds of every execution, over generated definitions and generated worlds.
//!
//! Every run goes through `world`, which decides each turn twice, the second time by an execution
//! that was folded from records after a round trip through JSON, and demands the same; and through
//! `check`, which holds the history against the rules of histories.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stepmill_interpreter::{
    EventId, Execution, Fact, Limits, Reason, Record, Status, TaskOrder, ThreadId,
};

use crate::world::{Reply, Run, Setting, Step, check, identity, machine};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
pub(crate) const ACTIVITY: &str = "arn:aws:states:us-east-1:123456789012:activity:a";
const JOB: &str = "arn:aws:states:::states:startExecution.sync:2";
const CALLBACK: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";

/// A workflow before its states have names.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Pass {
        assign: bool,
        data: u8,
    },
    Wait(u8),
    Choice,
    Task(TaskPiece),
    Parallel {
        branches: Vec<Vec<Piece>>,
        errors: Errors,
    },
    Map {
        body: Vec<Piece>,
        concurrency: u8,
        selector: bool,
        errors: Errors,
    },
    Fail,
}

#[derive(Debug, Clone)]
pub(crate) struct TaskPiece {
    resource: &'static str,
    timeout: Option<u8>,
    heartbeat: bool,
    pub(crate) errors: Errors,
}

#[derive(Debug, Clone)]
pub(crate) struct Errors {
    retry: Option<u8>,
    jitter: bool,
    pub(crate) catch: bool,
}

fn errors() -> impl Strategy<Value = Errors> {
    (proptest::option::of(0_u8..3), any::<bool>(), any::<bool>()).prop_map(
        |(retry, jitter, catch)| Errors {
            retry,
            jitter,
            catch,
        },
    )
}

fn task() -> impl Strategy<Value = TaskPiece> {
    let resource = prop_oneof![Just(FUNCTION), Just(ACTIVITY), Just(JOB), Just(CALLBACK)];
    (
        resource,
        proptest::option::of(2_u8..9),
        any::<bool>(),
        errors(),
    )
        .prop_map(|(resource, timeout, heartbeat, errors)| TaskPiece {
            resource,
            timeout,
            heartbeat: heartbeat && timeout.is_some(),
            errors,
        })
}

/// `fails`: whether Fail states may occur.
pub(crate) fn pieces(fails: bool) -> impl Strategy<Value = Vec<Piece>> {
    let leaf = prop_oneof![
        3 => (any::<bool>(), 0_u8..6).prop_map(|(assign, data)| Piece::Pass { assign, data }),
        2 => (0_u8..5).prop_map(Piece::Wait),
        1 => Just(Piece::Choice),
        4 => task().prop_map(Piece::Task),
        u32::from(fails) => Just(if fails { Piece::Fail } else { Piece::Choice }),
    ];
    let piece = leaf.prop_recursive(3, 24, 3, |piece| {
        let body = proptest::collection::vec(piece, 1..4);
        prop_oneof![
            (proptest::collection::vec(body.clone(), 1..4), errors())
                .prop_map(|(branches, errors)| Piece::Parallel { branches, errors }),
            (body, 0_u8..4, any::<bool>(), errors()).prop_map(
                |(body, concurrency, selector, errors)| Piece::Map {
                    body,
                    concurrency,
                    selector,
                    errors
                }
            ),
        ]
    });
    proptest::collection::vec(piece, 1..5)
}

/// Turns pieces into a `States` object, with names of their own throughout.
pub(crate) struct Writer {
    jsonata: bool,
    names: u32,
}

impl Writer {
    pub(crate) fn definition(jsonata: bool, pieces: &[Piece]) -> Value {
        let mut writer = Self { jsonata, names: 0 };
        let mut definition = writer.workflow(pieces);
        if jsonata {
            definition["QueryLanguage"] = json!("JSONata");
        }
        definition
    }

    fn workflow(&mut self, pieces: &[Piece]) -> Value {
        let names: Vec<String> = pieces
            .iter()
            .map(|_| {
                self.names += 1;
                format!("S{}", self.names)
            })
            .collect();
        self.names += 1;
        let last = format!("S{}", self.names);
        let mut states = Map::new();
        for (index, piece) in pieces.iter().enumerate() {
            let next = names.get(index + 1).unwrap_or(&last);
            let name = &names[index];
            if let Piece::Fail = piece {
                let fail = json!({"Type": "Fail", "Error": "Failed", "Cause": name});
                states.insert(format!("{name}Fail"), fail);
                states.insert(name.clone(), self.choice(&format!("{name}Fail"), next));
            } else {
                states.insert(name.clone(), self.state(name, piece, next, &last));
            }
        }
        states.insert(last, json!({"Type": "Succeed"}));
        json!({ "StartAt": names[0], "States": states })
    }

    fn state(&mut self, name: &str, piece: &Piece, next: &str, last: &str) -> Value {
        let mut state = match piece {
            Piece::Pass { assign, data } => self.pass(name, *assign, *data),
            Piece::Wait(seconds) => json!({"Type": "Wait", "Seconds": seconds}),
            Piece::Choice | Piece::Fail => return self.choice(next, last),
            Piece::Task(task) => {
                let mut state = json!({"Type": "Task", "Resource": task.resource});
                if let Some(timeout) = task.timeout {
                    state["TimeoutSeconds"] = json!(timeout);
                }
                if task.heartbeat {
                    state["HeartbeatSeconds"] = json!(1);
                }
                Self::errors(&mut state, &task.errors, last);
                state
            }
            Piece::Parallel { branches, errors } => {
                let branches: Vec<Value> = branches
                    .iter()
                    .map(|branch| self.workflow(branch))
                    .collect();
                let mut state = json!({"Type": "Parallel", "Branches": branches});
                Self::errors(&mut state, errors, last);
                state
            }
            Piece::Map {
                body,
                concurrency,
                selector,
                errors,
            } => {
                let mut state = json!({
                    "Type": "Map",
                    "MaxConcurrency": concurrency,
                    "ItemProcessor": self.workflow(body)
                });
                if self.jsonata {
                    state["Items"] = json!(["{% $states.input %}", 2, "{% $random() %}"]);
                } else {
                    state["ItemsPath"] = json!("$$.Execution.Input.items");
                }
                if *selector {
                    state["ItemSelector"] = if self.jsonata {
                        json!({"v": "{% $states.context.Map.Item.Value %}", "u": "{% $uuid() %}"})
                    } else {
                        json!({"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"})
                    };
                }
                Self::errors(&mut state, errors, last);
                state
            }
        };
        state["Next"] = json!(next);
        state
    }

    fn pass(&self, name: &str, assign: bool, data: u8) -> Value {
        let mut state = json!({"Type": "Pass"});
        if self.jsonata {
            match data {
                0 => state["Output"] = json!({"r": "{% $random() %}", "id": "{% $uuid() %}"}),
                1 => state["Output"] = json!("{% $string($states.context.State) %}"),
                2 => state["Output"] = json!("{% $millis() / 7 %}"),
                // May fail: not every input has one.
                3 => state["Output"] = json!("{% $states.input.u %}"),
                _ => {}
            }
            if assign {
                state["Assign"] = json!({ (format!("v{name}")): "{% $random() * 1e-7 %}" });
            }
        } else {
            match data {
                0 => state["Parameters"] = json!({"id.$": "States.UUID()"}),
                1 => {
                    state["Parameters"] = json!({"t.$": "$$.State.EnteredTime", "in.$": "$"});
                }
                2 => state["ResultPath"] = Value::Null,
                3 => state["InputPath"] = json!("$.v"),
                4 => state["Result"] = json!(0.1),
                _ => {}
            }
            if assign {
                state["Assign"] = json!({ (format!("v{name}.$")): "States.MathRandom(1, 99)" });
            }
        }
        state
    }

    fn choice(&self, next: &str, last: &str) -> Value {
        if self.jsonata {
            json!({"Type": "Choice", "Default": last, "Choices": [
                {"Condition": "{% $random() < 0.5 %}", "Next": next}
            ]})
        } else {
            json!({"Type": "Choice", "Default": last, "Choices": [
                {"Variable": "$.v", "IsPresent": true, "Next": next}
            ]})
        }
    }

    fn errors(state: &mut Value, errors: &Errors, last: &str) {
        if let Some(attempts) = errors.retry {
            let mut retrier = json!({"ErrorEquals": ["E1", "States.Timeout"], "IntervalSeconds": 2,
                "MaxAttempts": attempts});
            if errors.jitter {
                retrier["JitterStrategy"] = json!("FULL");
            }
            state["Retry"] = json!([retrier]);
        }
        if errors.catch {
            state["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": last}]);
        }
    }
}

/// What the tasks of a run do, in the order in which they are called; then over again.
#[derive(Debug, Clone)]
struct Script(Vec<(u8, u8)>);

fn script() -> impl Strategy<Value = Script> {
    proptest::collection::vec((0_u8..9, 0_u8..6), 1..12).prop_map(Script)
}

impl Script {
    fn answer(&self, call: usize, order: &TaskOrder) -> Vec<Step> {
        let (kind, after) = self.0[call % self.0.len()];
        let mut steps = Vec::new();
        let mut step = |after: u8, reply: Reply| {
            steps.push(Step {
                after: SignedDuration::from_secs(after.into()),
                reply,
            });
        };
        if &**order.resource.arn() == ACTIVITY {
            step(after / 2, Reply::Start(None));
        } else {
            step(0, Reply::Submit(json!({"id": call})));
        }
        let fails = |error: &str| {
            Reply::Fail(Reason {
                error: Some(error.into()),
                cause: Some("so".into()),
            })
        };
        match kind {
            0..=3 => step(
                after,
                Reply::Succeed(json!({"v": call, "f": 0.1 + f64::from(after)})),
            ),
            4 => step(after, fails("E1")),
            5 => step(after, fails("E2")),
            6 => {
                step(1, Reply::Beat);
                step(1, Reply::Beat);
                step(after, Reply::Succeed(json!([call])));
                // Too late, and no harm.
                step(0, fails("E1"));
                step(0, Reply::Beat);
            }
            7 => step(after, Reply::Impossible("nobody is there".to_owned())),
            _ => {}
        }
        steps
    }
}

pub(crate) fn setting(stop: Option<u8>, events: Option<u64>) -> Setting {
    let mut setting =
        Setting::new(&json!({"items": [1, {"v": 2}, "three", 1e-7], "v": {"v": 0.3}}));
    setting.stop = stop.map(|after| {
        let reason = Reason {
            error: Some("Stopped".into()),
            cause: None,
        };
        (SignedDuration::from_secs(after.into()), reason)
    });
    // A turn may be short: what is left is done in the next.
    setting.limits = Limits {
        turn_steps: 7,
        ..Limits::STANDARD
    };
    if events.is_some() {
        setting.limits.history_events = events;
    }
    setting
}

/// Folds the records of each turn into a fresh execution.
fn folded(run: &Run) -> Execution {
    let mut execution = Execution::new(identity(false));
    for record in run.records() {
        execution.apply(&run.machine, record);
    }
    execution
}

/// What the history says of each thread, by what it is rather than when it came to be.
fn by_thread(run: &Run) -> BTreeMap<String, Vec<String>> {
    let mut names: HashMap<ThreadId, String> = HashMap::from([(ThreadId::ROOT, "root".to_owned())]);
    let mut next = 1;
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Record {
        thread, id, fact, ..
    } in run.records()
    {
        let mut child = |names: &mut HashMap<ThreadId, String>, index: u32| {
            let name = format!("{}/{index}", names[thread]);
            names.insert(ThreadId(next), name);
            next += 1;
        };
        match fact {
            Fact::ParallelStarted { state, .. } => {
                if let stepmill_asl::model::StateKind::Parallel(parallel) =
                    &run.machine.state(*state).kind
                {
                    (0..)
                        .zip(&parallel.branches)
                        .for_each(|(index, _)| child(&mut names, index));
                }
            }
            Fact::IterationStarted { index, .. } => child(&mut names, *index),
            _ => {}
        }
        if *id != 0 {
            let mut fact = fact.clone();
            if let Fact::TaskScheduled(schedule) = &mut fact {
                // Tokens name their events, which are numbered as they come.
                Arc::make_mut(schedule).token = None;
            }
            told.entry(names[thread].clone())
                .or_default()
                .push(format!("{fact:?}"));
        }
    }
    // A Map state's own events come as its iterations do.
    for facts in told.values_mut() {
        facts.sort();
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// The fold of any prefix is the execution, also after JSON; the history keeps its rules; a
    /// task that nobody waits for is cancelled; the clock never turns in vain.
    #[test]
    fn any_run_holds(
        pieces in pieces(true),
        jsonata in any::<bool>(),
        script in script(),
        stop in proptest::option::weighted(0.2, 0_u8..20),
        events in proptest::option::weighted(0.2, 5_u64..60),
        redrives in proptest::collection::vec(0_i64..20, 0..3),
    ) {
        let definition = Writer::definition(jsonata, &pieces);
        let machine = machine(&definition, false).unwrap();
        let mut calls = 0;
        let answer = |order: &TaskOrder| {
            calls += 1;
            script.answer(calls, order)
        };
        let mut setting = setting(stop, events);
        setting.redrives = redrives.into_iter().map(SignedDuration::from_secs).collect();
        let run = Run::complete(&machine, &setting, answer, |_| 0);
        check(&run);
        prop_assert_eq!(&folded(&run), &run.execution);
        if let Some(limit) = events {
            prop_assert!(run.execution.last_event() <= limit);
        }
    }

    /// Tasks that end at one time end alike, whichever is heard of first.
    #[test]
    fn the_order_of_equal_times_does_not_matter(
        pieces in pieces(false),
        seed in any::<u64>(),
    ) {
        let pieces = without_chance(pieces);
        let definition = Writer::definition(false, &pieces);
        let machine = machine(&definition, false).unwrap();
        let run = |order: &mut dyn FnMut(EventId) -> u32| {
            let answer = |order: &TaskOrder| {
                let mut steps = Vec::new();
                if &**order.resource.arn() == ACTIVITY {
                    steps.push(Step { after: SignedDuration::ZERO, reply: Reply::Start(None) });
                }
                let output = json!({"v": order.input.value()});
                let after = SignedDuration::from_secs(1);
                steps.push(Step { after, reply: Reply::Succeed(output) });
                steps
            };
            Run::complete(&machine, &setting(None, None), answer, order)
        };
        let first = run(&mut |_| 0);
        let random = stepmill_asl::world::Random::new(seed);
        let mut places: HashMap<EventId, u32> = HashMap::new();
        let second = run(&mut |task| {
            *places.entry(task).or_insert_with(|| u32::try_from(random.bits() >> 40).unwrap())
        });
        check(&first);
        check(&second);
        prop_assert_eq!(first.execution.status(), second.execution.status());
        let succeeded = matches!(first.execution.status(), Status::Succeeded(_));
        if succeeded {
            prop_assert_eq!(by_thread(&first), by_thread(&second));
        }
    }
}

/// The same without what depends on chance, on the time or on the order of things.
pub(crate) fn without_chance(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut kept: Vec<Piece> = pieces.into_iter().map(plain).collect();
    if kept.is_empty() {
        kept.push(Piece::Wait(0));
    }
    kept
}

fn plain(piece: Piece) -> Piece {
    match piece {
        Piece::Pass { data, .. } => Piece::Pass {
            assign: false,
            data: data.max(4),
        },
        Piece::Task(task) => Piece::Task(TaskPiece {
            timeout: None,
            heartbeat: false,
            ..task
        }),
        Piece::Parallel { branches, errors } => Piece::Parallel {
            branches: branches.into_iter().map(without_chance).collect(),
            errors,
        },
        // With a bound, which item follows which is a matter of order.
        Piece::Map {
            body,
            selector,
            errors,
            ..
        } => Piece::Map {
            body: without_chance(body),
            concurrency: 0,
            selector,
            errors,
        },
        other => other,
    }
}

/// Many floating-point numbers pass through a state and JSON unchanged.
#[test]
fn numbers_keep_their_digits() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"n.$": "$.n", "s.$": "States.JsonToString($.n)"},
            "Next": "B"},
        "B": {"Type": "Task", "Resource": FUNCTION, "End": true}
    }});
    let machine: Arc<_> = machine(&definition, false).unwrap();
    let random = stepmill_asl::world::Random::new(1);
    for _ in 0..2_000 {
        let number = f64::from_bits(random.bits());
        if !number.is_finite() {
            continue;
        }
        let answer = |order: &TaskOrder| {
            let reply = Reply::Succeed(order.input.value().clone());
            vec![Step {
                after: SignedDuration::ZERO,
                reply,
            }]
        };
        let run = Run::complete(
            &machine,
            &Setting::new(&json!({"n": number})),
            answer,
            |_| 0,
        );
        let Status::Succeeded(output) = run.execution.status() else {
            panic!("{:?}", run.execution.status());
        };
        assert_eq!(output.value()["n"], json!(number));
    }
}
