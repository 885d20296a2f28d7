//! The verbs that speak to a server.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::support::Directory;

fn directory() -> Directory {
    let fail = json!({"StartAt": "Check", "States": {
        "Check": {"Type": "Choice", "Default": "Bad", "Choices": [
            {"Variable": "$.ok", "IsPresent": true, "Next": "Good"}
        ]},
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "TooBad", "Cause": "{\"why\": \"no\"}"}
    }});
    Directory::new()
        .with("m/check.asl.json", fail)
        .with(
            "m/wait.asl.yaml",
            "StartAt: W\nStates:\n  W: {Type: Wait, Seconds: 3600, End: true}\n",
        )
        .with("in.json", "{\"ok\": true}")
        .with(
            "x/stepmill.toml",
            "definition = \"quick.yaml\"\nname = \"quick\"\ntype = \"EXPRESS\"\n",
        )
        .with(
            "x/quick.yaml",
            "StartAt: A\nStates:\n  A: {Type: Pass, Result: fast, End: true}\n",
        )
}

const MEMORY: [&str; 2] = ["--store", "memory"];

#[test]
fn an_execution_from_start_to_end() {
    let directory = directory();
    let server = directory.serve(&[], &[&["m"], &MEMORY[..]].concat());
    let ran = server.run(&["start", "check", "--name", "good", "--input", "@in.json"]);
    ran.expect(0, &[]);
    let arn = "arn:aws:states:us-east-1:000000000000:execution:check:good";
    assert_eq!(ran.out.trim(), arn);
    let ran = server.run(&["history", arn, "--follow"]);
    ran.expect(0, &[]);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 6, "{}", ran.out);
    assert!(lines[0].starts_with("    1  ") && lines[0].contains("ExecutionStarted"));
    assert!(
        lines[1].ends_with("ChoiceStateEntered          Check"),
        "{}",
        lines[1]
    );
    let reversed = server.run(&["history", arn, "--reverse"]);
    let mut reversed: Vec<_> = reversed.out.lines().collect();
    reversed.reverse();
    assert_eq!(reversed, lines);
    let events = server.run(&["history", "check:good", "--json"]).json();
    assert_eq!(events["events"][5]["type"], "ExecutionSucceeded");

    let ran = server.run(&["start", "check", "--name", "bad", "--wait"]);
    ran.expect(
        1,
        &[
            "FAILED in ",
            "Error  TooBad",
            "Cause  {\n           \"why\": \"no\"",
        ],
    );
    assert_eq!(ran.out, "");
    let ran = server.run(&["describe", "check:bad"]);
    ran.expect(0, &[]);
    for line in ["status ", "FAILED", "error ", "TooBad", "redriveCount"] {
        assert!(ran.out.contains(line), "{}", ran.out);
    }
    let ran = server.run(&["list", "check", "--status", "failed"]);
    assert!(ran.out.starts_with("NAME  STATUS  STARTED "), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    let ran = server.run(&["list", "check", "--most", "1"]);
    ran.expect(0, &["there are more than 1; --most N shows more"]);
    let listed = server.run(&["list", "--json"]).json();
    let machines = listed["stateMachines"].as_array().unwrap();
    let names: Vec<_> = machines.iter().map(|machine| &machine["name"]).collect();
    assert_eq!(names, ["check", "wait"]);
    let ran = server.run(&["describe", "wait"]);
    assert!(ran.out.contains("\"Seconds\": 3600"), "{}", ran.out);
}

#[test]
fn an_execution_is_stopped_and_taken_up_again() {
    let directory = directory();
    let server = directory.serve(&[], &[&["m"], &MEMORY[..]].concat());
    server.run(&["start", "wait", "--name", "w"]).expect(0, &[]);
    let mut follow = server.command(&["history", "wait:w", "--follow"]);
    let mut follow = follow.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("WaitStateEntered")));
    let ran = server.run(&["stop", "wait:w", "--error", "Enough", "--cause", "of it"]);
    ran.expect(0, &["stopped arn:"]);
    let rest: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert!(
        rest[0].contains("ExecutionAborted            Enough: of it"),
        "{rest:?}"
    );
    assert_eq!(follow.wait().unwrap().code(), Some(1));

    server
        .run(&["redrive", "wait:w"])
        .expect(0, &["redriven arn:"]);
    let described = server.run(&["describe", "wait:w", "--json"]).json();
    assert_eq!(described["status"], "RUNNING");
    assert_eq!(described["redriveCount"], 1);
    let ran = server.run(&["redrive", "wait:w"]);
    ran.expect(2, &["ExecutionNotRedrivable"]);
    let stopped = server.run(&["stop", "wait:w", "--json"]).json();
    assert!(stopped["stopDate"].is_number(), "{stopped}");
}

#[test]
fn an_express_execution_is_waited_for() {
    let directory = directory();
    let server = directory.serve(&[], &[&["x"], &MEMORY[..]].concat());
    assert!(
        server.said.contains("start-sync-execution"),
        "{}",
        server.said
    );
    let ran = server.run(&["start", "quick", "--wait"]);
    ran.expect(0, &["SUCCEEDED in "]);
    assert_eq!(ran.json(), "fast");
    let ran = server.run(&["start", "quick"]);
    ran.expect(0, &[]);
    assert!(ran.out.contains(":express:quick:"), "{}", ran.out);
}

#[test]
fn what_the_server_refuses_is_said() {
    let directory = directory();
    let server = directory.serve(&[], &[&["m"], &MEMORY[..]].concat());
    for (args, said) in [
        (
            &["start", "chekc"][..],
            &["there is no state machine chekc", "check, wait"][..],
        ),
        (
            &["describe", "check:none"],
            &[
                "ExecutionDoesNotExist",
                "Execution Does Not Exist",
                "stepmill list",
            ],
        ),
        (
            &["stop", "check"],
            &["names no execution", "MACHINE:EXECUTION"],
        ),
        (
            &["list", "check", "--status", "DONE"],
            &["ValidationException"],
        ),
        (&["start", "check", "--input", "{"], &["not valid JSON"]),
        (
            &["list", "--endpoint", "https://x"],
            &["https is not supported"],
        ),
        (&["list", "--endpoint", "x"], &["no address of a server"]),
        (
            &["list", "--endpoint", "http://127.0.0.1:1"],
            &["no answer", "stepmill serve"],
        ),
    ] {
        let ran = server.run(args);
        ran.expect(2, said);
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn keys_are_demanded_and_used() {
    let directory = directory();
    let keys = [(
        "STEPMILL_AUTH_KEYS",
        "AKIAONE:first,AKIATWO:second:222222222222",
    )];
    let server = directory.serve(&keys, &[&["m"], &MEMORY[..]].concat());
    assert!(
        !server.said.contains("--no-sign-request"),
        "{}",
        server.said
    );
    let run = |id: &str, secret: &str| {
        let variables = [
            ("STEPMILL_ENDPOINT", server.url.as_str()),
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
        ];
        directory.run_with(&variables, &["list", "--json"])
    };
    run("", "").expect(
        2,
        &["MissingAuthenticationTokenException", "AWS_ACCESS_KEY_ID"],
    );
    run("AKIAONE", "second").expect(2, &["InvalidSignatureException", "the server's"]);
    run("AKIATHREE", "first").expect(2, &["UnrecognizedClientException"]);
    // The same request twice in a second is no replay.
    for _ in 0..3 {
        let listed = run("AKIAONE", "first").json();
        assert_eq!(listed["stateMachines"].as_array().unwrap().len(), 2);
    }
    let listed = run("AKIATWO", "second").json();
    assert_eq!(listed["stateMachines"], json!([]));
}
