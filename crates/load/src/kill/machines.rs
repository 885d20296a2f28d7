//! What is run, and what must come out.

use serde_json::{Map, Value, json};

/// A kind of state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Ten Pass states.
    Chain,
    /// Waits for one or two seconds.
    Wait,
    /// Gives its token to an execution that it starts, and waits until somebody tells.
    Callback,
    /// Waits for a worker of an activity.
    Activity,
    /// Starts a chain and waits for its end.
    Nested,
    /// Waits until it is stopped.
    Long,
    /// The execution that a callback starts: it has the token.
    Holder,
}

/// The kinds that clients start.
pub(crate) const STARTED: [Kind; 6] = [
    Kind::Chain,
    Kind::Wait,
    Kind::Callback,
    Kind::Activity,
    Kind::Nested,
    Kind::Long,
];

/// All kinds.
pub(crate) const ALL: [Kind; 7] = [
    Kind::Chain,
    Kind::Wait,
    Kind::Callback,
    Kind::Activity,
    Kind::Nested,
    Kind::Long,
    Kind::Holder,
];

const PREFIX: &str = "arn:aws:states:us-east-1:000000000000:";
/// The activity's name.
pub(crate) const ACTIVITY: &str = "work";
/// What is appended to the names of executions that executions start.
const CHILD: &str = "-child";

pub(crate) fn activity_arn() -> String {
    format!("{PREFIX}activity:{ACTIVITY}")
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Wait => "wait",
            Self::Callback => "callback",
            Self::Activity => "activity",
            Self::Nested => "nested",
            Self::Long => "long",
            Self::Holder => "holder",
        }
    }

    pub(crate) fn arn(self) -> String {
        format!("{PREFIX}stateMachine:{}", self.name())
    }

    pub(crate) fn execution_arn(self, name: &str) -> String {
        format!("{PREFIX}execution:{}:{name}", self.name())
    }

    /// The input of the execution with that number.
    pub(crate) fn input(number: u64) -> String {
        json!({ "n": number, "seconds": 1 + number % 2 }).to_string()
    }

    /// The output of an execution that succeeds; none if only stopping ends it.
    pub(crate) fn output(self, number: u64) -> Option<Value> {
        match self {
            Self::Chain | Self::Nested => Some(json!({ "n": number, "step": 9 })),
            Self::Wait => Some(json!({ "n": number, "waited": true })),
            Self::Callback | Self::Activity => Some(told(number)),
            // It has its input, token and all, as its output.
            Self::Long | Self::Holder => None,
        }
    }

    pub(crate) fn definition(self) -> Value {
        let start = |resource: &str, machine: Self, mut input: Map<String, Value>| {
            input.insert("n.$".to_owned(), json!("$.n"));
            json!({
                "Type": "Task",
                "Resource": format!("arn:aws:states:::states:{resource}"),
                "Parameters": {
                    "StateMachineArn": machine.arn(),
                    "Name.$": format!("States.Format('{{}}{CHILD}', $$.Execution.Name)"),
                    "Input": input,
                },
                "End": true,
            })
        };
        let state = match self {
            Self::Chain => return chain(),
            Self::Wait => {
                return json!({ "StartAt": "Sleep", "States": {
                    "Sleep": { "Type": "Wait", "SecondsPath": "$.seconds", "Next": "Awake" },
                    "Awake": {
                        "Type": "Pass",
                        "Parameters": { "n.$": "$.n", "waited": true },
                        "End": true,
                    },
                }});
            }
            Self::Callback => {
                let token = json!({ "token.$": "$$.Task.Token" });
                let input = token.as_object().cloned().unwrap_or_default();
                start("startExecution.waitForTaskToken", Self::Holder, input)
            }
            Self::Nested => {
                let mut state = start("startExecution.sync:2", Self::Chain, Map::new());
                state["OutputPath"] = json!("$.Output");
                state
            }
            // A worker that dies with the server has its task: the time limit brings it to another.
            Self::Activity => json!({
                "Type": "Task",
                "Resource": activity_arn(),
                "TimeoutSeconds": 3,
                "Retry": [{
                    "ErrorEquals": ["States.Timeout"],
                    "IntervalSeconds": 1, "MaxAttempts": 1000, "BackoffRate": 1.0,
                }],
                "End": true,
            }),
            Self::Long => json!({ "Type": "Wait", "Seconds": 1_000_000, "End": true }),
            Self::Holder => json!({ "Type": "Pass", "End": true }),
        };
        json!({ "StartAt": "Only", "States": { "Only": state } })
    }
}

/// What somebody tells of the task of the execution with that number.
pub(crate) fn told(number: u64) -> Value {
    json!({ "told": number })
}

/// The execution that a callback with that name has started.
pub(crate) fn holder_arn(name: &str) -> String {
    Kind::Holder.execution_arn(&format!("{name}{CHILD}"))
}

/// The name of the execution that has started this one; none if it is no child.
pub(crate) fn parent(name: &str) -> Option<&str> {
    name.strip_suffix(CHILD)
}

fn chain() -> Value {
    let mut states = Map::new();
    for step in 0..10 {
        let mut state = json!({
            "Type": "Pass",
            "Parameters": { "n.$": "$.n", "step": step },
        });
        match step {
            9 => state["End"] = json!(true),
            _ => state["Next"] = json!(format!("Step{}", step + 1)),
        }
        states.insert(format!("Step{step}"), state);
    }
    json!({ "StartAt": "Step0", "States": states })
}
