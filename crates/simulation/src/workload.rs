//! What is run: state machines whose results follow from a seed, whatever happens on the way.

use serde_json::{Value, json};

use crate::random::{fixed, mix};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const QUEUE: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const NESTED: &str = "arn:aws:states:::states:startExecution.sync:2";
/// The activity that workers serve.
pub(crate) const ACTIVITY: &str = "arn:aws:states:us-east-1:000000000000:activity:work";
const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:";

/// The names of the state machines.
pub(crate) const MACHINES: [&str; 7] = [
    "chain", "parallel", "map", "wait", "callback", "activity", "nested",
];

/// An execution to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) machine: &'static str,
    pub(crate) name: String,
    pub(crate) input: String,
    /// Whether somebody will stop it.
    pub(crate) stopped: bool,
}

impl Job {
    pub(crate) fn machine_arn(&self) -> String {
        format!("{MACHINE}{}", self.machine)
    }
}

/// The jobs of a seed.
pub(crate) fn jobs(seed: u64) -> Vec<Job> {
    let count = 2 + mix(seed) % 5;
    (0..count)
        .map(|index| {
            let bits = fixed(seed, &["job", &index.to_string()]);
            let machine = MACHINES[usize::try_from(bits % 7).unwrap_or(0)];
            let items: Vec<u64> = (0..bits % 5).collect();
            Job {
                machine,
                name: format!("job-{index}"),
                input: json!({ "n": bits % 100, "items": items }).to_string(),
                stopped: (bits >> 32).is_multiple_of(6),
            }
        })
        .collect()
}

/// A definition by its name.
pub(crate) fn definition(machine: &str) -> Value {
    let retry = json!([
        {"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 5, "BackoffRate": 1.5}
    ]);
    let task = |end: Value| {
        let mut task = json!({"Type": "Task", "Resource": FUNCTION, "Retry": retry});
        if let (Some(task), Value::Object(end)) = (task.as_object_mut(), end) {
            task.extend(end);
        }
        task
    };
    match machine {
        "chain" => json!({"StartAt": "Begin", "States": {
            "Begin": {"Type": "Pass", "Parameters": {
                "n.$": "$.n", "chance.$": "States.UUID()"
            }, "Next": "Call"},
            "Call": task(json!({"ResultPath": "$.called", "Next": "Which"})),
            "Which": {"Type": "Choice", "Choices": [
                {"Variable": "$.n", "NumericLessThan": 50, "Next": "Low"}
            ], "Default": "High"},
            "Low": {"Type": "Pass", "Result": "low", "ResultPath": "$.which", "Next": "Keep"},
            "High": {"Type": "Pass", "Result": "high", "ResultPath": "$.which", "Next": "Keep"},
            "Keep": task(json!({
                "Parameters": {"n.$": "$.n", "which.$": "$.which"},
                "ResultPath": "$.kept", "Next": "End"
            })),
            "End": {"Type": "Pass", "Parameters": {
                "n.$": "$.n", "called.$": "$.called", "kept.$": "$.kept", "which.$": "$.which"
            }, "End": true}
        }}),
        "parallel" => json!({"StartAt": "Both", "States": {"Both": {
            "Type": "Parallel", "End": true, "Branches": [
                {"StartAt": "Left", "States": {"Left": task(json!({"End": true}))}},
                {"StartAt": "Sleep", "States": {
                    "Sleep": {"Type": "Wait", "Seconds": 3, "Next": "Right"},
                    "Right": task(json!({"End": true}))
                }}
            ]
        }}}),
        "map" => json!({"StartAt": "Each", "States": {"Each": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": true,
            "ItemSelector": {"item.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"StartAt": "One", "States": {
                "One": task(json!({"Next": "Rest"})),
                "Rest": {"Type": "Wait", "Seconds": 1, "End": true}
            }}
        }}}),
        "wait" => json!({"StartAt": "Sleep", "States": {
            "Sleep": {"Type": "Wait", "Seconds": 60, "Next": "Try"},
            "Try": {"Type": "Task", "Resource": FUNCTION, "Catch": [
                {"ErrorEquals": ["Flaky"], "ResultPath": "$.error", "Next": "Caught"}
            ], "Next": "Again"},
            "Again": {"Type": "Wait", "Seconds": 5, "End": true},
            "Caught": {"Type": "Pass", "Result": "caught", "End": true}
        }}),
        "callback" => json!({"StartAt": "Ask", "States": {
            "Ask": {"Type": "Task", "Resource": QUEUE, "Parameters": {
                "QueueUrl": "http://queue",
                "MessageBody": {"token.$": "$$.Task.Token", "n.$": "$.n"}
            }, "Retry": retry, "Next": "After"},
            "After": {"Type": "Wait", "Seconds": 2, "End": true}
        }}),
        // A worker whose answer is lost in a crash has its task all the same: the time limit is
        // what brings it to another one, as on AWS.
        "activity" => {
            let retry = json!([
                {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 50, "BackoffRate": 1.0}
            ]);
            json!({"StartAt": "Work", "States": {
                "Work": {
                    "Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 300,
                    "Retry": retry, "Next": "More"
                },
                "More": {
                    "Type": "Task", "Resource": ACTIVITY, "TimeoutSeconds": 300,
                    "Retry": retry, "End": true
                }
            }})
        }
        _ => json!({"StartAt": "Child", "States": {"Child": {
            "Type": "Task", "Resource": NESTED, "End": true,
            "Parameters": {
                "StateMachineArn": format!("{MACHINE}chain"),
                "Input": {"n.$": "$.n"}
            },
            "ResultSelector": {"output.$": "$.Output", "status.$": "$.Status"}
        }}}),
    }
}

/// What a task's attempt comes to: it follows from the seed and the task, not from when it runs or
/// how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Result {
    Output(String),
    Flaky,
}

/// The result of an attempt at `state` with that input.
pub(crate) fn result(seed: u64, execution: &str, state: &str, input: &str, attempt: u32) -> Result {
    // What chance put into the input must not decide.
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let item = input.get("item").map(Value::to_string).unwrap_or_default();
    let bits = fixed(seed, &[execution, state, &item, &attempt.to_string()]);
    if bits.is_multiple_of(3) && attempt < 3 {
        Result::Flaky
    } else {
        Result::Output(json!({ "by": state, "n": bits % 1_000 }).to_string())
    }
}
