//! The program of which synthesis is measured: it only writes the assembly of a stack, as an author's program does.
//!
//! It is a program of its own so that it does not count its allocations while it is timed.

#[path = "../stack.rs"]
mod stack;

use std::env;
use std::path::Path;

fn main() -> Result<(), String> {
    let directory = env::args_os()
        .nth(1)
        .ok_or("the directory to write to is missing")?;
    stack::synthesize(Path::new(&directory))
}
