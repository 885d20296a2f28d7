//! Prints the CloudFormation template of an example: `cargo run --example cdk -- 46`; without a number, what there is.

extern crate stepmill_constructs as stepmill;

mod snippets;

use std::process::ExitCode;

use snippets::{SNIPPETS, wrap};
use stepmill::prelude::*;

fn main() -> ExitCode {
    let Some(number) = std::env::args().nth(1) else {
        SNIPPETS
            .iter()
            .for_each(|snippet| println!("{}", snippet.name));
        return ExitCode::SUCCESS;
    };
    let Some(snippet) = SNIPPETS
        .iter()
        .find(|snippet| snippet.name.starts_with(&format!("{number:0>2}-")))
    else {
        eprintln!("there is no example {number}; without a number, the examples are listed");
        return ExitCode::FAILURE;
    };
    let stack = Stack::new(&App::new(), "Example");
    wrap(&stack, (snippet.build)(&stack));
    match stack.template() {
        Ok(template) => {
            println!("{:#}", template.body);
            ExitCode::SUCCESS
        }
        Err(errors) => {
            eprintln!("{errors}");
            ExitCode::FAILURE
        }
    }
}
