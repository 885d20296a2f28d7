//! Everything an execution needs before it starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stepmill::asl::model::StateMachineType;
use stepmill::engine::{ACCOUNT, Chance, Clock, REGION, Runner, Start, identity};
use stepmill::integrations::lambda::{Function, Host, HostError, HostOptions, LogLine};
use stepmill::integrations::{Aws, Endpoints, Integrations};
use stepmill::interpreter::Limits;
use tokio::sync::mpsc;

use super::input;
use crate::cli::RunArgs;
use crate::mocks;
use crate::problem::Problem;
use crate::source::Source;
use crate::validate;

/// Lines of functions that may wait to be shown.
const LOG_LINES: usize = 4_096;

pub(super) struct Prepared {
    pub(super) runner: Runner,
    pub(super) start: Start,
    pub(super) logs: Logs,
}

/// What functions write.
pub(super) struct Logs {
    /// To be shown.
    pub(super) lines: mpsc::Receiver<LogLine>,
    /// How many lines came faster than they could be shown.
    pub(super) lost: Arc<AtomicUsize>,
}

pub(super) async fn prepare(args: &RunArgs) -> Result<Prepared, Problem> {
    let source = Source::choose(&args.path, args.machine.as_deref())?;
    let machine_type = source.machine_type(args.express);
    let parsed = source.parse(machine_type);
    validate::show(&source, &parsed.diagnostics);
    let machine = parsed
        .machine
        .ok_or_else(|| validate::refusal(&source, &parsed.diagnostics))?;
    let express = machine_type == StateMachineType::Express;
    let limits = if express {
        Limits::EXPRESS
    } else {
        Limits::STANDARD
    };
    let input = input::read(
        args.input.as_deref(),
        source.project.as_ref(),
        limits.payload_bytes,
    )?;
    let name = match &args.name {
        Some(name) => checked_name(name)?,
        None => &source.name,
    };

    let (sender, lines) = mpsc::channel(LOG_LINES);
    let lost = Arc::new(AtomicUsize::new(0));
    let settings = source.project.as_ref().map(|project| &project.settings);
    let aws = settings.map(|settings| settings.aws.clone());
    let aws = Aws::of_process(aws.unwrap_or_default()).in_own_region();
    let http = settings.map(|settings| settings.http.clone());
    let endpoints = Endpoints::of_process(http.unwrap_or_default());
    let mut integrations = Integrations::new().with_aws(aws).with_endpoints(endpoints);
    let mocks = mocks::chosen(args, settings, name)?;
    if !source.functions.is_empty() {
        let host = host(&source.functions, sender, lost.clone()).await?;
        // With mocks, functions may be declared that this machine cannot run and nobody calls.
        if mocks.is_none() {
            check(&host).await?;
        }
        integrations = integrations.with_lambda(Arc::new(host));
    }
    let clock = if args.skip_waits {
        Clock::skipping()
    } else {
        Clock::Real
    };
    let chance = Chance::from_system()
        .map_err(|error| Problem::new(format!("the system has no random numbers: {error}")))?;
    Ok(Prepared {
        runner: Runner::new(integrations, clock, chance),
        start: Start {
            machine: Arc::new(machine),
            identity: identity(name, express, ACCOUNT, REGION),
            input,
            limits,
            mocks: mocks.map(Arc::new),
        },
        logs: Logs { lines, lost },
    })
}

/// A state machine's name as `CreateStateMachine` takes it.
fn checked_name(name: &str) -> Result<&str, Problem> {
    let legal = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if (1..=80).contains(&name.len()) && name.chars().all(legal) {
        return Ok(name);
    }
    let message = format!("--name {name:?}: cannot name a state machine");
    Err(Problem::new(message).help("use 1 to 80 letters, digits, hyphens and underscores"))
}

async fn host(
    functions: &[Function],
    logs: mpsc::Sender<LogLine>,
    lost: Arc<AtomicUsize>,
) -> Result<Host, Problem> {
    let options = HostOptions {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        logs: Some(Arc::new(move |line| {
            // A function that floods its log must not hold up its answer.
            if logs.try_send(line).is_err() {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        })),
        ..HostOptions::default()
    };
    let host = Host::start(functions.iter().cloned(), options).await;
    host.map_err(|error| host_problem(&error))
}

/// Looks for what functions need, so that a run does not fail half-way for it.
async fn check(host: &Host) -> Result<(), Problem> {
    let mut problems = host.check().await;
    let Some(last) = problems.pop() else {
        return Ok(());
    };
    for problem in &problems {
        host_problem(problem).print();
    }
    Err(host_problem(&last))
}

fn host_problem(error: &HostError) -> Problem {
    let problem = Problem::new(error.to_string());
    match error.help() {
        Some(help) => problem.help(help),
        None => problem,
    }
}
