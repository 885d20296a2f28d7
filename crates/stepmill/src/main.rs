//! The `stepmill` command.

mod assembly;
mod cli;
mod client;
mod draw;
mod mocks;
mod new;
mod policy;
mod problem;
mod run;
mod serve;
mod signals;
mod source;
mod store;
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
    /// The execution did not succeed, or what was looked at is damaged.
    Failed = 1,
    /// The definition, the project, the usage or the server's answer is wrong.
    Unusable = 2,
    /// Interrupted for the second time, as shells number it.
    Interrupted = 130,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    cli.color.apply();
    let exit = match &cli.verb {
        Verb::New(args) => new::new(args),
        Verb::Run(args) => run::run(args),
        Verb::Validate(args) => validate::validate(args),
        Verb::Graph(args) => draw::draw(args),
        Verb::Policy(args) => policy::policy(args),
        Verb::Serve(args) => serve::serve(args),
        Verb::Start(args) => client::start(args),
        Verb::List(args) => client::list(args),
        Verb::Describe(args) => client::describe(args),
        Verb::History(args) => client::history(args),
        Verb::Stop(args) => client::stop(args),
        Verb::Redrive(args) => client::redrive(args),
        Verb::Store(args) => store::store(args),
    };
    let exit = exit.unwrap_or_else(|problem| {
        problem.print();
        Exit::Unusable
    });
    ExitCode::from(exit as u8)
}
