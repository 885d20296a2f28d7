//! Functions that are not of this process.

use std::sync::Arc;

use serde_json::json;
use stepmill_asl::model::Resource;
use stepmill_integrations::Outcome;
use stepmill_integrations::lambda::{Host, HostOptions};

use crate::moto::Moto;
use crate::{call, failed, ok, run};

const NOWHERE: &str = "arn:aws:lambda:eu-west-1:123456789012:function:nowhere";

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_called_at_aws() {
    let Some(moto) = Moto::start() else {
        return;
    };
    moto.without_containers();
    let tasks = moto.integrations();
    let trust = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
    let role = json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust });
    let role = ok(&tasks, "aws-sdk:iam:createRole", role).await;
    let function = json!({
        "FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b",
        "Role": role["Role"]["Arn"], "Code": { "ZipFile": "none" },
    });
    let function = ok(&tasks, "aws-sdk:lambda:createFunction", function).await;
    let arn = function["FunctionArn"].as_str().unwrap();

    let payload = json!({ "FunctionName": "f", "Payload": { "a": 1 } });
    let result = ok(&tasks, "lambda:invoke", payload.clone()).await;
    assert_eq!(result["Payload"], json!({ "a": 1 }));
    assert_eq!(result["StatusCode"], 200);
    assert!(
        result["SdkResponseMetadata"]["RequestId"].is_string(),
        "{result}"
    );
    let outcome = run(&tasks, &call("lambda:invoke.waitForTaskToken", &payload)).await;
    assert!(matches!(outcome, Outcome::Submitted(_)), "{outcome:?}");

    // By its ARN, a function gives its payload alone.
    let mut by_arn = call("lambda:invoke", &json!({ "a": 1 }));
    by_arn.resource = Resource::parse(arn).unwrap();
    let payload = json!({ "a": 1 }).to_string();
    assert_eq!(run(&tasks, &by_arn).await, Outcome::Succeeded(payload));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_nobody_has_is_missed_here() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let (error, cause) = failed(&tasks, "lambda:invoke", json!({ "FunctionName": NOWHERE })).await;
    assert_eq!(error, "Lambda.ResourceNotFoundException");
    let service = "(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException;";
    assert!(cause.contains(service), "{cause}");
    // Where functions are declared here, the word is this process's.
    let host = Host::start(Vec::new(), HostOptions::default())
        .await
        .unwrap();
    let tasks = moto.integrations().with_lambda(Arc::new(host));
    let (error, cause) = failed(&tasks, "lambda:invoke", json!({ "FunctionName": NOWHERE })).await;
    assert_eq!(error, "Lambda.ResourceNotFoundException");
    assert!(
        cause.starts_with(&format!("Function not found: {NOWHERE}:$LATEST (")),
        "{cause}"
    );
}
