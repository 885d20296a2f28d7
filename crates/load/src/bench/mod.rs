//! Measurements of the server over HTTP: it on one processor, its clients on another, every commit
//! flushed to the disk.

mod clients;
mod disk;
mod measure;
mod report;
mod tasks;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::ValueEnum;

use crate::LoadError;
use crate::process::Program;
use report::Figure;

/// The processor of the server.
const SERVER: usize = 0;
/// The processor of the clients.
const CLIENTS: usize = 1;

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Executions of ten states from start to end, with 64 clients.
    Durable,
    /// One execution alone.
    Latency,
    /// Synchronous Express executions of ten states, with 64 clients.
    Express,
    /// Tasks that call a service which answers at once, with 64 executions.
    Tasks,
    /// Executions that wait: memory and disk.
    Parked,
    /// Taking up what ran.
    Recovery,
    /// From the start of the process to the first answer.
    Cold,
}

const ALL: [Part; 7] = [
    Part::Cold,
    Part::Latency,
    Part::Durable,
    Part::Express,
    Part::Tasks,
    Part::Recovery,
    Part::Parked,
];

/// How to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The `stepmill` binary.
    pub binary: PathBuf,
    /// A Markdown page to write the figures to.
    pub document: Option<PathBuf>,
    /// Only these; all if there are none.
    pub only: Vec<Part>,
    /// How long to measure rates, in seconds.
    pub seconds: f64,
    /// Executions that wait.
    pub parked: u32,
    /// Executions that are open when the server is killed.
    pub open: u32,
    /// Where stores are made; the system's directory for temporary files if there is none.
    pub directory: Option<PathBuf>,
}

/// Measures, prints the figures and writes the page.
pub fn run(plan: &Plan) -> Result<(), LoadError> {
    let pinned = pin();
    if !pinned {
        eprintln!("Server and clients share all processors: `taskset` or a second one is missing.");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LoadError::system("starting a runtime"))?;
    let binary = plan.binary.canonicalize();
    let binary = binary.map_err(LoadError::system(plan.binary.display().to_string()))?;
    let mut figures: Vec<Figure> = Vec::new();
    for part in ALL {
        if !plan.only.is_empty() && !plan.only.contains(&part) {
            continue;
        }
        let directory = match &plan.directory {
            Some(directory) => tempfile::tempdir_in(directory),
            None => tempfile::tempdir(),
        };
        let directory = directory.map_err(LoadError::system("making a directory"))?;
        let program = Program {
            binary: binary.clone(),
            store: directory.path().join("store"),
            variables: Vec::new(),
            processor: pinned.then_some(SERVER),
        };
        let measured = runtime.block_on(measure(part, plan, &program, directory.path()))?;
        for figure in &measured {
            println!("{}", figure.line());
        }
        figures.extend(measured);
    }
    match &plan.document {
        Some(path) => report::write(path, &figures, pinned),
        None => Ok(()),
    }
}

async fn measure(
    part: Part,
    plan: &Plan,
    program: &Program,
    directory: &Path,
) -> Result<Vec<Figure>, LoadError> {
    let log = directory.join("log");
    match part {
        Part::Durable => measure::durable(program, &log, plan.seconds).await,
        Part::Latency => measure::latency(program, &log, directory).await,
        Part::Express => measure::express(program, &log, plan.seconds).await,
        Part::Tasks => tasks::throughput(program, &log, plan.seconds).await,
        Part::Parked => measure::parked(program, &log, plan.parked).await,
        Part::Recovery => measure::recovery(program, &log, plan.open).await,
        Part::Cold => measure::cold(program, &log, directory).await,
    }
}

/// Keeps this process on its processor; whether that can be.
fn pin() -> bool {
    let id = std::process::id().to_string();
    let pinned = Command::new("taskset")
        .args(["-a", "-c", "-p", &CLIENTS.to_string(), &id])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    pinned.is_ok_and(|status| status.success())
}
