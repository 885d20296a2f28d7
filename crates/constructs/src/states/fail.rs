//! Fail: ends the execution with an error.

use super::options::{StateOptions, state_builder};
use super::render::{Members, Rendering};
use super::state::{Kind, Node, State};
use crate::core::{Problem, Scope};
use crate::value::{JsonPath, Text, Value};

/// The functions that AWS allows in the paths of a Fail state.
const ALLOWED_INTRINSICS: [&str; 7] = [
    "States.Format",
    "States.JsonToString",
    "States.ArrayGetItem",
    "States.Base64Encode",
    "States.Base64Decode",
    "States.Hash",
    "States.UUID",
];

/// A state that ends the execution, or its branch, with an error.
#[derive(Debug, Clone)]
#[must_use]
pub struct Fail {
    scope: Scope,
    options: StateOptions,
    failure: Failure,
}

/// With what a Fail state fails.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure {
    error: Option<Text>,
    error_path: Option<JsonPath>,
    cause: Option<Text>,
    cause_path: Option<JsonPath>,
}

impl Fail {
    /// A state that fails.
    pub fn new(scope: &Scope, id: &str) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            failure: Failure::default(),
        }
    }

    /// The error's name, or in JSONata an expression.
    pub fn error(mut self, error: impl Into<Text>) -> Self {
        self.failure.error = Some(error.into());
        self
    }

    /// Where the error's name is: a path or a call of an intrinsic function. JSONPath only.
    pub fn error_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.failure.error_path = Some(path.into());
        self
    }

    /// Why it fails, for people; or in JSONata an expression.
    pub fn cause(mut self, cause: impl Into<Text>) -> Self {
        self.failure.cause = Some(cause.into());
        self
    }

    /// Where the cause is: a path or a call of an intrinsic function. JSONPath only.
    pub fn cause_path(mut self, path: impl Into<JsonPath>) -> Self {
        self.failure.cause_path = Some(path.into());
        self
    }
}

state_builder!(Fail, build);

fn build(fail: Fail) -> State {
    for problem in fail.failure.problems() {
        fail.scope.report(problem);
    }
    State::new(
        &fail.scope,
        fail.options,
        Kind::Fail(Box::new(fail.failure)),
    )
}

impl Failure {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let functions = [
            ("error_path", "errorPath", &self.error_path),
            ("cause_path", "causePath", &self.cause_path),
        ];
        for (property, name, path) in functions {
            let Some(path) = path.as_ref().map(JsonPath::expression) else {
                continue;
            };
            let allowed = ALLOWED_INTRINSICS
                .iter()
                .any(|function| path.starts_with(function));
            if !path.starts_with('$') && !allowed {
                let functions = ALLOWED_INTRINSICS.join(", ");
                problems.push(Problem::property(
                    property,
                    format!("You must specify a valid intrinsic function in {name}. Must be one of {functions}"),
                ));
            }
        }
        if self.error.is_some() && self.error_path.is_some() {
            problems.push(Problem::property(
                "error_path",
                "Fail state cannot have both error and errorPath",
            ));
        }
        if self.cause.is_some() && self.cause_path.is_some() {
            problems.push(Problem::property(
                "cause_path",
                "Fail state cannot have both cause and causePath",
            ));
        }
        problems
    }
}

impl Rendering<'_> {
    pub(super) fn failure(&self, node: &Node, failure: &Failure, members: &mut Members) {
        let text = |text: &Option<Text>| text.as_ref().map(Value::from);
        members.add(
            "Error",
            self.literal(node, "error", text(&failure.error).as_ref()),
        );
        self.path_or_call(
            node,
            "ErrorPath",
            "error_path",
            failure.error_path.as_ref(),
            members,
        );
        members.add(
            "Cause",
            self.literal(node, "cause", text(&failure.cause).as_ref()),
        );
        self.path_or_call(
            node,
            "CausePath",
            "cause_path",
            failure.cause_path.as_ref(),
            members,
        );
    }
}
