//! Whole definitions: those that AWS accepted, and broken ones with what is said about them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use stepmill_asl::model::{ServiceResource, StateMachine, StateMachineType};
use stepmill_asl::{Code, Diagnostic, Format, Options, Parsed, parse, variable_references};

/// The directory of conformance cases, if there is one.
fn conformance() -> Option<PathBuf> {
    std::env::var_os("STEPMILL_CONFORMANCE").map(PathBuf::from)
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// Fills the placeholders of a case with plausible text.
fn fill(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, behind) = behind.split_once('}').unwrap();
        filled += before;
        filled += match name {
            "account" | "account2" => "123456789012",
            "region" => "us-east-1",
            name if name.starts_with("role") => "arn:aws:iam::123456789012:role/some",
            name if name.ends_with("activityArn") => {
                "arn:aws:states:us-east-1:123456789012:activity:some"
            }
            _ => "abcd1234",
        };
        rest = behind;
    }
    filled + rest
}

/// The definitions in a case that AWS accepted, with their machine type.
fn accepted(case: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut add = |definition: &Value, kind: &Value| {
        let text = match definition {
            Value::Null => return,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let kind = kind.as_str().unwrap_or("STANDARD").to_owned();
        found.push((fill(&text), kind));
    };
    add(&case["definition"], &case["type"]);
    for row in case["rows"].as_array().into_iter().flatten() {
        add(&row["definition"], &case["type"]);
    }
    for step in case["steps"].as_array().into_iter().flatten() {
        let creates = ["CreateStateMachine", "UpdateStateMachine"];
        let call = step["call"].as_str().unwrap_or_default();
        let fails = step["fails"].as_bool() == Some(true);
        if creates.contains(&call) && !fails {
            let params = &step["params"];
            add(&params["definition"], &params["type"]);
        }
    }
    found
}

fn options(kind: &str) -> Options<'static> {
    Options {
        machine_type: match kind {
            "EXPRESS" => StateMachineType::Express,
            _ => StateMachineType::Standard,
        },
        ..Options::default()
    }
}

/// What a model writes can be read, and writes the same again.
fn written_again(machine: &StateMachine, source: &str) {
    let first = machine.to_json();
    let parsed = parse(&first.to_string(), &Options::default());
    let errors: Vec<_> = parsed.errors().map(ToString::to_string).collect();
    let again = parsed
        .machine
        .unwrap_or_else(|| panic!("{source}\n{first}\n{errors:#?}"));
    assert_eq!(again.to_json(), first, "{source}");
    assert_eq!(
        variable_references(&again),
        variable_references(machine),
        "{source}"
    );
}

/// A definition as a model writes it: newer names, no fields that say what holds without them.
fn normal(machine: &mut Value) {
    let machine_language = machine["QueryLanguage"].clone();
    let machine_language = machine_language.as_str().unwrap_or("JSONPath").to_owned();
    if machine_language == "JSONPath" {
        machine
            .as_object_mut()
            .unwrap()
            .shift_remove("QueryLanguage");
    }
    normal_workflow(machine, &machine_language);
}

fn normal_workflow(workflow: &mut Value, machine_language: &str) {
    for state in workflow["States"].as_object_mut().unwrap().values_mut() {
        let state = state.as_object_mut().unwrap();
        if state
            .get("QueryLanguage")
            .is_some_and(|language| language == machine_language)
        {
            state.shift_remove("QueryLanguage");
        }
        for name in ["InputPath", "ResultPath", "OutputPath"] {
            if state.get(name).is_some_and(|path| path == "$") {
                state.shift_remove(name);
            }
        }
        for name in ["Retry", "Catch"] {
            if state
                .get(name)
                .is_some_and(|list| list == &Value::Array(Vec::new()))
            {
                state.shift_remove(name);
            }
        }
        if state["Type"] == "Map" {
            for (old, new) in [
                ("Iterator", "ItemProcessor"),
                ("Parameters", "ItemSelector"),
            ] {
                if let Some(value) = state.shift_remove(old) {
                    state.insert(new.to_owned(), value);
                }
            }
            let processor = &mut state["ItemProcessor"];
            if processor.get("ProcessorConfig").is_none() {
                processor["ProcessorConfig"] = serde_json::json!({"Mode": "INLINE"});
            }
            normal_workflow(processor, machine_language);
        }
        for rule in state
            .get_mut("Choices")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            without_inner_comments(rule);
        }
        for branch in state
            .get_mut("Branches")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            normal_workflow(branch, machine_language);
        }
    }
}

