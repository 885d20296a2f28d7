//! Synthesizes an example: `cargo run --example cdk -- 46` prints its template, `cargo run --example cdk -- 46 cdk.out` writes
//! a cloud assembly. Without a number, the examples are listed.
//!
//! It can be the app of the CDK's command line: `cdk synth --app "cargo run --example cdk -- 46"`.

extern crate stepmill_constructs as stepmill;

mod snippets;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use snippets::{SNIPPETS, Snippet, wrap};
use stepmill::core::ConstructErrors;
use stepmill::prelude::*;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(number) = arguments.next() else {
        for snippet in SNIPPETS {
            println!("{}", snippet.name);
        }
        return ExitCode::SUCCESS;
    };
    let Some(snippet) = SNIPPETS
        .iter()
        .find(|snippet| snippet.name.starts_with(&format!("{number:0>2}-")))
    else {
        eprintln!("there is no example {number}; without a number, the examples are listed");
        return ExitCode::FAILURE;
    };
    let directory = arguments.next().map(PathBuf::from);
    let directory = directory.or_else(|| env::var_os("CDK_OUTDIR").map(|_| App::outdir()));
    match synthesize(snippet, directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            eprintln!("{errors}");
            ExitCode::FAILURE
        }
    }
}

fn synthesize(snippet: &Snippet, directory: Option<PathBuf>) -> Result<(), ConstructErrors> {
    let app = App::from_cdk()?;
    let stack = Stack::with_environment(&app, "Example", Environment::from_cdk());
    wrap(&stack, (snippet.build)(&stack));
    match directory {
        Some(directory) => app.synth(directory).map(drop),
        None => stack
            .template()
            .map(|template| println!("{:#}", template.body)),
    }
}
