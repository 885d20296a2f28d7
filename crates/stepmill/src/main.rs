//! The `stepmill` command.

mod cli;
mod draw;
mod problem;
mod run;
mod source;
mod terminal;
mod validate;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Verb};

/// How the command ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// What was asked for is done, or the execution succeeded.
    Succeeded = 0,
    /// The execution did not succeed.
    Failed = 1,
    /// The definition, the project or the usage is wrong: nothing was run.
    Unusable = 2,
    /// Interrupted for the second time, as shells number it.
    Interrupted = 130,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.apply();
    let exit = match &cli.verb {
        Verb::Run(args) => run::run(args),
        Verb::Validate(args) => validate::validate(args),
        Verb::Graph(args) => draw::draw(args),
    };
    let exit = exit.unwrap_or_else(|problem| {
        problem.print();
        Exit::Unusable
    });
    ExitCode::from(exit as u8)
}