/// A rule without the comments of the rules in it, which the model does not keep.
fn without_inner_comments(rule: &mut Value) {
    for name in ["And", "Or", "Not"] {
        let inner = match rule.get_mut(name) {
            Some(Value::Array(rules)) => rules.as_mut_slice(),
            Some(rule) => std::slice::from_mut(rule),
            None => continue,
        };
        for rule in inner {
            rule.as_object_mut().unwrap().shift_remove("Comment");
            without_inner_comments(rule);
        }
    }
}

/// JSON with expressions' delimiters spaced, and rates and percentages with a fraction, as a model
/// writes them.
fn spaced(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(inner) = stepmill_asl::jsonata::delimited(text) {
                *text = format!("{{% {inner} %}}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(spaced),
        Value::Object(members) => {
            for name in ["BackoffRate", "ToleratedFailurePercentage"] {
                if let Some(number) = members.get(name).and_then(Value::as_f64) {
                    members.insert(name.to_owned(), number.into());
                }
            }
            members.values_mut().for_each(spaced);
        }
        _ => {}
    }
}

#[test]
fn what_aws_accepted_is_accepted() {
    let Some(directory) = conformance() else {
        return;
    };
    let mut paths = Vec::new();
    files(&directory.join("cases"), &mut paths);
    let (mut count, mut refused) = (0, Vec::new());
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for (text, kind) in accepted(&case) {
            count += 1;
            let parsed = parse(&text, &options(&kind));
            let errors: Vec<_> = parsed.errors().map(ToString::to_string).collect();
            let Some(machine) = parsed.machine else {
                refused.push(format!("{}: {errors:#?}", path.display()));
                continue;
            };
            written_again(&machine, &text);
            // Nothing is lost on the way into the model.
            let mut expected = parsed.document.unwrap();
            normal(&mut expected);
            spaced(&mut expected);
            assert_eq!(machine.to_json(), expected, "{}", path.display());
        }
    }
    assert!(count > 300, "only {count} definitions");
    assert!(
        refused.is_empty(),
        "{} of {count}:\n{}",
        refused.len(),
        refused.join("\n")
    );
}

/// The diagnostics as the API answers them.
fn answer(parsed: &Parsed) -> Value {
    let diagnostics = parsed.errors().map(|finding| {
        let mut answer = serde_json::json!({
            "severity": finding.severity.as_str(),
            "code": finding.code.as_str(),
            "message": finding.message,
        });
        if let Some(location) = &finding.location {
            answer["location"] = location.as_str().into();
        }
        answer
    });
    diagnostics.collect()
}

/// `ValidateStateMachineDefinition` and refused definitions, in AWS's very words.
#[test]
fn what_aws_refused_is_refused_in_its_words() {
    let Some(directory) = conformance() else {
        return;
    };
    let mut paths = Vec::new();
    files(&directory.join("cases"), &mut paths);
    let (mut validated, mut refused) = (0, 0);
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for step in case["steps"].as_array().into_iter().flatten() {
            let (call, params) = (step["call"].as_str().unwrap_or_default(), &step["params"]);
            let definition = &params["definition"];
            let text = match definition {
                Value::String(text) => text.clone(),
                state if call == "TestState" && state.get("States").is_none() => {
                    let states = serde_json::json!({"StateName": state});
                    serde_json::json!({"StartAt": "StateName", "States": states}).to_string()
                }
                other => other.to_string(),
            };
            let parsed = || {
                parse(
                    &fill(&text),
                    &options(params["type"].as_str().unwrap_or("")),
                )
            };
            if call == "ValidateStateMachineDefinition" {
                let expected = &step["expect"][0]["value"]["diagnostics"];
                assert_eq!(&answer(&parsed()), expected, "{}", path.display());
                validated += 1;
            }
            let head = "Invalid State Machine Definition: '";
            let expected = step["expect"].to_string();
            if let Some((_, rest)) = expected.split_once(head) {
                let errors: Vec<_> = parsed().errors().map(Diagnostic::aws_text).collect();
                let errors = errors.join(", ");
                assert!(rest.starts_with(&format!("{errors}'")), "{errors}\n{rest}");
                refused += 1;
            }
        }
    }
    assert!(validated >= 6 && refused >= 6, "{validated} and {refused}");
}

