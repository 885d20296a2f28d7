//! The types of states, and the fields that each has.

use super::fields::{Field, both, jsonata, jsonpath};

/// The value of `Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Task,
    Wait,
    Pass,
    Succeed,
    Fail,
    Choice,
    Parallel,
    Map,
}

/// In the order in which AWS lists them.
pub(crate) const TYPES: [(&str, Type); 8] = [
    ("Task", Type::Task),
    ("Wait", Type::Wait),
    ("Pass", Type::Pass),
    ("Succeed", Type::Succeed),
    ("Fail", Type::Fail),
    ("Choice", Type::Choice),
    ("Parallel", Type::Parallel),
    ("Map", Type::Map),
];

impl Type {
    /// A word for a state of this type.
    pub(crate) fn owner(self) -> &'static str {
        match self {
            Self::Task => "a Task state",
            Self::Wait => "a Wait state",
            Self::Pass => "a Pass state",
            Self::Succeed => "a Succeed state",
            Self::Fail => "a Fail state",
            Self::Choice => "a Choice state",
            Self::Parallel => "a Parallel state",
            Self::Map => "a Map state",
        }
    }

    /// The fields that a state of this type may have.
    ///
    /// Source: Developer Guide, the page of each state and "Transforming data"; AWS refuses all
    /// others (observed).
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            Self::Task => TASK,
            Self::Wait => WAIT,
            Self::Pass => PASS,
            Self::Succeed => SUCCEED,
            Self::Fail => FAIL,
            Self::Choice => CHOICE,
            Self::Parallel => PARALLEL,
            Self::Map => MAP,
        }
    }

    /// Whether a state of this type may have the field.
    pub(crate) fn has(self, field: &str) -> bool {
        self.fields().iter().any(|known| known.name == field)
    }
}

/// The fields of every state, then a type's own.
macro_rules! fields {
    ($($field:expr),* $(,)?) => {
        &[both("Type"), both("Comment"), both("QueryLanguage"), $($field),*]
    };
}

const TASK: &[Field] = fields![
    both("Next"),
    both("End"),
    both("Assign"),
    both("Retry"),
    both("Catch"),
    both("Resource"),
    both("Credentials"),
    both("TimeoutSeconds"),
    both("HeartbeatSeconds"),
    jsonpath("TimeoutSecondsPath"),
    jsonpath("HeartbeatSecondsPath"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonpath("Parameters"),
    jsonpath("ResultSelector"),
    jsonpath("ResultPath"),
    jsonata("Arguments"),
    jsonata("Output"),
];

const WAIT: &[Field] = fields![
    both("Next"),
    both("End"),
    both("Assign"),
    both("Seconds"),
    both("Timestamp"),
    jsonpath("SecondsPath"),
    jsonpath("TimestampPath"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonata("Output"),
];

const PASS: &[Field] = fields![
    both("Next"),
    both("End"),
    both("Assign"),
    jsonpath("Result"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonpath("Parameters"),
    jsonpath("ResultPath"),
    jsonata("Output"),
];

const SUCCEED: &[Field] = fields![
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonata("Output"),
];

const FAIL: &[Field] = fields![
    both("Error"),
    both("Cause"),
    jsonpath("ErrorPath"),
    jsonpath("CausePath"),
];

const CHOICE: &[Field] = fields![
    both("Choices"),
    both("Default"),
    both("Assign"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonata("Output"),
];

const PARALLEL: &[Field] = fields![
    both("Next"),
    both("End"),
    both("Assign"),
    both("Retry"),
    both("Catch"),
    both("Branches"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonpath("Parameters"),
    jsonpath("ResultSelector"),
    jsonpath("ResultPath"),
    jsonata("Arguments"),
    jsonata("Output"),
];

const MAP: &[Field] = fields![
    both("Next"),
    both("End"),
    both("Assign"),
    both("Retry"),
    both("Catch"),
    both("ItemProcessor"),
    both("Iterator"),
    both("ItemSelector"),
    both("ItemReader"),
    both("ItemBatcher"),
    both("ResultWriter"),
    both("Label"),
    both("MaxConcurrency"),
    both("ToleratedFailureCount"),
    both("ToleratedFailurePercentage"),
    jsonpath("MaxConcurrencyPath"),
    jsonpath("ToleratedFailureCountPath"),
    jsonpath("ToleratedFailurePercentagePath"),
    jsonpath("InputPath"),
    jsonpath("OutputPath"),
    jsonpath("Parameters"),
    jsonpath("ItemsPath"),
    jsonpath("ResultSelector"),
    jsonpath("ResultPath"),
    jsonata("Items"),
    jsonata("Output"),
];
