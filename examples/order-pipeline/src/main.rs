//! Synthesizes the order pipeline: `cargo run --example order-pipeline`, or what `stepmill run examples/order-pipeline` does by itself.

mod functions;
mod order;
mod workflow;

use std::path::Path;
use std::process::ExitCode;

use stepmill::prelude::*;

fn main() -> ExitCode {
    let app = App::recommended();
    let stack = Stack::new(&app, "OrderPipeline");
    let code =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/order-pipeline/functions");
    workflow::order_pipeline(&stack, &functions::Functions::new(&stack, &code));
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
