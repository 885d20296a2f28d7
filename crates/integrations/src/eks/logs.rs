//! What the pods of a job have written.

use serde_json::{Map, Value, json};

use super::cluster::{Ask, Cluster};
use crate::call::Outcome;
use crate::endpoints::{Task, parsed, query};
use crate::parameters::{flag, lists};

/// How many pods of a job are read, at most.
const PODS: &str = "500";

/// The logs of a job's containers, as well as they can be had: `{"pods": {POD: {"containers": {NAME:
/// {"log": …}}}}}`.
pub(super) async fn of(
    task: &Task<'_>,
    cluster: &Cluster<'_>,
    namespace: &str,
    job: &str,
) -> Result<Value, Outcome> {
    let raw = task.judge(flag(&task.fields, "LogOptions.RawLogs"))?;
    let parameters = task.judge(lists(&task.fields, "LogOptions.LogParameters"))?;
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    let selector = format!("job-name={job}");
    let wanted = query([("labelSelector", &*selector), ("limit", PODS)]);
    let found = match cluster.send(Ask::get(&path, wanted)).await {
        Ok(answer) if (200..300).contains(&answer.status) => {
            parsed(&String::from_utf8_lossy(&answer.body))
        }
        Ok(answer) => return Ok(json!({ "pods": unread(cluster.failed(&answer)) })),
        Err(outcome) => return Ok(json!({ "pods": unread(outcome) })),
    };
    let (mut pods, mut bytes) = (Map::new(), 0);
    for pod in found
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let Some(name) = pod.pointer("/metadata/name").and_then(Value::as_str) else {
            continue;
        };
        let mut logs = Map::new();
        let containers = pod.pointer("/spec/containers").and_then(Value::as_array);
        let containers = containers.into_iter().flatten();
        for container in containers.filter_map(|container| container.get("name")?.as_str()) {
            let given = parameters.iter().map(|(name, value)| (&**name, &**value));
            let wanted = query(given.chain([("container", container)]));
            let path = format!("{path}/{name}/log");
            let ask = Ask {
                limit: task.answer_bytes(),
                ..Ask::get(&path, wanted)
            };
            let log = log(cluster, ask, raw).await;
            bytes += log.to_string().len();
            if bytes > task.answer_bytes() {
                return Err(task.too_large());
            }
            logs.insert(container.to_owned(), log);
        }
        pods.insert(name.to_owned(), json!({ "containers": logs }));
    }
    Ok(json!({ "pods": pods }))
}

async fn log(cluster: &Cluster<'_>, ask: Ask<'_>, raw: bool) -> Value {
    match cluster.send(ask).await {
        Ok(answer) if (200..300).contains(&answer.status) => {
            let text = String::from_utf8_lossy(&answer.body);
            match raw {
                true => json!({ "log": text }),
                false => json!({ "log": parsed(&text) }),
            }
        }
        Ok(answer) => unread(cluster.failed(&answer)),
        Err(outcome) => unread(outcome),
    }
}

/// What stands in the place of a log that could not be had.
fn unread(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Failed { error, cause } => json!({ "error": error, "cause": cause }),
        Outcome::Impossible(cause) => json!({ "error": "States.Runtime", "cause": cause }),
        Outcome::Succeeded(text) | Outcome::Submitted(text) => json!({ "log": text }),
    }
}
