//! Deterministic simulation: the engine with a simulated clock, disk and world, all from one seed.
//!
//! A seed gives a workload (state machines, executions to start and stop, workers) and a series of
//! crashes, each between any two steps: of a commit, of its acknowledgement, of a call and its
//! answer. After the last life everything that was promised must have been kept, and every
//! execution must have ended as it does without faults.

mod disk;
mod judge;
mod life;
mod outside;
mod power;
mod random;
mod workload;

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use stepmill_store::Memory;

pub use judge::Violation;

use crate::judge::{All, judge, read};
use crate::life::{Clients, End, World, live};
use crate::outside::Outside;
use crate::power::Power;
use crate::random::{fixed, mix};
use crate::workload::jobs;

/// When the world begins, in milliseconds since 1970.
const BEGINNING: i64 = 1_800_000_000_000;

/// Faults beside crashes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Commits are acknowledged before they are on the disk.
    pub drop_fsync: bool,
}

/// What was simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Executions that were started.
    pub executions: u64,
    /// Events in their histories.
    pub events: u64,
    /// Crashes.
    pub crashes: u64,
}

impl Totals {
    /// Adds what another seed has counted.
    pub fn add(&mut self, other: Self) {
        self.executions += other.executions;
        self.events += other.events;
        self.crashes += other.crashes;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} executions, {} events, {} crashes",
            self.executions, self.events, self.crashes
        )
    }
}

/// How a simulation went.
#[derive(Debug, PartialEq, Eq)]
pub struct Simulated {
    verdict: Result<Totals, Violation>,
    trace: Vec<String>,
}

impl Simulated {
    /// What was counted, or the promise that was broken.
    pub fn verdict(&self) -> Result<Totals, Violation> {
        self.verdict.clone()
    }

    /// What happened, step by step: the same for the same seed.
    pub fn trace(&self) -> &[String] {
        &self.trace
    }
}

/// Simulates one seed.
pub fn simulate(seed: u64, faults: Faults) -> Simulated {
    let mut trace = Vec::new();
    let verdict = without_faults(seed).and_then(|expected| {
        let world = world(seed, faults.drop_fsync);
        let crashes = live_through(&world, &mut trace)?;
        judge(&world, &expected)?;
        count(&world, crashes)
    });
    Simulated { verdict, trace }
}

fn world(seed: u64, drop_fsync: bool) -> World {
    World {
        seed,
        safe: Arc::new(Memory::new()),
        outside: Arc::new(Outside::default()),
        jobs: jobs(seed),
        clients: Arc::new(Mutex::new(Clients::default())),
        time: Arc::new(AtomicI64::new(BEGINNING)),
        drop_fsync,
    }
}

/// What comes out when nothing goes wrong.
fn without_faults(seed: u64) -> Result<All, Violation> {
    let world = world(seed, false);
    let power = Arc::new(Power::new(mix(seed), u64::MAX));
    match live(&world, 0, &power, false) {
        End::Done => read(&world),
        End::Crashed => Err(Violation::Stuck("a crash without a fault".to_owned())),
        End::Stuck(what) => Err(Violation::Stuck(format!("without faults: {what}"))),
    }
}

/// One life after another until all work is done; how many crashes there were.
fn live_through(world: &World, trace: &mut Vec<String>) -> Result<u64, Violation> {
    let most = fixed(world.seed, &["crashes"]) % 7;
    for life in 0.. {
        let bits = fixed(world.seed, &["life", &life.to_string()]);
        let fatal = if life < most { bits % 90 } else { u64::MAX };
        let power = Arc::new(Power::new(bits, fatal));
        let end = live(world, life, &power, true);
        trace.extend(power.take_trace());
        trace.push(format!("life {life}: {end:?}"));
        match end {
            End::Done => return Ok(life),
            End::Stuck(what) => return Err(Violation::Stuck(what)),
            // The machine is off for a while.
            End::Crashed => {
                let pause = i64::try_from(bits % 30_000).unwrap_or(0);
                world.time.fetch_add(pause, Ordering::Relaxed);
            }
        }
    }
    Ok(most)
}

fn count(world: &World, crashes: u64) -> Result<Totals, Violation> {
    let all = read(world)?;
    let events = all
        .values()
        .flat_map(|written| &written.records)
        .filter(|record| record.id != 0);
    Ok(Totals {
        executions: all.len() as u64,
        events: events.count() as u64,
        crashes,
    })
}
