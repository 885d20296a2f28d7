//! Constructs that are wrong are refused with the CDK's words, naming the property as our method is called.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

mod ecs;
mod eks;
mod emr;
mod emr_containers;
mod iam;
mod lambda;
mod machine;
mod maps;
mod more_services;
mod network;
mod resources;
mod sagemaker;
mod services;
mod states;

use stepmill::core::Problem;
use stepmill::prelude::*;

/// What is wrong with what was made in a stack: the property, if it is about one, and the message.
fn problems(
    features: &[Feature],
    build: impl FnOnce(&Stack),
) -> Vec<(Option<&'static str>, String)> {
    let app = features.iter().copied().fold(App::new(), App::feature);
    let stack = Stack::new(&app, "Stack");
    build(&stack);
    let errors = app.errors().into_iter();
    errors
        .map(|error| match error.problem {
            Problem::Property { property, message } => (Some(property), message),
            other => (None, other.to_string()),
        })
        .collect()
}

/// That a task is refused for one reason.
#[track_caller]
fn refused<T: StateBuilder>(property: &'static str, message: &str, task: impl FnOnce(&Stack) -> T) {
    refused_with(&[], property, message, task);
}

/// That a task is refused for one reason with features on.
#[track_caller]
fn refused_with<T: StateBuilder>(
    features: &[Feature],
    property: &'static str,
    message: &str,
    task: impl FnOnce(&Stack) -> T,
) {
    let found = problems(features, |stack| drop(task(stack).build()));
    assert_eq!(found, [(Some(property), message.to_owned())]);
}

/// That a task does not know a pattern.
#[track_caller]
fn unsupported<T: TaskBuilder>(
    supported: &str,
    pattern: IntegrationPattern,
    task: impl FnOnce(&Stack) -> T,
) {
    let found = problems(&[], |stack| {
        drop(task(stack).integration_pattern(pattern).build());
    });
    let received = pattern.name();
    let message = format!(
        "Unsupported service integration pattern. Supported Patterns: {supported}. Received: {received}"
    );
    assert_eq!(found, [(None, message)]);
}
