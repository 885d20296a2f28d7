//! Simulates engines: `stepmill-simulation --seeds 10000`.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use stepmill_simulation::{Faults, simulate};

/// Simulates crashes, reordered news and jumping clocks; any seed replays exactly.
#[derive(Debug, Parser)]
#[command(after_help = "Example: stepmill-simulation --first 4711 --seeds 1 --trace")]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Acknowledge commits before they are on the disk: the simulation must fail.
    #[arg(long)]
    drop_fsync: bool,
    /// Run at most so many seeds of an engine that is broken on purpose: succeed as soon as one of
    /// them fails.
    #[arg(long, value_name = "SEEDS", conflicts_with = "seeds")]
    noticed_within: Option<u64>,
    /// Print what happened, step by step.
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let faults = Faults {
        drop_fsync: arguments.drop_fsync,
    };
    let began = Instant::now();
    let mut totals = stepmill_simulation::Totals::default();
    let seeds = arguments.noticed_within.unwrap_or(arguments.seeds);
    for seed in arguments.first..arguments.first.saturating_add(seeds) {
        let outcome = simulate(seed, faults);
        if arguments.trace {
            for line in outcome.trace() {
                println!("{line}");
            }
        }
        match outcome.verdict() {
            Ok(counted) => totals.add(counted),
            Err(violation) if arguments.noticed_within.is_some() => {
                println!("noticed by seed {seed}: {violation}");
                return ExitCode::SUCCESS;
            }
            Err(violation) => {
                eprintln!("seed {seed}: {violation}");
                eprintln!("run it again: stepmill-simulation --first {seed} --seeds 1 --trace");
                return ExitCode::FAILURE;
            }
        }
        if seed % 10_000 == 9_999 {
            eprintln!("{} seeds, {totals}", seed + 1 - arguments.first);
        }
    }
    println!(
        "{seeds} seeds held in {:.1} s: {totals}",
        began.elapsed().as_secs_f64()
    );
    match arguments.noticed_within {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    }
}
