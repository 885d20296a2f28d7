//! The tasks of this repository: `cargo xtask VERB`.

mod bench;
mod clients;
mod command;
mod conformance;
mod coverage;
mod data;
mod docs;
mod error;
mod floors;
mod fuzz;
mod integrations;
mod kill;
mod layers;
mod models;
mod new_project;
mod requirements;
mod simulate;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::TaskError;

/// The tasks of this repository.
///
/// Exit code: 0 if the task succeeded, 1 if it did not, 2 if the command line is wrong.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check what the tests need, install AWS's clients for them below target/, then run all of them.
    ///
    /// Tests that compare with data kept outside the repository run when the variables
    /// `STEPMILL_CONFORMANCE` and `STEPMILL_JSONATA_SUITE` name its directories.
    Test,
    /// Check that each crate imports only crates below it, and print the floors.
    Layers,
    /// Replay the recorded answers of AWS against `stepmill serve`, write docs/conformance.md and
    /// print the score.
    ///
    /// `STEPMILL_CONFORMANCE` names the directory of the recordings.
    Conformance {
        /// Only cases whose file (AREA/NAME.json) or id holds one of these texts;
        /// docs/conformance.md stays as it is.
        filters: Vec<String>,
    },
    /// Make crates/aws-client/data/models.deflate anew, from the botocore that
    /// crates/stepmill/tests/clients/requirements.txt pins.
    Models,
    /// Write the pages that are made from examples and data: docs/tasks and docs/deviations.md.
    Docs {
        /// Only check that they are what they would be written as.
        #[arg(long)]
        check: bool,
    },
    /// Write docs/cdk-coverage.md: where each type and member of the CDK is in Rust, or why it is not.
    Coverage {
        /// Only check that the page is up to date.
        #[arg(long)]
        check: bool,
    },
    /// Write docs/integrations.md: what each optimised integration calls, and which test executed it
    /// with each of its patterns, against what.
    Integrations {
        /// Only check that the page is up to date and that no test is missing.
        #[arg(long)]
        check: bool,
    },
    /// Measure in a release build and write docs/benchmarks.md.
    Bench {
        /// Only this.
        what: Option<bench::What>,
    },
    /// Simulate crashes of the engine in a release build, and show that what is broken on purpose is
    /// noticed.
    Simulate {
        /// How many seeds to run.
        #[arg(default_value_t = 10_000)]
        seeds: u64,
    },
    /// Kill the server at random moments under load, and account for all that it has acknowledged.
    Kill {
        /// How often.
        #[arg(default_value_t = 200)]
        rounds: u32,
    },
    /// Run each fuzz target.
    Fuzz {
        /// How long to run each target, in seconds.
        #[arg(default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
        seconds: u32,
    },
}

impl Task {
    fn run(&self) -> Result<(), TaskError> {
        match self {
            Self::Test => test::run(),
            Self::Layers => layers::run(),
            Self::Conformance { filters } => conformance::run(filters),
            Self::Models => models::run(),
            Self::Docs { check } => docs::run(*check),
            Self::Coverage { check } => coverage::run(*check),
            Self::Integrations { check } => integrations::run(*check),
            Self::Bench { what } => bench::run(*what),
            Self::Simulate { seeds } => simulate::run(*seeds),
            Self::Kill { rounds } => kill::run(*rounds),
            Self::Fuzz { seconds } => fuzz::run(*seconds),
        }
    }
}

fn main() -> ExitCode {
    match Cli::parse().task.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
