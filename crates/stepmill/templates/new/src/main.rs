//! Synthesizes the app: `cargo run`, or `cdk synth`.

use std::process::ExitCode;

use stepmill::prelude::*;

fn main() -> ExitCode {
    let app = App::recommended();
    {{crate}}::workflow(&Stack::new(&app, "{{stack}}"));
    match app.synth(App::outdir()) {
        Ok(assembly) => {
            println!("synthesized to {}", assembly.directory().display());
            ExitCode::SUCCESS
        }
        Err(errors) => {
            eprintln!("{errors}");
            ExitCode::FAILURE
        }
    }
}
