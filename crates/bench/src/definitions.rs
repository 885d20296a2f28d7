//! What is measured.

use serde_json::{Map, Value, json};
use stepmill_asl::model::StateMachine;
use stepmill_asl::parse::{Options, parse};

/// A definition with an input.
pub(crate) struct Workload {
    /// What it is.
    pub(crate) name: &'static str,
    /// The definition.
    pub(crate) machine: StateMachine,
    /// The input, as JSON text.
    pub(crate) input: String,
}

/// The workloads of the interpreter.
pub(crate) fn workloads() -> Result<Vec<Workload>, String> {
    let small = r#"{"order":"A-1017","amount":12.5,"items":3}"#.to_owned();
    Ok(vec![
        workload("10 Pass states", &pass_chain(10), small.clone())?,
        workload(
            "10 Pass states, each with Parameters",
            &parameters_chain(10),
            small.clone(),
        )?,
        workload(
            "Choice loop, 1,000 times",
            &choice_loop(1_000),
            "{\"count\":0}".to_owned(),
        )?,
        workload("Map over 1,000 items", &map(), numbers(1_000))?,
        workload("10 JSONata states that compute", &jsonata_chain(10), small)?,
    ])
}

/// A definition as the interpreter takes it.
pub(crate) fn machine(definition: &Value) -> Result<StateMachine, String> {
    let parsed = parse(&definition.to_string(), &Options::default());
    parsed
        .machine
        .ok_or_else(|| format!("{:?}", parsed.diagnostics))
}

fn workload(name: &'static str, definition: &Value, input: String) -> Result<Workload, String> {
    Ok(Workload {
        name,
        machine: machine(definition)?,
        input,
    })
}

/// `length` states, each made by `state`, one after another.
fn chain(length: usize, state: impl Fn(usize) -> Value) -> Value {
    let mut states = Map::new();
    for index in 0..length {
        let mut state = state(index);
        if index + 1 < length {
            state["Next"] = json!(format!("State{}", index + 1));
        } else {
            state["End"] = json!(true);
        }
        states.insert(format!("State{index}"), state);
    }
    json!({ "StartAt": "State0", "States": states })
}

/// Pass states that pass their input on.
pub(crate) fn pass_chain(length: usize) -> Value {
    chain(length, |_| json!({ "Type": "Pass" }))
}

fn parameters_chain(length: usize) -> Value {
    chain(length, |index| {
        json!({
            "Type": "Pass",
            "Parameters": { "order.$": "$.order", "amount.$": "$.amount", "items": index },
        })
    })
}

fn jsonata_chain(length: usize) -> Value {
    let mut definition = chain(length, |_| {
        json!({
            "Type": "Pass",
            "Output": {
                "order": "{% $uppercase($states.input.order) %}",
                "amount": "{% $round($states.input.amount * 1.01, 2) %}",
                "items": "{% $sum([1..10].($ * 2)) %}",
            },
        })
    });
    definition["QueryLanguage"] = json!("JSONata");
    definition
}

fn choice_loop(times: u64) -> Value {
    json!({
        "StartAt": "Add",
        "States": {
            "Add": {
                "Type": "Pass",
                "Parameters": { "count.$": "States.MathAdd($.count, 1)" },
                "Next": "Enough",
            },
            "Enough": {
                "Type": "Choice",
                "Choices": [
                    { "Variable": "$.count", "NumericLessThan": times, "Next": "Add" },
                ],
                "Default": "Done",
            },
            "Done": { "Type": "Succeed" },
        },
    })
}

fn map() -> Value {
    json!({
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemProcessor": {
                    "ProcessorConfig": { "Mode": "INLINE" },
                    "StartAt": "One",
                    "States": { "One": { "Type": "Pass", "End": true } },
                },
                "End": true,
            },
        },
    })
}

fn numbers(count: u32) -> String {
    Value::from((0..count).collect::<Vec<_>>()).to_string()
}

/// A valid definition of about `bytes` bytes.
pub(crate) fn large(bytes: usize) -> String {
    let state = |index: usize| match index % 3 {
        0 => json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": { "FunctionName": "charge", "Payload": { "order.$": "$.order" } },
            "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 5 }],
        }),
        1 => json!({
            "Type": "Pass",
            "Parameters": { "text.$": "States.Format('{} of {}', $.order, $.items[0])" },
        }),
        _ => json!({
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": { "sum": "{% $sum($states.input.lines.(price * quantity)) %}" },
        }),
    };
    let sample = chain(300, state).to_string().len() / 300;
    chain(bytes / sample, state).to_string()
}
