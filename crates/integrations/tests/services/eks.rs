//! `eks:call` and `eks:runJob`.

use std::fs;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use stepmill_integrations::{Integrations, Outcome, Progress};

use crate::web::Peer;
use crate::{call, failed, impossible, merged, ok};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "s3cret/key"),
];
const ALLOW: &str = "[http]\nallow = [\"{https}\"]";

fn with(peer: &Peer, others: Value) -> Value {
    let authority = STANDARD.encode(fs::read(peer.authority()).unwrap());
    let parameters = json!({
        "ClusterName": "mine", "CertificateAuthority": authority, "Endpoint": peer.https(),
    });
    merged(parameters, others)
}

fn job(peer: &Peer, name: &str, others: Value) -> Value {
    let containers = json!([{ "name": "json" }, { "name": "text" }, { "name": "lost" }]);
    let mut parameters = with(peer, others);
    parameters["Job"] = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "template": { "spec": { "containers": containers } } },
    });
    parameters
}

/// The jobs that were asked for.
async fn created(tasks: &Integrations, peer: &Peer) -> Value {
    let ask = with(peer, json!({ "Method": "GET", "Path": "/api/created" }));
    ok(tasks, "eks:call", ask).await["ResponseBody"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_carry_a_token_and_believe_the_clusters_authority_alone() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ALLOW, &KEYS);
    let given = json!({ "Method": "GET", "Path": "/api/v1/x y", "QueryParameters": { "labelSelector": ["a=b", "c"] } });
    let result = ok(&tasks, "eks:call", with(&peer, given)).await;
    assert_eq!(result["StatusCode"], 200);
    assert_eq!(result["StatusText"], "OK");
    assert_eq!(
        result["Headers"]["Content-Type"],
        json!(["application/json"])
    );
    let body = &result["ResponseBody"];
    assert_eq!(body["query"], json!({ "labelSelector": ["a=b", "c"] }));
    // The token's URL is that of STS in the state machine's region.
    assert_eq!(body["region"], "eu-west-1");
    for (method, body, kind) in [
        ("PATCH", json!({ "a": 1 }), "application/merge-patch+json"),
        ("PATCH", json!([]), "application/json-patch+json"),
        ("PUT", json!("{}"), "application/json"),
    ] {
        let given = json!({ "Method": method, "Path": "/api/v1/x", "RequestBody": body });
        let result = ok(&tasks, "eks:call", with(&peer, given)).await;
        assert_eq!(result["ResponseBody"]["type"], kind);
    }

    let mut other = with(
        &peer,
        json!({ "Method": "GET", "Path": "/api/v1/x", "ClusterName": "other" }),
    );
    let (error, cause) = failed(&tasks, "eks:call", other.clone()).await;
    assert_eq!(error, "EKS.401");
    let cause: Value = serde_json::from_str(&cause).unwrap();
    assert_eq!(
        cause,
        json!({
            "ResponseBody": { "kind": "Status", "apiVersion": "v1", "metadata": {},
                "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized",
                "code": 401 },
            "StatusCode": 401, "StatusText": "Unauthorized",
        })
    );

    // An authority of the machine's bundle is of no help, nor is another's.
    let stranger = Peer::start().unwrap();
    other["CertificateAuthority"] = json!(STANDARD.encode(fs::read(stranger.authority()).unwrap()));
    let bundled = format!("{ALLOW}\nca_bundle = \"{{authority}}\"");
    let (error, cause) = failed(&peer.tasks(&bundled, &KEYS), "eks:call", other.clone()).await;
    assert_eq!(error, "EKS.SdkClientException");
    assert!(cause.contains("certificate"), "{cause}");
    other["CertificateAuthority"] = json!("not base64!");
    let reason = impossible(&tasks, "eks:call", other.clone()).await;
    assert!(
        reason.contains("'CertificateAuthority' has an invalid format"),
        "{reason}"
    );
    other["Endpoint"] = json!(peer.http());
    other["CertificateAuthority"] = json!("");
    let reason = impossible(&tasks, "eks:call", other).await;
    assert!(
        reason.contains("'Endpoint' has an invalid format"),
        "{reason}"
    );
    let given = with(&peer, json!({ "Method": "GET", "Path": "/api/v1/x" }));
    let reason = impossible(&peer.tasks("", &KEYS), "eks:call", given).await;
    assert!(reason.contains("[http] allow = [\"127.0.0.1:"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_waited_for_and_its_logs_are_read() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ALLOW, &KEYS);
    let started = ok(&tasks, "eks:runJob", job(&peer, "one", json!({}))).await;
    assert_eq!(started["StatusCode"], 201);
    assert_eq!(started["ResponseBody"]["metadata"]["namespace"], "default");

    let wanted = json!({ "Namespace": "team", "LogOptions": {
        "RetrieveLogs": true, "LogParameters": { "tailLines": ["6"] } } });
    let task = call("eks:runJob.sync", &job(&peer, "two", wanted));
    let told = Mutex::new(Vec::new());
    let outcome = tasks
        .run(&task, &|progress| told.lock().unwrap().push(progress))
        .await;
    let Outcome::Succeeded(result) = outcome else {
        panic!("{outcome:?}");
    };
    let told = told.into_inner().unwrap();
    let [Progress::Submitted(submitted)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(submitted["StatusCode"], 201);
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["metadata"]["name"], "two");
    assert_eq!(result["status"]["conditions"][0]["type"], "Complete");
    let logs = &result["logs"]["pods"]["two-p"]["containers"];
    assert_eq!(logs["json"], json!({ "log": { "pi": 3.5 } }));
    assert_eq!(logs["text"], json!({ "log": "two-p ['6']\n" }));
    assert_eq!(logs["lost"]["error"], "EKS.400");
    assert!(
        logs["lost"]["cause"]
            .as_str()
            .unwrap()
            .contains("BadRequest")
    );

    let raw = json!({ "LogOptions": { "RetrieveLogs": true, "RawLogs": true } });
    let result = ok(&tasks, "eks:runJob.sync", job(&peer, "three", raw)).await;
    let logs = &result["logs"]["pods"]["three-p"]["containers"];
    assert_eq!(logs["json"]["log"], "{\"pi\": 3.5}");
    let result = ok(&tasks, "eks:runJob.sync", job(&peer, "shaky", json!({}))).await;
    assert!(result.get("logs").is_none(), "{result}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_fails_its_task() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ALLOW, &KEYS);
    let (error, cause) = failed(&tasks, "eks:runJob.sync", job(&peer, "bad", json!({}))).await;
    assert_eq!(error, "States.TaskFailed");
    let cause: Value = serde_json::from_str(&cause).unwrap();
    assert_eq!(cause["status"]["conditions"][0]["type"], "Failed");
    let (error, _) = failed(&tasks, "eks:runJob.sync", job(&peer, "gone", json!({}))).await;
    assert_eq!(error, "EKS.404");
    // A name that is taken.
    let (error, _) = failed(&tasks, "eks:runJob.sync", job(&peer, "bad", json!({}))).await;
    assert_eq!(error, "EKS.409");
    let wrong = job(&peer, "x", json!({ "LogOptions": { "Logs": true } }));
    let reason = impossible(&tasks, "eks:runJob", wrong).await;
    assert!(reason.contains("\"Logs\" is not supported"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_submitted_is_waited_for_again_and_not_created() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ALLOW, &KEYS);
    let started = ok(&tasks, "eks:runJob", job(&peer, "kept", json!({}))).await;
    let mut again = call("eks:runJob.sync", &job(&peer, "kept", json!({})));
    again.submitted = Some(started.to_string());
    let told = Mutex::new(0);
    let outcome = tasks.run(&again, &|_| *told.lock().unwrap() += 1).await;
    assert!(matches!(outcome, Outcome::Succeeded(_)), "{outcome:?}");
    assert_eq!(told.into_inner().unwrap(), 0);
    assert_eq!(created(&tasks, &peer).await, json!(["default/kept"]));
}
