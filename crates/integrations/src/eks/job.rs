//! `eks:runJob`.

use std::time::Duration;

use http::{HeaderValue, Method};
use serde_json::Value;
use stepmill_aws_client::WebAnswer;
use stepmill_catalog::Poll;

use super::cluster::{Ask, Cluster};
use super::{content, logs};
use crate::call::{Call, Outcome};
use crate::endpoints::{Task, parsed};
use crate::pace::Pace;
use crate::parameters::{at, flag, text};

/// How often in a row a job may not be heard of before its task fails.
const SILENCES: u32 = 5;

/// Creates the job: the answer as a result.
pub(super) async fn start(task: &Task<'_>, cluster: &Cluster<'_>) -> Result<Value, Outcome> {
    let namespace = task.judge(text(&task.fields, "Namespace"))?;
    let namespace = namespace.unwrap_or("default");
    let ask = Ask {
        method: Method::POST,
        path: &jobs(namespace),
        query: String::new(),
        body: at(&task.fields, "Job").map(content).unwrap_or_default(),
        kind: HeaderValue::from_static("application/json"),
        limit: task.answer_bytes(),
    };
    cluster.ask(ask).await
}

/// The answer that came when the job was created before the process that waited for it was gone.
pub(super) fn submitted(call: &Call) -> Option<Value> {
    serde_json::from_str(call.submitted.as_deref()?).ok()
}

/// Waits for the end of a job by the answer that came when it was created: the job, with its logs if
/// they are wanted.
///
/// A task that is given up leaves its job as it is: AWS documents no more than that it does so with
/// clusters.
pub(super) async fn ended(
    task: &Task<'_>,
    cluster: &Cluster<'_>,
    started: &Value,
    interval: Option<Duration>,
) -> Result<Value, Outcome> {
    let named = |name: &str| {
        started
            .pointer(&format!("/ResponseBody/metadata/{name}"))?
            .as_str()
    };
    let Some((name, namespace)) = named("name").zip(named("namespace")) else {
        return Err(Outcome::failed(
            &task.http.unanswered_error,
            "The answer of the cluster has no job",
        ));
    };
    let poll = task.row.poll.as_ref();
    let pace = Pace::new(interval, poll.and_then(|poll| poll.interval));
    let path = format!("{}/{name}", jobs(namespace));
    let (mut job, succeeded) = wait(cluster, &path, poll, pace).await?;
    if task.judge(flag(&task.fields, "LogOptions.RetrieveLogs"))?
        && let Value::Object(members) = &mut job
    {
        let logs = logs::of(task, cluster, namespace, name).await?;
        members.insert("logs".to_owned(), logs);
    }
    match succeeded {
        true => Ok(job),
        false => Err(Outcome::failed("States.TaskFailed", job.to_string())),
    }
}

/// Asks for a job after each pause until it has ended: the job, and whether it has succeeded.
async fn wait(
    cluster: &Cluster<'_>,
    path: &str,
    poll: Option<&Poll>,
    mut pace: Pace,
) -> Result<(Value, bool), Outcome> {
    let mut silences = 0;
    loop {
        tokio::time::sleep(pace.pause()).await;
        match judge(cluster, cluster.send(Ask::get(path, String::new())).await) {
            Heard::Job(job) => {
                silences = 0;
                pace.answered(true);
                if let Some(succeeded) = succeeded(poll, &job) {
                    return Ok((job, succeeded));
                }
            }
            Heard::Nothing(_) if silences < SILENCES => {
                silences += 1;
                pace.answered(false);
            }
            Heard::Nothing(outcome) | Heard::Failure(outcome) => return Err(outcome),
        }
    }
}

/// What a question for the job has brought.
enum Heard {
    Job(Value),
    /// Nothing, which may pass.
    Nothing(Outcome),
    Failure(Outcome),
}

fn judge(cluster: &Cluster<'_>, answer: Result<WebAnswer, Outcome>) -> Heard {
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => {
            Heard::Job(parsed(&String::from_utf8_lossy(&answer.body)))
        }
        Ok(answer) if matches!(answer.status, 429 | 500..) => {
            Heard::Nothing(cluster.failed(&answer))
        }
        Ok(answer) => Heard::Failure(cluster.failed(&answer)),
        Err(outcome @ Outcome::Failed { .. }) => Heard::Nothing(outcome),
        Err(outcome) => Heard::Failure(outcome),
    }
}

/// Whether a job has succeeded; nothing, as long as it has not ended.
fn succeeded(poll: Option<&Poll>, job: &Value) -> Option<bool> {
    let poll = poll?;
    let conditions = job.pointer("/status/conditions")?.as_array()?;
    let holds = |kinds: &[String]| {
        conditions.iter().any(|condition| {
            let kind = condition.get("type").and_then(Value::as_str);
            let is = condition.get("status").and_then(Value::as_str) == Some("True");
            is && kinds.iter().any(|known| Some(known.as_str()) == kind)
        })
    };
    match (holds(&poll.success), holds(&poll.failure)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

fn jobs(namespace: &str) -> String {
    format!("/apis/batch/v1/namespaces/{namespace}/jobs")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_tell_the_end() {
        let row = stepmill_catalog::integration("eks", "runJob").unwrap();
        for (conditions, expected) in [
            (
                json!([{ "type": "Complete", "status": "True" }]),
                Some(true),
            ),
            (json!([{ "type": "Failed", "status": "True" }]), Some(false)),
            (json!([{ "type": "Complete", "status": "False" }]), None),
            (json!([{ "type": "FailureTarget", "status": "True" }]), None),
            (json!([{ "type": "Suspended", "status": "True" }]), None),
            (json!([]), None),
        ] {
            let job = json!({ "status": { "conditions": conditions } });
            assert_eq!(succeeded(row.poll.as_ref(), &job), expected, "{job}");
        }
        assert_eq!(succeeded(row.poll.as_ref(), &json!({ "status": {} })), None);
    }
}
