//! The workflow as the embedded engine runs it, with the function's answers mocked.

use serde_json::json;
use stepmill::prelude::*;
use stepmill::testing::{MockedRun, TestError};

#[test]
fn greets_by_name() -> Result<(), TestError> {
    let machine = {{crate}}::workflow(&Stack::new(&App::recommended(), "Test"));
    let ended = MockedRun::of(&machine)
        .returns("Greet", json!({"Payload": {"greeting": "Hello, Ada!"}, "StatusCode": 200}))
        .run(json!({"name": "Ada"}))?;
    assert_eq!(ended.output, Some(json!({"greeting": "Hello, Ada!"})));
    assert_eq!(ended.states, ["Is anybody here?", "Greet"]);
    Ok(())
}

#[test]
fn fails_without_a_name() -> Result<(), TestError> {
    let machine = {{crate}}::workflow(&Stack::new(&App::recommended(), "Test"));
    let ended = MockedRun::of(&machine).run(json!({}))?;
    let error = ("NoName".to_owned(), "the input has no name".to_owned());
    assert_eq!(ended.error, Some(error));
    Ok(())
}
