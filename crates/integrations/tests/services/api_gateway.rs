//! `apigateway:invoke`.

use serde_json::{Value, json};
use stepmill_integrations::Outcome;
use stepmill_integrations::project::{AwsSettings, HttpSettings};

use crate::web::{Peer, header, tasks};
use crate::{call, failed, impossible, merged, ok, run};

const INVOKE: &str = "apigateway:invoke";
const HOST: &str = "abc123.execute-api.eu-central-1.amazonaws.com";
const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "s3cret/key"),
];
const ELSEWHERE: &str = "[aws.endpoints]\nexecute-api = \"http://{http}\"";

fn parameters(method: &str, path: &str, others: Value) -> Value {
    let parameters =
        json!({ "ApiEndpoint": HOST, "Method": method, "Stage": "prod", "Path": path });
    merged(parameters, others)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_made_of_the_parameters() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ELSEWHERE, &KEYS);
    let given = json!({
        "Headers": { "key": ["value1", "value2"], "TaskToken": ["t"] },
        "QueryParameters": { "billId": ["123 456", "ä&="], "none": [] },
        "RequestBody": { "NewPet": { "type": "turtle", "category": null }, "none": null },
    });
    let result = ok(&tasks, INVOKE, parameters("POST", "bills/a b", given)).await;
    assert_eq!(result["StatusCode"], 200);
    assert_eq!(result["StatusText"], "OK");
    assert_eq!(
        result["Headers"]["Content-Type"],
        json!(["application/json"])
    );
    let echo = &result["ResponseBody"];
    assert_eq!(echo["method"], "POST");
    assert_eq!(echo["path"], "/prod/bills/a%20b");
    assert_eq!(echo["query"], "billId=123%20456&billId=%C3%A4%26%3D");
    assert_eq!(echo["body"], r#"{"NewPet":{"type":"turtle"}}"#);
    assert_eq!(header(echo, "host"), [HOST]);
    assert_eq!(header(echo, "key"), ["value1", "value2"]);
    assert_eq!(header(echo, "tasktoken"), ["t"]);
    assert_eq!(header(echo, "content-type"), ["application/json"]);
    assert_eq!(echo["signature"], "none");

    // A leading slash is none more, a text is sent as it is, and null where it is wanted.
    let text = json!({ "RequestBody": "as it is", "Headers": { "content-type": ["text/plain"] } });
    let echo = ok(&tasks, INVOKE, parameters("PUT", "/x", text)).await;
    assert_eq!(echo["ResponseBody"]["path"], "/prod/x");
    assert_eq!(echo["ResponseBody"]["body"], "as it is");
    assert_eq!(
        header(&echo["ResponseBody"], "content-type"),
        ["text/plain"]
    );
    let nulls = json!({ "RequestBody": { "a": null }, "AllowNullValues": true });
    let echo = ok(&tasks, INVOKE, parameters("PATCH", "x", nulls)).await;
    assert_eq!(echo["ResponseBody"]["body"], r#"{"a":null}"#);
    let none = json!({ "RequestBody": {} });
    let echo = ok(&tasks, INVOKE, parameters("GET", "x", none)).await;
    assert_eq!(echo["ResponseBody"]["body"], "");
    let plain = ok(&tasks, INVOKE, parameters("GET", "text", json!({}))).await;
    assert_eq!(plain["ResponseBody"], "plain");
    assert_eq!(plain["Headers"]["x-two"], json!(["1", "2"]));
    let head = ok(&tasks, INVOKE, parameters("HEAD", "x", json!({}))).await;
    assert_eq!(head["ResponseBody"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_those_of_botocore() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ELSEWHERE, &KEYS);
    for auth in ["IAM_ROLE", "RESOURCE_POLICY"] {
        let given = json!({
            "AuthType": auth,
            "Headers": { "X-Own": ["1"] },
            "QueryParameters": { "z": ["2", "1"], "a": ["ä b"] },
            "RequestBody": { "a": "ä" },
        });
        let result = ok(&tasks, INVOKE, parameters("POST", "a b/ü", given)).await;
        // Signed for where the API is, whatever the state machine's region.
        assert_eq!(result["ResponseBody"]["signature"], "eu-central-1");
    }
    let open = peer.tasks(ELSEWHERE, &[("AWS_EC2_METADATA_DISABLED", "true")]);
    let signed = parameters("GET", "x", json!({ "AuthType": "IAM_ROLE" }));
    let reason = impossible(&open, INVOKE, signed).await;
    assert!(reason.contains("AWS_ACCESS_KEY_ID"), "{reason}");
    ok(&open, INVOKE, parameters("GET", "x", json!({}))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_no_success_are_errors() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let url = peer.http();
    let variable = ("AWS_ENDPOINT_URL_EXECUTE_API", &*url);
    let variable = [&KEYS[..], &[variable]].concat();
    let by_variable = peer.tasks("", &variable);
    ok(&by_variable, INVOKE, parameters("GET", "x", json!({}))).await;
    // The general endpoint counts, too.
    let tasks = peer.tasks("[aws]\nendpoint = \"http://{http}\"", &KEYS);
    let (error, cause) = failed(&tasks, INVOKE, parameters("GET", "403", json!({}))).await;
    assert_eq!(error, "ApiGateway.403");
    assert_eq!(cause, r#"{"message": "Missing Authentication Token"}"#);
    let (error, cause) = failed(&tasks, INVOKE, parameters("GET", "redirect", json!({}))).await;
    assert_eq!((&*error, &*cause), ("ApiGateway.302", "elsewhere"));
    let (error, cause) = failed(&tasks, INVOKE, parameters("GET", "large", json!({}))).await;
    assert_eq!(error, "States.DataLimitExceeded");
    assert!(cause.contains("'apigateway' returned a result"), "{cause}");
    let (error, cause) = failed(&tasks, INVOKE, parameters("GET", "hang", json!({}))).await;
    assert_eq!(error, "ApiGateway.SdkClientException");
    assert!(
        cause.starts_with("Unable to execute HTTP request: "),
        "{cause}"
    );
    let reason = impossible(&tasks, INVOKE, parameters("GET", "bytes", json!({}))).await;
    assert!(reason.contains("cannot be read as text"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_waits_for_its_token_is_submitted() {
    let Some(peer) = Peer::start() else {
        return;
    };
    let tasks = peer.tasks(ELSEWHERE, &KEYS);
    let given = parameters("POST", "x", json!({ "RequestBody": { "token": "t" } }));
    let outcome = run(&tasks, &call("apigateway:invoke.waitForTaskToken", &given)).await;
    let Outcome::Submitted(result) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(result.contains("\"StatusCode\":200"), "{result}");
}

#[tokio::test]
async fn parameters_are_judged_before_anything_is_sent() {
    let tasks = tasks(AwsSettings::default(), HttpSettings::default(), &[]);
    for (given, reason) in [
        (
            json!({ "Headers": { "key": "value" } }),
            "The value of the field 'Headers' has an invalid format",
        ),
        (
            json!({ "QueryParameters": { "key": "value" } }),
            "The value of the field 'QueryParameters' has an invalid format",
        ),
        (
            json!({ "Headers": { "X-Amzn-Trace-Id": ["1"] } }),
            "The 'Headers' field contains unsupported values: X-Amzn-Trace-Id",
        ),
        (
            json!({ "Headers": { "a": ["b\r\nc: d"] } }),
            "The value of the field 'Headers' has an invalid format",
        ),
        (
            json!({ "Method": "TRACE" }),
            "The value of the field 'Method' has an invalid format",
        ),
        (
            json!({ "RequestBody": { "a": 1 } }),
            "The field \"RequestBody\" is not supported for GET",
        ),
        (
            json!({ "AuthType": "COGNITO" }),
            "The value of the field 'AuthType' has an invalid format",
        ),
        (
            json!({ "Body": 1 }),
            "The field \"Body\" is not supported by Step Functions",
        ),
    ] {
        let given = parameters("GET", "x", given);
        assert_eq!(
            impossible(&tasks, INVOKE, given.clone()).await,
            format!("The Parameters '{given}' could not be used to start the Task: [{reason}]")
        );
    }
    for host in [
        "localhost:80",
        "169.254.169.254",
        "evil.com",
        "a@abc.execute-api.eu-central-1.amazonaws.com",
    ] {
        let given = json!({ "ApiEndpoint": host, "Method": "GET" });
        let reason = impossible(&tasks, INVOKE, given).await;
        assert!(reason.contains("is no host of API Gateway"), "{reason}");
        assert!(reason.contains("execute-api = \"URL\""), "{reason}");
    }
    let signed = parameters("GET", "x", json!({ "AuthType": "IAM_ROLE" }));
    let reason = impossible(&tasks, INVOKE, signed).await;
    assert!(reason.contains("AWS_REGION"), "{reason}");
}
