//! The context object of a mocked state.

use serde_json::{Map, Value};
use stepmill_asl::model::{IntegrationPattern, Resource, StateKind};

use super::definition::Tested;
use super::request::TestStateRequest;
use crate::error::Error;

/// The objects of a context object with their fields.
///
/// Source: Step Functions Developer Guide, "Accessing the Context object".
const FIELDS: [(&str, &[(&str, Is)]); 4] = [
    (
        "Execution",
        &[
            ("Id", Is::Text),
            ("Input", Is::Any),
            ("Name", Is::Text),
            ("RedriveCount", Is::Number),
            ("RedriveTime", Is::Text),
            ("RoleArn", Is::Text),
            ("StartTime", Is::Text),
        ],
    ),
    (
        "State",
        &[
            ("EnteredTime", Is::Text),
            ("Name", Is::Text),
            ("RetryCount", Is::Number),
        ],
    ),
    ("StateMachine", &[("Id", Is::Text), ("Name", Is::Text)]),
    ("Task", &[("Token", Is::Text)]),
];

#[derive(Clone, Copy)]
enum Is {
    Text,
    Number,
    Any,
}

/// The context object that the request gives, if any: with the fields that one has, and no others.
pub(super) fn given(request: &TestStateRequest, tested: &Tested) -> Result<Option<Value>, Error> {
    let Some(text) = &request.context else {
        return Ok(None);
    };
    match checked(text, tested) {
        Ok(context) => Ok(Some(context)),
        Err(reason) => Err(Error::validation(format!(
            "Invalid Context object provided: {reason}"
        ))),
    }
}

fn checked(text: &str, tested: &Tested) -> Result<Value, String> {
    let context: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(objects) = &context else {
        return Err("Context must be a JSON object".to_owned());
    };
    for (name, object) in objects {
        if name == "Map" {
            return Err("'Map' field is not supported when mocking a Context object".to_owned());
        }
        let Some((_, fields)) = FIELDS.iter().find(|(known, _)| known == name) else {
            return Err(format!("Field '{name}' is not allowed"));
        };
        if name == "Task" && !has_token(tested) {
            return Err(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or \
                 '.waitForTaskToken' service integration pattern"
                    .to_owned(),
            );
        }
        let Value::Object(object) = object else {
            return Err(format!("{name} must be an object"));
        };
        fields_are_right(name, object, fields)?;
    }
    Ok(context)
}

fn fields_are_right(
    name: &str,
    object: &Map<String, Value>,
    fields: &[(&str, Is)],
) -> Result<(), String> {
    for (field, value) in object {
        let Some((_, is)) = fields.iter().find(|(known, _)| known == field) else {
            return Err(format!("Field '{field}' is not allowed"));
        };
        match is {
            Is::Text if !value.is_string() => {
                return Err(format!("{name}.{field} must be a string"));
            }
            Is::Number if !value.is_number() => {
                return Err(format!("{name}.{field} must be a number"));
            }
            Is::Text | Is::Number | Is::Any => {}
        }
    }
    Ok(())
}

fn has_token(tested: &Tested) -> bool {
    match &tested.state().kind {
        StateKind::Task(task) => match &task.resource {
            Resource::Service(service) => service.pattern != IntegrationPattern::RequestResponse,
            Resource::Lambda(_) | Resource::Activity(_) => false,
        },
        _ => false,
    }
}
