//! Loads a server from outside: `stepmill-load kill`, `stepmill-load bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use stepmill_load::{LoadError, bench, kill};

/// Loads a server from outside.
///
/// Exit code: 0 if all went well, 1 if something was lost or contradictory or could not be measured,
/// 2 if the command line is wrong.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Kill(Kill),
    Bench(Bench),
}

/// Kill the server at random moments under load, and account for all that it has acknowledged
#[derive(Debug, Args)]
struct Kill {
    /// The server
    #[arg(long, default_value = "target/release/stepmill")]
    binary: PathBuf,
    /// How often to kill it
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The longest life of a server, in milliseconds
    #[arg(long, default_value_t = 1_000)]
    life: u64,
}

/// Measure the server
#[derive(Debug, Args)]
struct Bench {
    /// The server
    #[arg(long, default_value = "target/release/stepmill")]
    binary: PathBuf,
    /// Also write the figures as a part of this Markdown page
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Only these: durable, latency, express, tasks, parked, recovery, cold
    only: Vec<bench::Part>,
    /// How long to measure rates, in seconds
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Executions that wait, for "parked"
    #[arg(long, default_value_t = 1_000_000)]
    parked: u32,
    /// Executions that are open, for "recovery"
    #[arg(long, default_value_t = 100_000)]
    open: u32,
    /// A directory on the disk to measure with [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Kill(args) => kill(&args),
        Verb::Bench(args) => bench::run(&bench::Plan {
            binary: args.binary,
            document: args.document,
            only: args.only,
            seconds: args.seconds,
            parked: args.parked,
            open: args.open,
            directory: args.directory,
        })
        .map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn kill(args: &Kill) -> Result<bool, LoadError> {
    let report = kill::run(&kill::Plan {
        binary: args.binary.clone(),
        rounds: args.rounds,
        seed: args.seed,
        life: args.life,
    })?;
    print!("{report}");
    Ok(report.is_clean())
}