#[test]
fn variables_that_states_read_are_those_of_aws() {
    let Some(directory) = conformance() else {
        return;
    };
    let mut paths = Vec::new();
    files(&directory.join("cases/api/variable-references"), &mut paths);
    let mut count = 0;
    for path in &paths {
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (definition, kind) = accepted(&case).remove(0);
        let machine = parse(&definition, &options(&kind)).machine.unwrap();
        let references: Value = variable_references(&machine)
            .into_iter()
            .map(|(state, names)| (state, Value::from(names)))
            .collect();
        for step in case["steps"].as_array().unwrap() {
            if step["call"] == "DescribeStateMachine" {
                let answer = &step["expect"][0]["value"]["variableReferences"];
                let expected = match answer {
                    Value::Null => serde_json::json!({}),
                    other => other.clone(),
                };
                assert_eq!(references, expected, "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count >= 10, "only {count} answers");
}

/// What is said about a definition: a line for each finding, then what would be right.
fn findings(parsed: &Parsed) -> String {
    let mut text = String::new();
    for finding in &parsed.diagnostics {
        let place = finding.span.map_or("-".to_owned(), |span| {
            format!("{}:{}", span.line, span.column)
        });
        let location = finding.location.as_deref().unwrap_or("-");
        let line = format!("{place} {} {location} {}", finding.code, finding.message);
        text += &line.replace('\n', "\\n");
        text += "\n";
        if let Some(help) = &finding.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

/// Every `NAME.asl.json` and `NAME.asl.yaml` beside its `NAME.expected`. Names that begin with
/// `express` are of express machines; the integration `nosuch` is the only one that does not exist.
///
/// `UPDATE_EXPECT=1` writes the expectations anew.
#[test]
fn broken_definitions_are_told_apart() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/definitions");
    let update = std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1");
    let mut paths = Vec::new();
    files(&directory, &mut paths);
    let mut seen = BTreeSet::new();
    let mut different = Vec::new();
    for path in &paths {
        let file = path.file_name().unwrap().to_str().unwrap();
        let (name, format) = match file.split_once(".asl.") {
            Some((name, "json")) => (name, Format::Json),
            Some((name, "yaml")) => (name, Format::Yaml),
            _ => continue,
        };
        let services = |resource: &ServiceResource| &*resource.service != "nosuch";
        let kind = if name.starts_with("express") {
            "EXPRESS"
        } else {
            "STANDARD"
        };
        let options = Options {
            format,
            services: &services,
            ..options(kind)
        };
        let parsed = parse(&fs::read_to_string(path).unwrap(), &options);
        let failed = parsed.errors().next().is_some();
        assert_eq!(parsed.machine.is_none(), failed, "{name}");
        if let Some(machine) = &parsed.machine {
            written_again(machine, name);
        }
        seen.extend(parsed.diagnostics.iter().map(|finding| finding.code));
        let actual = findings(&parsed);
        assert!(!actual.is_empty(), "{name}: nothing is said");
        let beside = path.with_file_name(format!("{name}.expected"));
        if update {
            fs::write(&beside, &actual).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if actual != expected {
            different.push(format!(
                "{name}\n--- expected\n{expected}+++ actual\n{actual}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    let unseen: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .collect();
    // The state machine's name is not part of the definition; AWS reports bad resources as
    // SCHEMA_VALIDATION_FAILED.
    let elsewhere = [
        Code::InvalidResource,
        Code::StateMachineNameEmpty,
        Code::StateMachineNameInvalid,
        Code::StateMachineNameTooLong,
        Code::StateMachineNameAlreadyExists,
    ];
    assert_eq!(unseen, elsewhere.iter().collect::<Vec<_>>());
}

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "", "A", "B", "C", "Task", "Pass", "Choice", "Wait", "Map", "Parallel", "Fail", "Succeed",
    "JSONPath", "JSONata", "$", "$$", "$.x", "$x", "$.x[*]", "$.x[", "States.UUID()",
    "States.Format('{}', $.x)", "{% $states.input %}", "{% $states.result %}", "{% 1 + %}",
    "{% x", "INLINE", "DISTRIBUTED", "EXPRESS", "STANDARD", "States.ALL", "1.0",
    "2030-01-01T00:00:00Z", "arn:aws:states:::s3:getObject", "arn:aws:states:::sqs:sendMessage",
    "arn:aws:lambda:us-east-1:123456789012:function:f", "CSV", "JSON", "FIRST_ROW", "GIVEN",
];

#[rustfmt::skip]
const KEYS: &[&str] = &[
    "A", "B", "C", "Type", "Comment", "QueryLanguage", "StartAt", "States", "Next", "End",
    "InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Arguments",
    "Output", "Assign", "Retry", "Catch", "ErrorEquals", "Resource", "TimeoutSeconds",
    "TimeoutSecondsPath", "Credentials", "RoleArn", "Choices", "Default", "Variable", "And",
    "Or", "Not", "Condition", "StringEquals", "NumericLessThanPath", "IsPresent", "Seconds",
    "Timestamp", "Error", "CausePath", "Branches", "ItemProcessor", "Iterator", "Items",
    "ItemsPath", "ItemSelector", "ItemReader", "ReaderConfig", "InputType", "CSVHeaders",
    "CSVHeaderLocation", "ItemBatcher", "MaxItemsPerBatch", "ResultWriter", "WriterConfig",
    "ProcessorConfig", "Mode", "ExecutionType", "Label", "MaxConcurrency", "x", "x.$", "Result",
    "MaxAttempts", "BackoffRate", "JitterStrategy", "ToleratedFailurePercentage", "Version",
];

/// JSON that looks like a definition: its fields under their names, with plausible and odd values.
fn definition_like() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(TEXTS);
    let key = prop::sample::select(KEYS);
    let leaf = prop_oneof![
        4 => text.prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (0..100_u8).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let value = leaf.prop_recursive(6, 48, 6, move |inner| {
        let members = prop::collection::vec((key.clone(), inner.clone()), 0..6);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
            3 => members.prop_map(|members| members.into_iter().collect()),
        ]
    });
    // Most arbitrary objects are no states; these are.
    let kind = prop::sample::select(vec![
        "Task", "Pass", "Choice", "Wait", "Map", "Parallel", "Fail", "Succeed",
    ]);
    let state = (kind, value.clone()).prop_map(|(kind, mut state)| {
        if let Some(fields) = state.as_object_mut() {
            fields.insert("Type".to_owned(), kind.into());
        }
        state
    });
    let states = prop::collection::vec((prop::sample::select(vec!["A", "B", "C"]), state), 1..4);
    (value, states).prop_map(|(mut machine, states)| {
        if let Some(fields) = machine.as_object_mut() {
            fields.insert("StartAt".to_owned(), "A".into());
            fields.insert("States".to_owned(), states.into_iter().collect());
        }
        machine
    })
}

fn survives(text: &str) {
    for format in [Format::Json, Format::Yaml] {
        for kind in ["STANDARD", "EXPRESS"] {
            let parsed = parse(
                text,
                &Options {
                    format,
                    ..options(kind)
                },
            );
            let failed = parsed.errors().next().is_some();
            assert_eq!(parsed.machine.is_none(), failed);
            for finding in &parsed.diagnostics {
                let span = finding.span.unwrap();
                assert!(
                    text.get(span.offset..span.offset + span.length).is_some(),
                    "{span:?}"
                );
            }
            if let Some(machine) = &parsed.machine {
                written_again(machine, text);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        survives(&text);
    }

    #[test]
    fn any_json_like_text_is_read_or_refused(
        text in "([\\[\\]{}:,\"\\\\]|\"a\"|1|-|\\.|e|true|null|é|\\n|\\\\u|&a|\\*a|- |: )*",
    ) {
        survives(&text);
    }

    #[test]
    fn any_definition_like_json_is_read_or_refused(value in definition_like()) {
        survives(&value.to_string());
    }

    #[test]
    fn a_cut_definition_is_read_or_refused(value in definition_like(), at in any::<prop::sample::Index>()) {
        let text = value.to_string();
        let mut at = at.index(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        survives(&text[..at]);
    }

    #[test]
    fn json_is_read_as_serde_reads_it(value in definition_like()) {
        let text = value.to_string();
        let parsed = parse(&text, &Options::default());
        let expected = value.is_object().then(|| serde_json::from_str(&text).unwrap());
        prop_assert_eq!(parsed.document, expected);
    }
}
