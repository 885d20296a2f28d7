//! `ecs:runTask`.

use serde_json::{Map, Value};

use crate::aws::request::Request;
use crate::call::Outcome;

/// Runs a task. Where the state waits for more than the response, it fails if nothing was started:
/// what it waits for would never come.
///
/// Source: Developer Guide, "Run Amazon ECS or Fargate tasks with Step Functions".
pub(super) async fn run(
    request: &Request<'_>,
    parameters: Map<String, Value>,
) -> Result<Value, Outcome> {
    let response = request.send(parameters.clone()).await?;
    let result = request.result(response, &parameters);
    match request.call.token {
        Some(_) => started(result),
        None => Ok(result),
    }
}

fn started(result: Value) -> Result<Value, Outcome> {
    let failures = result.get("Failures").and_then(Value::as_array);
    match failures {
        Some(failures) if !failures.is_empty() => {
            let cause = Value::from(failures.clone()).to_string();
            Err(Outcome::failed("AmazonECS.Unknown", cause))
        }
        _ => Ok(result),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_that_was_not_started_is_a_failure() {
        let fine = json!({ "Tasks": [{}], "Failures": [] });
        assert_eq!(started(fine.clone()), Ok(fine));
        let failed = json!({ "Tasks": [], "Failures": [{ "Reason": "RESOURCE:MEMORY" }] });
        assert_eq!(
            started(failed),
            Err(Outcome::failed(
                "AmazonECS.Unknown",
                r#"[{"Reason":"RESOURCE:MEMORY"}]"#
            ))
        );
    }
}
