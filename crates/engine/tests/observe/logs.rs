//! Logs of executions.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use stepmill_engine::{LogDestination, LogEvent, Logging, LoggingLevel, Logs, LogsConfig};

use crate::world::{ACCOUNT, REGION, Ran, expect, run};

const PATIENCE: Duration = Duration::from_secs(60);
/// 248 KiB
const LIMIT: usize = 253_952;

fn group(name: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}")
}

fn logging(ran: &mut Ran, level: &str, data: bool, name: &str) {
    ran.revision.logging = Logging {
        level: match level {
            "ALL" => LoggingLevel::All,
            "ERROR" => LoggingLevel::Error,
            "FATAL" => LoggingLevel::Fatal,
            "OFF" => LoggingLevel::Off,
            other => panic!("{other}"),
        },
        include_execution_data: data,
        log_group_arn: Some(format!("{}:*", group(name))),
        empty_destinations: false,
    };
}

/// A destination that keeps what it gets.
fn kept() -> (Box<dyn LogDestination>, mpsc::Receiver<LogEvent>) {
    let (sender, receiver) = mpsc::channel();
    let destination = move |events: &[LogEvent]| {
        for event in events {
            sender.send(event.clone()).map_err(io::Error::other)?;
        }
        Ok(())
    };
    (Box::new(destination), receiver)
}

/// What is logged of an execution, in one turn after the other or in one.
fn logged(ran: &Ran, at_once: bool) -> Vec<LogEvent> {
    let (destination, events) = kept();
    let (logs, delivery) = Logs::open(&LogsConfig::default(), vec![destination])
        .unwrap()
        .unwrap();
    if at_once {
        ran.tell_at_once(&*logs);
    } else {
        ran.tell(&*logs);
    }
    assert_eq!(delivery.lost(), 0);
    assert!(delivery.finish(PATIENCE));
    events.try_iter().collect()
}

#[test]
fn executions_are_logged_as_told() {
    let cases: Value = serde_json::from_str(include_str!("data/logs.json")).unwrap();
    let mut found = String::new();
    for (name, case) in cases["cases"].as_object().unwrap() {
        let mut case = case.clone();
        let machine = case["machine"].as_str().unwrap().to_owned();
        case["definition"] = cases["definitions"][&machine].clone();
        let mut ran = run(&case, &machine, "e");
        let (level, data) = (case["level"].as_str().unwrap(), case["data"] == true);
        logging(&mut ran, level, data, "/aws/vendedlogs/states/g");
        let events = logged(&ran, false);
        let _ = writeln!(found, "## {name}");
        for event in &events {
            let message: Value = serde_json::from_str(&event.message).unwrap();
            assert_eq!(message["event_timestamp"], event.timestamp.to_string());
            assert_eq!(event.stream.group_arn, group("/aws/vendedlogs/states/g"));
            let parts: Vec<&str> = event.stream.name.split('/').collect();
            assert_eq!(parts[..2], ["states", machine.as_str()]);
            assert_eq!((parts[2].len(), parts[3].len(), parts.len()), (16, 8, 4));
            found.push_str(&event.message);
            found.push('\n');
        }
        // Turns that were kept together are logged alike.
        let messages = |events: &[LogEvent]| {
            let messages = events.iter().map(|event| event.message.clone());
            messages.collect::<Vec<_>>()
        };
        assert_eq!(messages(&logged(&ran, true)), messages(&events), "{name}");
    }
    expect("logs.txt", &found);
}

#[test]
fn data_that_is_too_long_is_cut_and_marked() {
    // A quote is two bytes as JSON text, and four escaped within JSON text.
    let input = json!({"a": "\"".repeat(62_000), "b": "ä".repeat(5_000)});
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true, "Assign": {
        "first.$": "$$.Execution.Input.a", "second.$": "$$.Execution.Input.a", "third": 3
    }, "Result": "small"}}});
    let mut ran = run(&json!({"definition": definition, "input": input}), "m", "e");
    logging(&mut ran, "ALL", true, "g");
    let events = logged(&ran, false);
    let details = |id: usize| -> Value {
        let message: Value = serde_json::from_str(&events[id - 1].message).unwrap();
        message["details"].clone()
    };
    let escaped = |text: &Value| text.to_string().len() - 2;
    let (entered, exited) = (details(2), details(3));
    assert_eq!(entered["inputDetails"], json!({"truncated": true}));
    let cut = entered["input"].as_str().unwrap();
    assert!(input.to_string().starts_with(cut));
    assert!((LIMIT - 4..=LIMIT).contains(&escaped(&entered["input"])));
    assert_eq!(exited["output"], "\"small\"");
    assert_eq!(exited["outputDetails"], json!({"truncated": false}));
    assert_eq!(
        exited["assignedVariablesDetails"],
        json!({"truncated": true})
    );
    let variables = &exited["assignedVariables"];
    let sum: usize = ["first", "second", "third"]
        .iter()
        .map(|name| escaped(&variables[name]))
        .sum();
    assert!((LIMIT - 4..=LIMIT).contains(&sum), "{sum}");
}

