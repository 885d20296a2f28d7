//! Executions told in data: `data/NAME.json` holds definitions, inputs and what their tasks do;
//! `data/NAME.txt` beside it holds the histories that come of them, a line per event:
//! `time id<previousEventId Type details`. `UPDATE_EXPECT=1` writes the histories anew; read what
//! changed before you keep it.
//!
//! A file is `{"about", "definition"?, "cases": {name: case}}`, and a case is
//! `{"definition"?, "input"?, "express"?, "version"?, "alias"?, "tasks"?, "stop"?,
//! "redrive"?}`, where `redrive` lists after how many seconds the execution is redriven, each time
//! that it has ended. `tasks` maps the name of a state to
//! what its task does each time: a list, by call; or one thing, for all. One thing is `"never"`, a
//! step, or a list of steps. A step is `{"after": SECONDS}` (1 if absent) with one of `"start":
//! WORKER`, `"beat": true`, `"submit": JSON`, `"succeed": JSON`, `"fail": {"Error", "Cause"}`,
//! `"impossible": TEXT`. A task that `tasks` leaves out gives its input back after a second.
//! `{"$text": N}` stands for a text of N characters, wherever it stands.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use stepmill_interpreter::{Limits, Reason, TaskOrder};

use crate::world::{Reply, Run, Setting, Step, check, machine, show};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

#[test]
fn histories_are_as_told() {
    let mut files: Vec<PathBuf> = fs::read_dir(data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for file in files {
        let found = run_file(&file, &mut wrong);
        let beside = file.with_extension("txt");
        if update {
            fs::write(&beside, found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if let Some(difference) = difference(&expected, &found) {
            let _ = writeln!(wrong, "{}:\n{difference}", beside.display());
        }
    }
    assert!(
        wrong.is_empty(),
        "{wrong}UPDATE_EXPECT=1 writes the histories anew"
    );
}

fn difference(expected: &str, found: &str) -> Option<String> {
    let mut case = "";
    let mut lines = expected.lines();
    for line in found.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            case = name;
        }
        let other = lines.next().unwrap_or_default();
        if line != other {
            return Some(format!(
                "  in {case:?}\n  expected: {other}\n  found:    {line}"
            ));
        }
    }
    lines
        .next()
        .map(|line| format!("  no longer found: {line}"))
}

fn run_file(path: &Path, wrong: &mut String) -> String {
    let mut file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    known(&file, &["about", "definition", "cases"], path);
    expand(&mut file);
    let mut text = format!("{}\n", file["about"].as_str().unwrap());
    for (name, case) in file["cases"].as_object().unwrap() {
        known(
            case,
            &[
                "definition",
                "input",
                "express",
                "version",
                "alias",
                "tasks",
                "stop",
                "redrive",
            ],
            path,
        );
        let definition = case.get("definition").unwrap_or(&file["definition"]);
        let shown = catch_unwind(AssertUnwindSafe(|| run_case(definition, case)));
        let shown = shown.unwrap_or_else(|panic| {
            let message = panic.downcast_ref::<String>().map_or("", String::as_str);
            let _ = writeln!(wrong, "{}, {name:?}: {message}", path.display());
            String::new()
        });
        let _ = write!(text, "\n## {name}\n{shown}");
    }
    text
}

fn known(value: &Value, keys: &[&str], path: &Path) {
    for key in value.as_object().unwrap().keys() {
        assert!(
            keys.contains(&key.as_str()),
            "{}: what is {key:?}?",
            path.display()
        );
    }
}

fn run_case(definition: &Value, case: &Value) -> String {
    let express = case["express"] == true;
    let machine = match machine(definition, express) {
        Ok(machine) => machine,
        Err(errors) => return format!("{errors}\n"),
    };
    let mut setting = Setting::new(case.get("input").unwrap_or(&json!({})));
    if express {
        setting.express = true;
        setting.limits = Limits::EXPRESS;
    }
    let arn = |name: &str| case.get(name).and_then(Value::as_str).map(str::to_owned);
    setting.version_arn = arn("version");
    setting.alias_arn = arn("alias");
    if let Some(stop) = case.get("stop") {
        setting.stop = Some((seconds(stop), reason(stop)));
    }
    for after in case["redrive"].as_array().into_iter().flatten() {
        let after = SignedDuration::from_secs_f64(after.as_f64().unwrap());
        setting.redrives.push(after);
    }
    let mut calls: HashMap<Arc<str>, usize> = HashMap::new();
    let answer = |order: &TaskOrder| {
        let call = calls.entry(order.state.clone()).or_default();
        *call += 1;
        let Some(told) = case["tasks"].get(&*order.state) else {
            return vec![Step {
                after: SignedDuration::from_secs(1),
                reply: Reply::Succeed(order.input.value().clone()),
            }];
        };
        match told.as_array() {
            Some(list) => steps(
                list.get(*call - 1)
                    .unwrap_or_else(|| panic!("{}: what does call {call} do?", order.state)),
            ),
            None => steps(told),
        }
    };
    let run = Run::complete(&machine, &setting, answer, |_| 0);
    check(&run);
    show(&run)
}

fn steps(told: &Value) -> Vec<Step> {
    match told {
        Value::String(never) if never == "never" => Vec::new(),
        Value::Array(steps) => steps.iter().map(step).collect(),
        one => vec![step(one)],
    }
}

fn step(told: &Value) -> Step {
    let told = told.as_object().unwrap();
    let mut kinds = told.iter().filter(|(name, _)| *name != "after");
    let (kind, value) = kinds.next().unwrap();
    let reply = match kind.as_str() {
        "start" => Reply::Start(value.as_str().map(str::to_owned)),
        "beat" => Reply::Beat,
        "submit" => Reply::Submit(value.clone()),
        "succeed" => Reply::Succeed(value.clone()),
        "fail" => Reply::Fail(reason(value)),
        "impossible" => Reply::Impossible(value.as_str().unwrap().to_owned()),
        other => panic!("what is {other:?}?"),
    };
    Step {
        after: seconds(&Value::Object(told.clone())),
        reply,
    }
}

fn seconds(told: &Value) -> SignedDuration {
    SignedDuration::from_secs_f64(told["after"].as_f64().unwrap_or(1.0))
}

fn reason(told: &Value) -> Reason {
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(Arc::from);
    Reason {
        error: text("Error"),
        cause: text("Cause"),
    }
}

fn expand(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(length) = object.get("$text").and_then(Value::as_u64) {
                *value = Value::String("x".repeat(usize::try_from(length).unwrap()));
                return;
            }
            Map::values_mut(object).for_each(expand);
        }
        Value::Array(items) => items.iter_mut().for_each(expand),
        _ => {}
    }
}
