//! Cloud assemblies as the CDK's own command lines list, show, compare and deploy them, and the handlers of functions as
//! Node.js runs them.
//!
//! The command lines are those that `cargo xtask test` installs; without them the tests say that they are skipped.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

mod deploy;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use stepmill::core::Asset;
use stepmill::prelude::*;
use tempfile::TempDir;

/// A directory whose `node_modules` have the command lines.
const NODE_PROJECT: &str = "STEPMILL_TEST_NODE_PROJECT";

/// The command lines: of the newest major version, and of the one before it.
const COMMAND_LINES: [&str; 2] = ["aws-cdk", "aws-cdk-2"];

/// What a variable says is installed; none, with a word about it, if it is not.
fn installed(variable: &str, test: &str) -> Option<PathBuf> {
    let place = env::var_os(variable).map(PathBuf::from);
    if place.is_none() {
        // Written past the test harness, which keeps back what passing tests print.
        let text = format!("skipped: {test} needs {variable}; cargo xtask test sets it up\n");
        let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    }
    place
}

/// A place for assemblies, and a home for the command line.
struct Place {
    directory: TempDir,
    node_modules: PathBuf,
}

impl Place {
    fn new(test: &str) -> Option<Self> {
        Some(Self {
            node_modules: installed(NODE_PROJECT, test)?.join("node_modules"),
            directory: tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self, name: &str) -> String {
        self.directory
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Node.js without an account, and without anything of whoever runs the tests.
    fn node(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut node = Command::new("node");
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("AWS_") || name.starts_with("CDK_") {
                node.env_remove(name.as_ref());
            }
        }
        node.current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env("CDK_HOME", self.directory.path())
            .env("CDK_DISABLE_VERSION_CHECK", "1")
            .env("CI", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("NODE_PATH", &self.node_modules)
            .envs(variables.iter().copied())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// What a command line prints; fails with all that it said if it does.
    fn cdk(&self, command_line: &str, arguments: &[&str]) -> String {
        self.cdk_with(command_line, arguments, &[])
    }

    /// The same with variables.
    fn cdk_with(
        &self,
        command_line: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> String {
        let program = self.node_modules.join(command_line).join("bin/cdk");
        let program = [
            program.to_str().unwrap(),
            "--no-notices",
            "--no-version-reporting",
        ];
        let output = self.node(&[&program, arguments].concat(), variables);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(
            output.status.success(),
            "{command_line} {arguments:?}\n{out}\n{err}"
        );
        // Some of it is written to where errors are.
        format!("{out}{err}")
    }
}

/// Two stacks, one of which takes something from the other, with assets of both kinds.
fn app(app: App, directory: &Path) -> App {
    let (queues, orders) = (Stack::new(&app, "Queues"), Stack::new(&app, "Orders"));
    let queue = Queue::new(&queues, "Queue");
    let evaluate = EvaluateExpression::new(&orders, "Evaluate", "$.a + 1");
    let send = SqsSendMessage::new(&orders, "Send", &queue, TaskInput::from_text("done"));
    StateMachine::new(&orders, "Machine", evaluate.next(send));
    let asset = Asset::new(&orders, "Asset", directory);
    stepmill::core::Output::new(&orders, "AssetUrl", asset.http_url());
    app
}

/// What command lines make of an assembly: the stacks in the order of their deployment, the templates, and how they
/// differ from others.
fn check(name: &str, make: impl FnOnce() -> App) {
    let Some(place) = Place::new(name) else {
        return;
    };
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let assembly = place.path("cdk.out");
    app(make(), &files).synth(&assembly).unwrap();
    let of = ["--app", assembly.as_str()];
    for command_line in COMMAND_LINES {
        let cdk = |arguments: &[&str]| place.cdk(command_line, &[arguments, &of].concat());
        let listed = cdk(&["ls"]);
        assert_eq!(
            listed.lines().collect::<Vec<_>>(),
            ["Queues", "Orders"],
            "{command_line}"
        );
        for stack in ["Queues", "Orders"] {
            let file = format!("{assembly}/{stack}.template.json");
            let mut written: Json =
                serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            // The command line does not show people its own check.
            written.as_object_mut().unwrap().remove("Rules");
            let printed = cdk(&["synth", "--json", "--exclusively", stack]);
            let printed = printed.get(..printed.rfind('}').unwrap() + 1).unwrap();
            let printed: Json = serde_json::from_str(printed).unwrap();
            assert_eq!(printed, written, "{command_line}");
            let same = cdk(&["diff", "--exclusively", "--template", &file, stack]);
            assert!(
                same.contains("There were no differences"),
                "{command_line}: {same}"
            );
        }
        let without = place.path("other.json");
        fs::write(&without, json!({"Resources": {}}).to_string()).unwrap();
        let other = cdk(&["diff", "--exclusively", "--template", &without, "Orders"]);
        // Resources are called by the constructs' paths.
        assert!(
            other.contains("[+] AWS::IAM::Role Machine/Role "),
            "{command_line}: {other}"
        );
    }
}

#[test]
fn legacy_assemblies() {
    check("legacy_assemblies", App::new);
}

#[test]
fn default_assemblies() {
    check("default_assemblies", || {
        App::new().feature(Feature::NewStyleStackSynthesis)
    });
}

#[test]
fn assemblies_of_version_2() {
    check("assemblies_of_version_2", || {
        App::new().feature(Feature::Version2)
    });
}

/// The command line runs a program, which writes to where the command line wants it.
#[test]
fn a_program_is_run_by_the_command_line() {
    let Some(place) = Place::new("a_program_is_run_by_the_command_line") else {
        return;
    };
    // Cargo makes the examples before it runs tests, beside the directory of the tests.
    let tests = env::current_exe().unwrap();
    let example = tests.ancestors().nth(2).unwrap().join("examples/cdk");
    let app = format!("{} 46", example.display());
    fs::write(
        place.path("cdk.json"),
        json!({"app": app, "context": {"@aws-cdk/core:newStyleStackSynthesis": true}}).to_string(),
    )
    .unwrap();
    for command_line in COMMAND_LINES {
        let out = place.path(command_line);
        place.cdk(command_line, &["synth", "--quiet", "--output", &out]);
        let read = |name: &str| -> Json {
            serde_json::from_str(&fs::read_to_string(format!("{out}/{name}")).unwrap()).unwrap()
        };
        assert!(read("manifest.json")["artifacts"]["Example"].is_object());
        let parameters = &read("Example.template.json")["Parameters"];
        assert!(
            parameters["BootstrapVersion"].is_object(),
            "the context of cdk.json is heard"
        );
    }
}

#[test]
fn handlers_of_functions() {
    let Some(place) = Place::new("handlers_of_functions") else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/handlers.cjs");
    let test = ["--test", "--test-reporter=tap", script.to_str().unwrap()];
    let output = place.node(&test, &[]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // A script without tests would pass, too.
    assert!(said.contains("# pass 6"), "{said}");
}
