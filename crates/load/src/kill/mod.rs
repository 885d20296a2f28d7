//! Kill rounds: a server on one store, loaded by clients, killed at random moments, started again.
//! In the end everything that was acknowledged is accounted for, through the API.

mod audit;
mod clients;
mod ledger;
mod machines;
mod report;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use report::Report;

use crate::LoadError;
use crate::http::Connection;
use crate::process::{Program, Server};
use crate::random::Random;
use clients::{Client, ROLES, Role};
use ledger::Ledger;
use machines::{ACTIVITY, ALL, Kind};

/// In the end, everything comes to its end within this time.
const PATIENCE: Duration = Duration::from_secs(180);
/// One life in so many is killed while it starts.
const EARLY: u64 = 10;
/// The longest of those lives, in milliseconds.
const EARLY_LIFE: u64 = 100;

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The `stepmill` binary.
    pub binary: PathBuf,
    /// How often to kill it.
    pub rounds: u32,
    /// Where chance begins.
    pub seed: u64,
    /// The longest life of a server after it listens, in milliseconds.
    pub life: u64,
}

/// Kills a server over and over, and accounts for what it had acknowledged.
pub fn run(plan: &Plan) -> Result<Report, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LoadError::system("starting a runtime"))?;
    runtime.block_on(rounds(plan))
}

async fn rounds(plan: &Plan) -> Result<Report, LoadError> {
    let directory = tempfile::tempdir().map_err(LoadError::system("making a directory"))?;
    let log = directory.path().join("log");
    let binary = plan.binary.canonicalize();
    let program = Program {
        variables: Vec::new(),
        binary: binary.map_err(LoadError::system(plan.binary.display().to_string()))?,
        store: directory.path().join("store"),
        processor: None,
    };
    let ledger = Arc::new(Ledger::default());
    let mut random = Random::new(plan.seed);
    prepare(&program, &log).await?;
    for round in 0..plan.rounds {
        live(plan, &program, &log, &ledger, &mut random, round).await?;
        if (round + 1) % 20 == 0 {
            eprintln!("{} of {} rounds", round + 1, plan.rounds);
        }
    }
    let mut server = program.start(&log)?;
    let address = server.address().await?;
    finish(address, &ledger, &mut random, plan.rounds).await?;
    let book = Arc::new(ledger.take_book());
    let findings = audit::audit(address, book.clone()).await?;
    server.kill().await?;
    Ok(Report::new(plan.rounds, &book, &findings))
}

/// Creates what is started. That, too, is killed: it was acknowledged.
async fn prepare(program: &Program, log: &Path) -> Result<(), LoadError> {
    let mut server = program.start(log)?;
    let mut connection = Connection::open(server.address().await?).await?;
    let activity = json!({ "name": ACTIVITY });
    connection.must("CreateActivity", &activity).await?;
    for kind in ALL {
        let machine = json!({
            "name": kind.name(),
            "definition": kind.definition().to_string(),
            "roleArn": "arn:aws:iam::000000000000:role/kill",
        });
        connection.must("CreateStateMachine", &machine).await?;
    }
    server.kill().await
}

/// One life of the server.
async fn live(
    plan: &Plan,
    program: &Program,
    log: &Path,
    ledger: &Arc<Ledger>,
    random: &mut Random,
    round: u32,
) -> Result<(), LoadError> {
    let mut server = program.start(log)?;
    if random.once_in(EARLY) {
        let life = Duration::from_millis(random.below(EARLY_LIFE));
        // Whether it gets to listen is chance.
        let _ = timeout(life, server.address()).await;
        return server.kill().await;
    }
    let address = listening(&mut server, log).await?;
    let (mut clients, over) = load(address, ledger, random, round, &Role::ALL);
    tokio::time::sleep(Duration::from_millis(random.below(plan.life))).await;
    server.kill().await?;
    over.store(true, Ordering::Relaxed);
    while clients.join_next().await.is_some() {}
    Ok(())
}

async fn listening(server: &mut Server, log: &Path) -> Result<SocketAddr, LoadError> {
    let told = || std::fs::read_to_string(log).unwrap_or_default();
    match timeout(PATIENCE, server.address()).await {
        Ok(Ok(address)) => Ok(address),
        Ok(Err(error)) => Err(LoadError::Server(format!("{error}:\n{}", told()))),
        Err(_) => Err(LoadError::Server(format!(
            "the server does not listen:\n{}",
            told()
        ))),
    }
}

/// Clients of these roles, and what tells them that it is over.
fn load(
    address: SocketAddr,
    ledger: &Arc<Ledger>,
    random: &mut Random,
    round: u32,
    roles: &[Role],
) -> (JoinSet<()>, Arc<AtomicBool>) {
    let mut clients = JoinSet::new();
    let over = Arc::new(AtomicBool::new(false));
    for (role, count) in ROLES.iter().filter(|(role, _)| roles.contains(role)) {
        for _ in 0..*count {
            let client = Client {
                role: *role,
                ledger: ledger.clone(),
                random: Random::new(random.below(u64::MAX)),
                round,
                over: over.clone(),
            };
            clients.spawn(client.run(address));
        }
    }
    (clients, over)
}

/// Ends what can be ended and waits for the rest.
async fn finish(
    address: SocketAddr,
    ledger: &Arc<Ledger>,
    random: &mut Random,
    round: u32,
) -> Result<(), LoadError> {
    adopt(address, ledger).await?;
    // Workers wait for tasks that will not come: nobody waits for them.
    let (_clients, over) = load(
        address,
        ledger,
        random,
        round,
        &[Role::Stopper, Role::Holder, Role::Worker],
    );
    let begun = Instant::now();
    let mut connection = Connection::open(address).await?;
    loop {
        let running = audit::running(&mut connection).await?;
        if running == 0 {
            break;
        }
        if begun.elapsed() > PATIENCE {
            // What they are, the audit says.
            eprintln!("{running} executions do not end");
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    over.store(true, Ordering::Relaxed);
    Ok(())
}

/// Executions whose start was never acknowledged may be there all the same: somebody has to end them.
async fn adopt(address: SocketAddr, ledger: &Arc<Ledger>) -> Result<(), LoadError> {
    let mut connection = Connection::open(address).await?;
    let unknown: Vec<(u64, Kind, String)> = {
        let book = ledger.lock();
        let unknown = book.jobs.iter().filter(|(_, job)| {
            job.started.is_none() && matches!(job.kind, Kind::Long | Kind::Callback)
        });
        unknown
            .map(|(number, job)| (*number, job.kind, job.name.clone()))
            .collect()
    };
    for (number, kind, name) in unknown {
        let describe = json!({ "executionArn": kind.execution_arn(&name) });
        if connection
            .call("DescribeExecution", &describe)
            .await?
            .is_ok()
        {
            ledger.put_back(kind, number);
        }
    }
    Ok(())
}
