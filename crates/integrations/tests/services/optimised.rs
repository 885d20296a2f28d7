//! Optimised integrations: what is not as a case of the table has it.

use serde_json::{Value, json};
use stepmill_integrations::{Integrations, Outcome};

use crate::moto::Moto;
use crate::{EXECUTION, MACHINE, call, failed, impossible, ok, run};

pub(crate) fn has_metadata(result: &Value) {
    let http = &result["SdkHttpMetadata"];
    assert_eq!(http["HttpStatusCode"], 200, "{result}");
    for (name, value) in http["HttpHeaders"].as_object().unwrap() {
        assert_eq!(http["AllHttpHeaders"][name], json!([value]));
    }
    assert!(http["HttpHeaders"]["Content-Type"].is_string(), "{result}");
    assert!(
        result["SdkResponseMetadata"]["RequestId"].is_string(),
        "{result}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_the_sdk_for_java_1() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let key = json!({ "id": { "S": "1" } });
    for (resource, parameters, expected) in [
        (
            "dynamodb:getItem",
            json!({ "TableName": "nowhere", "Key": key }),
            "DynamoDB.ResourceNotFoundException: Requested resource not found (Service: \
             AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; ",
        ),
        (
            "sns:publish",
            json!({ "TopicArn": "arn:aws:sns:eu-west-1:123456789012:x", "Message": "a" }),
            "SNS.NotFoundException: Endpoint does not exist (Service: AmazonSNS; Status Code: 404; \
             Error Code: NotFound; ",
        ),
        (
            "sqs:sendMessage",
            json!({ "QueueUrl": "http://localhost/123456789012/x", "MessageBody": "a" }),
            "SQS.QueueDoesNotExistException: The specified queue does not exist. (Service: \
             AmazonSQS; Status Code: 400; Error Code: QueueDoesNotExist; ",
        ),
        (
            "glue:startJobRun",
            json!({ "JobName": "x" }),
            "Glue.EntityNotFoundException: ",
        ),
        (
            "ecs:runTask",
            json!({ "TaskDefinition": "x" }),
            "ECS.ClusterNotFoundException: ",
        ),
        (
            "batch:submitJob",
            json!({ "JobName": "j", "JobQueue": "x", "JobDefinition": "y" }),
            "Batch.ClientException: ",
        ),
    ] {
        let (error, cause) = failed(&tasks, resource, parameters).await;
        let found = format!("{error}: {cause}");
        assert!(found.starts_with(expected), "{found}");
        assert!(found.ends_with("; Proxy: null)"), "{found}");
    }
    let lost = json!({ "QueueUrl": "http://no-such-queue.invalid", "MessageBody": "x" });
    assert_eq!(
        run(&tasks, &call("sqs:sendMessage", &lost)).await,
        Outcome::failed(
            "SQS.SdkClientException",
            "Unable to execute HTTP request: no-such-queue.invalid: Name or service not known"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_the_api_that_the_integration_does_not_have_are_refused() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    for (resource, parameters, field) in [
        (
            "dynamodb:getItem",
            json!({ "TableName": "t", "Key": {}, "Kee": 1 }),
            "Kee",
        ),
        (
            "elasticmapreduce:terminateCluster",
            json!({ "JobFlowIds": ["j-1"] }),
            "JobFlowIds",
        ),
    ] {
        let reason = impossible(&tasks, resource, parameters).await;
        let end = format!("[The field \"{field}\" is not supported by Step Functions]");
        assert!(reason.ends_with(&end), "{reason}");
    }
}

/// The body of the next message of a queue.
async fn next(tasks: &Integrations, url: &Value) -> String {
    let receive = json!({ "QueueUrl": url, "MaxNumberOfMessages": 1 });
    let received = ok(tasks, "aws-sdk:sqs:receiveMessage", receive).await;
    received["Messages"][0]["Body"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn events() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let queue = ok(
        &tasks,
        "aws-sdk:sqs:createQueue",
        json!({ "QueueName": "q" }),
    )
    .await;
    let rule = json!({ "Name": "r", "EventPattern": "{\"source\":[\"here\"]}" });
    ok(&tasks, "aws-sdk:eventbridge:putRule", rule).await;
    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let targets = json!({ "Rule": "r", "Targets": [{ "Id": "1", "Arn": arn }] });
    ok(&tasks, "aws-sdk:eventbridge:putTargets", targets).await;

    let entry =
        json!({ "Source": "here", "DetailType": "d", "Detail": { "a": 1 }, "Resources": ["x"] });
    let put = ok(&tasks, "events:putEvents", json!({ "Entries": [entry] })).await;
    assert_eq!(put["FailedEntryCount"], 0);
    assert_eq!(put.as_object().unwrap().len(), 2, "{put}");
    let event: Value = serde_json::from_str(&next(&tasks, &queue["QueueUrl"]).await).unwrap();
    assert_eq!(event["detail"], json!({ "a": 1 }));
    assert_eq!(event["resources"], json!(["x", MACHINE, EXECUTION]));

    let entries = json!({ "Entries": [entry, { "DetailType": "d", "Detail": "{}" }] });
    let (error, cause) = failed(&tasks, "events:putEvents", entries).await;
    assert_eq!(error, "EventBridge.FailedEntry");
    let cause: Value = serde_json::from_str(&cause).unwrap();
    assert_eq!(cause["FailedEntryCount"], 1);
    assert_eq!(cause["Entries"][1]["ErrorCode"], "InvalidArgument");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_group_that_nobody_named_is_not_there() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let group =
        json!({ "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1 });
    let cluster = json!({
        "Name": "c", "ServiceRole": "r", "JobFlowRole": "r", "ReleaseLabel": "emr-7.0.0",
        "Instances": { "KeepJobFlowAliveWhenNoSteps": true, "InstanceGroups": [group] },
    });
    let cluster = ok(&tasks, "elasticmapreduce:createCluster", cluster).await;
    let lost = json!({
        "ClusterId": cluster["ClusterId"], "InstanceGroupName": "x", "InstanceGroup": {},
    });
    let (error, cause) = failed(&tasks, "elasticmapreduce:modifyInstanceGroupByName", lost).await;
    assert_eq!(error, "EMR.InvalidRequestException");
    assert!(cause.contains("\"x\""), "{cause}");
}
