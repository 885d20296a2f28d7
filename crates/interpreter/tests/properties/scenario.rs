//! An execution of one of a few machines, and all that happens to it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stepmill_asl::model::StateMachine;
use stepmill_asl::{Options, parse};
use stepmill_interpreter::{EventId, Happened, Limits, Payload, Reason};

use super::watched::Watched;

macro_rules! machines {
    ($($name:literal),+) => {
        /// The definitions by name.
        pub const MACHINES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../data/machines/", $name, ".asl.json")),
        )),+];
    };
}

machines!(
    "task", "activity", "map", "parallel", "wait", "loop", "nest", "catch", "jsonata"
);

static PARSED: LazyLock<HashMap<&str, Arc<StateMachine>>> = LazyLock::new(|| {
    let parsed = MACHINES.iter().map(|(name, definition)| {
        let parsed = parse(definition, &Options::default());
        let machine = parsed.machine.ok_or(parsed.diagnostics);
        (*name, Arc::new(machine.expect(name)))
    });
    parsed.collect()
});

/// What happens to an execution of one machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scenario {
    /// The machine's name among [`MACHINES`].
    pub machine: String,
    /// Whether it is an Express execution.
    pub express: bool,
    /// Events in a history, at most.
    pub history_events: Option<u64>,
    /// Bytes of a payload, at most.
    pub payload_bytes: usize,
    /// Bytes of the variables, at most.
    pub variables_bytes: usize,
    /// Transitions in one turn, at most.
    pub turn_steps: usize,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// Milliseconds since the step before; clocks are also set back.
    pub after: i32,
    /// Of the random numbers.
    pub seed: u64,
    /// What happens.
    pub event: Event,
}

/// What happens, as [`Happened`] has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Event {
    /// The input's text; ignored if it is not JSON.
    Start(String),
    Continue,
    Clock,
    /// The clock, at the time that the execution waits for.
    Due,
    Started(Which, Option<String>),
    Submitted(Which, Value),
    Succeeded(Which, Value),
    /// An array of so many levels.
    SucceededDeep(Which, u8),
    SubmittedDeep(Which, u8),
    Failed(Which, Option<String>, Option<String>),
    Impossible(Which, String),
    Heartbeat(Which),
    Stop(Option<String>, Option<String>),
    Redrive,
}

/// The task that something happens to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Which {
    /// One of those that run, counted round and round.
    Running(u8),
    /// Any, whether it exists or not.
    Id(EventId),
}

/// Lets all of that happen.
pub fn run(scenario: &Scenario) {
    let limits = Limits {
        history_events: scenario.history_events,
        payload_bytes: scenario.payload_bytes,
        variables_bytes: scenario.variables_bytes,
        turn_steps: scenario.turn_steps,
        ..Limits::STANDARD
    };
    let machine = PARSED.get(&*scenario.machine).expect("a machine's name");
    let mut watched = Watched::new(machine.clone(), scenario.express, limits);
    let mut now = 0;
    for step in &scenario.steps {
        now += i64::from(step.after);
        if matches!(step.event, Event::Due)
            && let Some(due) = watched.live.due()
        {
            now = now.max(due.as_millisecond() + 1).min(LAST);
        }
        let Some(happened) = happened(&step.event, &watched) else {
            continue;
        };
        watched.happen(happened, &Watched::world(now, step.seed));
    }
}

/// A time that leaves room for the steps that follow, in milliseconds.
const LAST: i64 = 200_000_000_000_000;

fn happened(event: &Event, watched: &Watched) -> Option<Happened> {
    let task = |which: &Which| which.task(watched);
    let payload = |value: &Value| Payload::from(value.clone());
    let reason = |error: &Option<String>, cause: &Option<String>| Reason {
        error: error.as_deref().map(Into::into),
        cause: cause.as_deref().map(Into::into),
    };
    Some(match event {
        Event::Start(text) => Happened::Start(Payload::from_text(text).ok()?),
        Event::Continue => Happened::Continue,
        Event::Clock | Event::Due => Happened::Clock,
        Event::Started(which, worker) => Happened::TaskStarted {
            task: task(which),
            worker: worker.as_deref().map(Into::into),
        },
        Event::Submitted(which, output) => Happened::TaskSubmitted {
            task: task(which),
            output: payload(output),
        },
        Event::Succeeded(which, output) => Happened::TaskSucceeded {
            task: task(which),
            output: payload(output),
        },
        Event::SucceededDeep(which, levels) => Happened::TaskSucceeded {
            task: task(which),
            output: nested(*levels),
        },
        Event::SubmittedDeep(which, levels) => Happened::TaskSubmitted {
            task: task(which),
            output: nested(*levels),
        },
        Event::Failed(which, error, cause) => Happened::TaskFailed {
            task: task(which),
            reason: reason(error, cause),
        },
        Event::Impossible(which, detail) => Happened::TaskImpossible {
            task: task(which),
            detail: detail.clone(),
        },
        Event::Heartbeat(which) => Happened::TaskHeartbeat { task: task(which) },
        Event::Stop(error, cause) => Happened::Stop(reason(error, cause)),
        Event::Redrive => Happened::Redrive,
    })
}

fn nested(levels: u8) -> Payload {
    Payload::from((0..levels).fold(json!(1), |inner, _| json!([inner])))
}

impl Which {
    fn task(&self, watched: &Watched) -> EventId {
        match self {
            Self::Id(id) => *id,
            Self::Running(nth) => {
                let mut running: Vec<_> = watched.live.running_tasks().collect();
                running.sort_unstable();
                let at = usize::from(*nth) % running.len().max(1);
                running.get(at).copied().unwrap_or_default()
            }
        }
    }
}
