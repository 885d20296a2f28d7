//! `ecs:runTask`.

use serde_json::{Map, Value, json};
use stepmill_asl::model::IntegrationPattern;

use crate::aws::request::Request;
use crate::call::Outcome;
use crate::parameters::in_value;

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
    match request.resource.pattern {
        IntegrationPattern::RequestResponse => Ok(result),
        _ => started(result),
    }
}

/// Whether a task that has stopped has done its work: each container that is essential has ended with 0.
/// Which ones are, its definition knows; if that cannot be read, all are.
pub(super) async fn succeeded(request: &Request<'_>, task: &Value) -> bool {
    if in_value(task, "StopCode").is_some_and(|code| code == "TaskFailedToStart") {
        return false;
    }
    let failed = failed_containers(task);
    let Some(definition) = task.get("TaskDefinitionArn").filter(|_| !failed.is_empty()) else {
        return failed.is_empty();
    };
    let parameters = Map::from_iter([("TaskDefinition".to_owned(), definition.clone())]);
    match request.send_to("DescribeTaskDefinition", parameters).await {
        Ok(described) => failed
            .iter()
            .all(|name| !is_essential(&described.json, name)),
        Err(_) => false,
    }
}

/// Containers without an exit code, or with another than 0.
fn failed_containers(task: &Value) -> Vec<&str> {
    let containers = task.get("Containers").and_then(Value::as_array);
    let failed = containers.into_iter().flatten().filter(|container| {
        let code = container.get("ExitCode").and_then(Value::as_i64);
        code != Some(0)
    });
    let names = failed.map(|container| container.get("Name").and_then(Value::as_str));
    names.map(Option::unwrap_or_default).collect()
}

fn is_essential(definition: &Value, name: &str) -> bool {
    let containers = in_value(definition, "TaskDefinition.ContainerDefinitions");
    let containers = containers.and_then(Value::as_array);
    let named = |container: &&Value| container.get("Name") == Some(&json!(name));
    let found = containers.into_iter().flatten().find(named);
    let essential = found.and_then(|container| container.get("Essential"));
    essential.and_then(Value::as_bool).unwrap_or(true)
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
    fn containers_that_have_failed_are_named() {
        let task = json!({ "Containers": [
            { "Name": "a", "ExitCode": 0 }, { "Name": "b", "ExitCode": 137 }, { "Name": "c" },
        ] });
        assert_eq!(failed_containers(&task), ["b", "c"]);
        let definition = json!({ "TaskDefinition": { "ContainerDefinitions": [
            { "Name": "a" }, { "Name": "b", "Essential": false }, { "Name": "c", "Essential": true },
        ] } });
        for (name, essential) in [("a", true), ("b", false), ("c", true), ("d", true)] {
            assert_eq!(is_essential(&definition, name), essential, "{name}");
        }
    }

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
