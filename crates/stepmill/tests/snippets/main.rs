//! The examples of the CDK's "Tasks for AWS Step Functions", synthesized by the constructs and run by `stepmill serve`:
//! services must be asked for what the examples say.
//!
//! `snippets.json` has for each example what its input is, what it refers to and what must be asked; it was written from
//! the examples' text. Tasks of one example that both read the execution's input are run `apart`: the example does not say
//! that one follows the other. `snippets.py` runs the machines, one after the other, and says a line for each.

#![cfg(unix)] // functions need it
#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

#[path = "../../../../examples/cdk/snippets.rs"]
mod snippets;

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _, stderr, stdout};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use stepmill::prelude::*;

use snippets::{SNIPPETS, Snippet, wrap};

/// Python with boto3 and moto.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";
/// What the names of the examples to be run begin with; else all are.
const SOME: &str = "SNIPPET";
/// The account and the region of machines that are deployed nowhere.
const PLACE: (&str, &str) = ("000000000000", "us-east-1");

/// The page that says how the examples have run.
const HEAD: &str = "\
# Runs

Written by `crates/stepmill/tests/snippets`, which fails if it is not true. Each example is synthesized, what it refers to
is made by the services' own APIs, and `stepmill serve` runs its state machine to its end. What was asked, in the order of
asking, are the calls and parameters that the example says.

moto is a server that plays AWS. The strict server takes what AWS's models allow and nothing else, and answers where moto
cannot.

| | example | asked | of | end |
| --- | --- | --- | --- | --- |
";

#[test]
fn services_are_asked_for_what_the_examples_say() {
    let Some(python) = env::var_os(PYTHON) else {
        // Written past the test harness, which keeps back what passing tests print.
        let text = format!("skipped: snippets need {PYTHON}; cargo xtask test sets it up\n");
        stderr().write_all(text.as_bytes()).unwrap();
        return;
    };
    let assemblies = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snippets/snippets.py");
    let mut runs = Command::new(python)
        // No compiled files in the repository.
        .arg("-B")
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_stepmill"))
        .arg(assemblies.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(runs.stdout.take().unwrap()).lines();
    let network = said.next().unwrap().unwrap();
    let network: Value = serde_json::from_str(&network).unwrap();
    for snippet in SNIPPETS {
        let directory = assemblies.path().join(snippet.name).join("cdk.out");
        synthesize(snippet, &network).synth(directory).unwrap();
    }
    writeln!(runs.stdin.take().unwrap()).unwrap();
    let mut lines = Vec::new();
    for line in said.map(Result::unwrap) {
        writeln!(stdout(), "{line}").unwrap();
        lines.push(line);
    }
    assert!(
        runs.wait().unwrap().success(),
        "services were asked otherwise"
    );
    lines.sort();
    if env::var_os(SOME).is_none() {
        is_the_page(&lines);
    }
}

/// That the page in the documentation has these lines; `UPDATE_EXPECT=1` writes it.
fn is_the_page(lines: &[String]) {
    let numbers = lines.iter().map(|line| &line[..2]);
    let expected = SNIPPETS.iter().map(|snippet| &snippet.name[..2]);
    assert!(numbers.eq(expected), "{lines:#?}");
    let mut page = HEAD.to_owned();
    for line in lines {
        page.extend(["| ", line, " |\n"]);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tasks/runs.md");
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, page,
        "UPDATE_EXPECT=1 writes docs/tasks/runs.md anew"
    );
}

/// An app with an example's stack. One that looks a network up finds it, and is for a place, as look-ups are.
fn synthesize(snippet: &Snippet, network: &Value) -> App {
    let place = Environment::new(PLACE.0, PLACE.1);
    let trial = App::new();
    build(snippet, &trial, place.clone());
    let mut missing = trial.missing_context();
    missing.retain(|missing| missing.provider == "vpc-provider");
    let (app, place) = match missing.first() {
        Some(asked) => (App::new().context(&asked.key, network.clone()), place),
        None => (App::new(), Environment::default()),
    };
    build(snippet, &app, place);
    app
}

fn build(snippet: &Snippet, app: &App, place: Environment) {
    // The stack's name is part of some names, so it is that of the CDK's own run.
    let stack = Stack::with_environment(app, "GoldenStack", place);
    let states = (snippet.build)(&stack);
    if expectation(snippet)["apart"] == true {
        let both = Parallel::new(&stack, "Both");
        let both = states.into_iter().fold(both, Parallel::branch);
        StateMachine::new(&stack, "StateMachine", both);
    } else {
        wrap(&stack, states);
    }
}

/// What `snippets.json` says of an example.
fn expectation(snippet: &Snippet) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("snippets.json")).unwrap();
    all[snippet.name].take()
}