/// An execution that leaves four log events.
fn plain(name: &str) -> Ran {
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}});
    run(&json!({"definition": definition}), name, name)
}

#[test]
fn a_log_group_is_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let config = LogsConfig {
        directory: Some(directory.path().join("logs")),
        ..LogsConfig::default()
    };
    let names = ["/aws/vendedlogs/states/a", "../../b"];
    // What is there already stays.
    for round in 1..=2 {
        let (logs, delivery) = Logs::open(&config, Vec::new()).unwrap().unwrap();
        for name in names {
            let mut ran = plain("m");
            logging(&mut ran, "ALL", true, name);
            ran.tell(&*logs);
        }
        assert!(delivery.finish(PATIENCE));
        let files = directory.path().join("logs").join(ACCOUNT).join(REGION);
        let mut found: Vec<_> = fs::read_dir(&files).unwrap().map(|f| f.unwrap()).collect();
        found.sort_by_key(fs::DirEntry::file_name);
        let found_names: Vec<_> = found.iter().map(fs::DirEntry::file_name).collect();
        assert_eq!(
            found_names,
            [
                "%2E.%2F..%2Fb.jsonl",
                "%2Faws%2Fvendedlogs%2Fstates%2Fa.jsonl"
            ]
        );
        for file in &found {
            let text = fs::read_to_string(file.path()).unwrap();
            let types: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone())
                .collect();
            assert_eq!(types.len(), 4 * round);
            assert_eq!(types[0], "ExecutionStarted");
        }
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn without_a_destination_there_is_no_observer() {
    assert!(
        Logs::open(&LogsConfig::default(), Vec::new())
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_slow_destination_holds_nobody_up() {
    let (arrive, arrived) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let destination = move |events: &[LogEvent]| {
        arrive.send(events.len()).map_err(io::Error::other)?;
        released.recv().map_err(io::Error::other)
    };
    let config = LogsConfig {
        queue_mib: 0,
        ..LogsConfig::default()
    };
    let (logs, delivery) = Logs::open(&config, vec![Box::new(destination)])
        .unwrap()
        .unwrap();
    let mut ran = plain("m");
    logging(&mut ran, "ALL", true, "g");
    ran.tell(&*logs);
    // There is no room for anything.
    assert_eq!(delivery.lost(), 4);
    drop((logs, delivery, release));
    arrived.recv_timeout(PATIENCE).unwrap_err();

    let (arrive, arrived) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let destination = move |events: &[LogEvent]| {
        arrive.send(events.len()).map_err(io::Error::other)?;
        released.recv().map_err(io::Error::other)
    };
    let (logs, delivery) = Logs::open(&LogsConfig::default(), vec![Box::new(destination)])
        .unwrap()
        .unwrap();
    ran.tell(&*logs);
    let first = arrived.recv_timeout(PATIENCE).unwrap();
    // The destination does not go on, and turns do.
    ran.tell(&*logs);
    drop(release);
    let losses = delivery.losses();
    assert!(delivery.finish(PATIENCE));
    let rest: usize = arrived.try_iter().sum();
    assert_eq!(first + rest, 8);
    // What the destination refused is lost.
    assert_eq!(losses(), 8);
}

#[test]
fn the_section_is_read_strictly() {
    let config: LogsConfig =
        serde_json::from_value(json!({"directory": "d", "stdout": true})).unwrap();
    assert_eq!(config.directory.as_deref().unwrap().to_str(), Some("d"));
    assert!(config.stdout);
    let error = serde_json::from_value::<LogsConfig>(json!({"dir": "d"})).unwrap_err();
    assert!(error.to_string().contains("unknown field `dir`"), "{error}");
}
