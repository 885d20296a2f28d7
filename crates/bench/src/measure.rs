//! Measuring.

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use stepmill_asl::World;
use stepmill_asl::model::StateMachine;
use stepmill_asl::parse::{Options, parse};
use stepmill_interpreter::{
    Execution, Fact, Happened, Identity, Limits, Payload, Status, Turn, decide,
};

use crate::definitions::{Workload, machine, pass_chain};

/// One measured figure.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// How many of `unit` a second.
    pub(crate) per_second: f64,
    /// What is counted.
    pub(crate) unit: &'static str,
    /// Allocations for each of `unit`.
    pub(crate) allocations: f64,
}

/// Runs the workload over and over for `seconds`.
pub(crate) fn executions(workload: &Workload, seconds: f64) -> Result<Figure, String> {
    let input = Payload::from_text(&workload.input).map_err(|error| error.to_string())?;
    let (transitions, status) = run(&workload.machine, &input);
    if !matches!(status, Status::Succeeded(_)) {
        return Err(format!("{}: the execution ended {status:?}", workload.name));
    }
    let allocated = allocation_counter::measure(|| {
        black_box(run(&workload.machine, &input));
    });
    let rate = best_rate(seconds, || {
        black_box(run(&workload.machine, &input));
    });
    Ok(Figure {
        name: workload.name.to_owned(),
        per_second: rate * f64::from(transitions),
        unit: "state transitions",
        allocations: as_f64(allocated.count_total) / f64::from(transitions),
    })
}

/// The rate of transitions of a long history's part that ends at `part` of it.
pub(crate) fn late_transition(name: &str, part: f64) -> Result<Figure, String> {
    const STATES: u32 = 10_000;
    const WINDOW: u32 = 1_000;
    let machine = machine(&pass_chain(STATES as usize))?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let before = (f64::from(STATES) * part) as u32 - WINDOW;
    let limits = Limits {
        turn_steps: 2 * WINDOW as usize,
        ..Limits::EXPRESS
    };
    let mut best = 0.0_f64;
    let mut allocations = 0.0;
    for _ in 0..20 {
        let mut execution = Execution::new(identity());
        let world = World::new(Timestamp::UNIX_EPOCH, 1);
        let start = Happened::Start(Payload::from(serde_json::json!({})));
        let mut steps = count(&decide(&machine, &mut execution, start, &world, &limits));
        while steps < before {
            let next = Happened::Continue;
            steps += count(&decide(&machine, &mut execution, next, &world, &limits));
        }
        let started = Instant::now();
        let mut counted = 0;
        let allocated = allocation_counter::measure(|| {
            let next = Happened::Continue;
            counted = count(&decide(&machine, &mut execution, next, &world, &limits));
        });
        let rate = f64::from(counted) / started.elapsed().as_secs_f64();
        best = best.max(rate);
        allocations = as_f64(allocated.count_total) / f64::from(counted.max(1));
    }
    Ok(Figure {
        name: format!("Pass states of one 10,000-state execution, {name}"),
        per_second: best,
        unit: "state transitions",
        allocations,
    })
}

/// Parses and validates a definition over and over for `seconds`.
pub(crate) fn parsing(source: &str, seconds: f64) -> Result<Figure, String> {
    let options = Options {
        max_bytes: source.len(),
        ..Options::default()
    };
    if parse(source, &options).machine.is_none() {
        return Err("the large definition is not valid".to_owned());
    }
    let allocated = allocation_counter::measure(|| {
        black_box(parse(source, &options));
    });
    let rate = best_rate(seconds, || {
        black_box(parse(source, &options));
    });
    Ok(Figure {
        name: "Parse and validate a definition of 1 MB".to_owned(),
        per_second: rate,
        unit: "definitions",
        allocations: as_f64(allocated.count_total),
    })
}

/// Calls a second, the best of ten equal parts of `seconds`: what disturbs only makes it slower.
fn best_rate(seconds: f64, mut call: impl FnMut()) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..10 {
        let started = Instant::now();
        let mut calls = 0_u32;
        while started.elapsed().as_secs_f64() < seconds / 10.0 {
            call();
            calls += 1;
        }
        best = best.max(f64::from(calls) / started.elapsed().as_secs_f64());
    }
    best
}

/// Runs an execution to its end; gives the state transitions made.
fn run(machine: &StateMachine, input: &Payload) -> (u32, Status) {
    let mut execution = Execution::new(identity());
    let world = World::new(Timestamp::UNIX_EPOCH, 1);
    let start = Happened::Start(input.clone());
    let mut transitions = count(&decide(
        machine,
        &mut execution,
        start,
        &world,
        &Limits::STANDARD,
    ));
    while execution.is_ready() {
        let next = Happened::Continue;
        transitions += count(&decide(
            machine,
            &mut execution,
            next,
            &world,
            &Limits::STANDARD,
        ));
    }
    (transitions, execution.status().clone())
}

/// State transitions of a turn: states entered.
fn count(turn: &Turn) -> u32 {
    let entered = turn
        .records
        .iter()
        .filter(|record| matches!(record.fact, Fact::StateEntered { .. }));
    u32::try_from(entered.count()).unwrap_or(u32::MAX)
}

fn identity() -> Identity {
    Identity {
        number: 0,
        execution_arn: "arn:aws:states:us-east-1:000000000000:execution:bench:1".to_owned(),
        name: "1".to_owned(),
        role_arn: "arn:aws:iam::000000000000:role/bench".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:000000000000:stateMachine:bench".to_owned(),
        version_arn: None,
        alias_arn: None,
        state_machine_name: "bench".to_owned(),
        express: false,
    }
}

#[allow(clippy::cast_precision_loss)] // counts are far below 2⁵³
fn as_f64(count: u64) -> f64 {
    count as f64
}
