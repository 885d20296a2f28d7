//! The command line.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::case::{LoadError, load};
use crate::http::{Endpoints, HttpTarget};
use crate::known;
use crate::outcome::Outcome;
use crate::pairs::{PairsError, compare_pairs};
use crate::placeholder::Caller;
use crate::report::{to_markdown, to_text};
use crate::run::Options;
use crate::suite::{TargetFactory, run_all};

/// Replays recorded answers of AWS Step Functions against an engine.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay cases against an endpoint and report what passes.
    ///
    /// Exit code: 0 if no case failed but for known differences, 1 if one did, 2 if the cases could
    /// not be run.
    ///
    /// Example: stepmill-conformance run --cases ../conformance --endpoint http://127.0.0.1:8083 intrinsics/
    Run(Box<RunArgs>),
    /// Compare pairs read from standard input, one JSON object a line, and print the differences
    /// of each as a JSON list.
    ///
    /// A line is {"expected": …, "actual": …} and, where they apply, "path", "account", "region",
    /// "tokens", "wildcards", "unchecked_paths", "unordered".
    ///
    /// Example: echo '{"expected": {"n": 1}, "actual": {"n": 1.0}}' | stepmill-conformance compare
    Compare,
}

/// Which cases to replay, against what, and where the outcome goes.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct RunArgs {
    /// Only cases whose file (AREA/NAME.json) or id holds one of these texts.
    pub filters: Vec<String>,
    /// The data set: a directory with the folders `cases` and `functions`.
    #[arg(long, value_name = "DIR", env = "STEPMILL_CONFORMANCE")]
    pub cases: PathBuf,
    /// The Step Functions endpoint.
    #[arg(
        long,
        value_name = "URL",
        env = "AWS_ENDPOINT_URL_SFN",
        default_value = "http://127.0.0.1:8083"
    )]
    pub endpoint: String,
    /// The Lambda endpoint; without it, cases that need functions are skipped.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_LAMBDA")]
    pub lambda: Option<String>,
    /// The endpoint of other services of AWS; without it, cases that need some are skipped.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL")]
    pub aws: Option<String>,
    /// The file that the engine reads its mock configuration from at each start; without it, cases
    /// that need one are skipped.
    #[arg(long, value_name = "FILE")]
    pub mock_config: Option<PathBuf>,
    /// Skip cases that need this: `distributed-map`, or what cases name under `requires`.
    #[arg(long, value_name = "NEED")]
    pub without: Vec<String>,
    /// The account of the caller.
    #[arg(long, default_value = "000000000000")]
    pub account: String,
    /// A second account.
    #[arg(long, default_value = "000000000002")]
    pub account2: String,
    /// The region of the caller.
    #[arg(long, default_value = "us-east-1")]
    pub region: String,
    /// How long to wait for an execution, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 90)]
    pub wait: u64,
    /// How many cases to run at a time.
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub jobs: usize,
    /// Count and list by the strict verdict: compare unchecked paths too. What fails the command is
    /// strict for cases in scope only.
    #[arg(long)]
    pub strict: bool,
    /// Show every difference, not only the first of each case.
    #[arg(long, short)]
    pub verbose: bool,
    /// Print the results as JSON instead of text.
    #[arg(long)]
    pub json: bool,
    /// Also write the report as a Markdown page.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
}

/// Why the command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The cases cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The pairs cannot be compared.
    #[error(transparent)]
    Pairs(#[from] PairsError),
    /// The results are no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The outcome cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// Where to.
        path: String,
        /// The operating system's reason.
        source: std::io::Error,
    },
}

/// Does what `cli` asks for.
pub fn execute(cli: &Cli) -> Result<ExitCode, CliError> {
    match &cli.command {
        Command::Run(args) => {
            let target = HttpTarget::new(
                Endpoints {
                    states: args.endpoint.clone(),
                    lambda: args.lambda.clone(),
                    services: args.aws.clone(),
                    mock_config: args.mock_config.clone(),
                    without: args.without.clone(),
                },
                args.caller(),
            );
            run(args, &|_| Ok(Box::new(target.clone())))
        }
        Command::Compare => {
            compare_pairs(std::io::stdin().lock(), std::io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Replays the cases that `args` name against `targets` and writes the outcome where `args` say.
pub fn run(args: &RunArgs, targets: &TargetFactory<'_>) -> Result<ExitCode, CliError> {
    let cases = load(&args.cases, &args.filters)?;
    let options = Options {
        caller: args.caller(),
        wait: Duration::from_secs(args.wait),
        functions: args.cases.join("functions"),
    };
    let shown = std::io::stderr().is_terminal();
    let progress = |done: usize| {
        if shown {
            eprint!("\r{done} of {} cases", cases.len());
        }
    };
    let results = run_all(&cases, targets, &options, args.jobs, &progress);
    if shown {
        eprintln!();
    }
    let text = if args.json {
        serde_json::to_string_pretty(&results)? + "\n"
    } else {
        to_text(&results, args.strict, args.verbose)
    };
    let failed = |path: &str| {
        let path = path.to_owned();
        move |source| CliError::Write { path, source }
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(failed("standard output"))?;
    if let Some(path) = &args.document {
        let page = to_markdown(&results, &args.command_line());
        std::fs::write(path, page).map_err(failed(&path.to_string_lossy()))?;
    }
    let unexplained: Vec<&str> = results
        .iter()
        // Services that are not AWS's answer with headers and metadata of their own.
        .filter(|result| {
            let strict = args.strict && result.in_scope;
            matches!(result.outcome(strict), Outcome::Failed { .. })
        })
        .map(|result| result.id.as_str())
        .filter(|id| known::reason(id).is_none())
        .collect();
    for id in &unexplained {
        eprintln!("not a known difference: {id}");
    }
    Ok(ExitCode::from(u8::from(!unexplained.is_empty())))
}

impl RunArgs {
    fn caller(&self) -> Caller {
        Caller {
            account: self.account.clone(),
            second_account: self.account2.clone(),
            region: self.region.clone(),
        }
    }

    /// The command as others can repeat it: where the data set and the engine are is theirs.
    fn command_line(&self) -> String {
        let mut words =
            vec!["cargo run -p stepmill-conformance -- run --cases DIR --endpoint URL".to_owned()];
        words.extend(self.lambda.as_ref().map(|_| "--lambda URL".to_owned()));
        words.extend(self.aws.as_ref().map(|_| "--aws URL".to_owned()));
        words.extend(
            self.mock_config
                .as_ref()
                .map(|_| "--mock-config FILE".to_owned()),
        );
        let without = self.without.iter();
        words.extend(without.map(|need| format!("--without {need}")));
        words.extend(
            self.document
                .as_ref()
                .map(|path| format!("--document {}", path.display())),
        );
        words.extend(self.filters.iter().cloned());
        words.join(" ")
    }
}
