//! States and how they are put together.

#![allow(clippy::unwrap_used)]

extern crate stepmill_constructs as stepmill;

mod conditions;
mod graphs;
mod laws;

use serde_json::Value as Json;
use stepmill::prelude::*;
use stepmill::value::flatten;

/// The definition of a machine made in a stack of its own.
fn definition(build: impl FnOnce(&Stack)) -> Json {
    let stack = Stack::new(&App::new(), "Stack");
    build(&stack);
    definition_in(&stack)
}

/// The definition of the only machine of a stack.
fn definition_in(stack: &Stack) -> Json {
    let template = stack.template().unwrap().body;
    let resources = template["Resources"].as_object().unwrap();
    let machine = resources
        .values()
        .find(|resource| resource["Type"] == "AWS::StepFunctions::StateMachine");
    let text = flatten(&machine.unwrap()["Properties"]["DefinitionString"]);
    serde_json::from_str(&text).unwrap()
}
