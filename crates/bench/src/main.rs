//! Benchmarks of the interpreter, the parser and synthesis, run by command:
//!
//! ```text
//! cargo run --release -p stepmill-bench -- --document docs/benchmarks.md
//! ```

mod definitions;
mod measure;
mod models;
mod report;
mod stack;
mod synthesis;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::measure::Figure;

/// Measures the interpreter, the parser and synthesis on one core.
///
/// Example: cargo run --release -p stepmill-bench -- --document docs/benchmarks.md
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Also write the figures as a Markdown page.
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// How long to measure each, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let mut figures: Vec<Figure> = Vec::new();
    for workload in definitions::workloads()? {
        let figure = measure::executions(&workload, arguments.seconds)?;
        println!("{}", report::text(&figure));
        figures.push(figure);
    }
    for (name, states) in [("a tenth of the way", 0.1), ("at the end", 1.0)] {
        let figure = measure::late_transition(name, states)?;
        println!("{}", report::text(&figure));
        figures.push(figure);
    }
    let figure = measure::parsing(&definitions::large(1 << 20), arguments.seconds)?;
    println!("{}", report::text(&figure));
    figures.push(figure);
    for figure in synthesis::whole_process()? {
        println!("{}", report::text(&figure));
        figures.push(figure);
    }
    for figure in models::decoding() {
        println!("{}", report::text(&figure));
        figures.push(figure);
    }
    if let Some(path) = &arguments.document {
        let known = std::fs::read_to_string(path).unwrap_or_default();
        std::fs::write(path, report::markdown(&figures, &known))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}
