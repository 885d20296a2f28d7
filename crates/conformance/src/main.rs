//! The command `stepmill-conformance`.

use std::process::ExitCode;

use clap::Parser;

use stepmill_conformance::cli::{Cli, execute};

fn main() -> ExitCode {
    match execute(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
