//! AWS SDK integrations.

use serde_json::{Value, json};
use stepmill_integrations::Outcome;

use crate::moto::Moto;
use crate::{call, failed, impossible, ok, run, without};

#[tokio::test(flavor = "multi_thread")]
async fn results_are_in_pascal_case_with_texts_for_times_and_bodies() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let bucket = json!({ "Bucket": "bucket", "CreateBucketConfiguration": {
        "LocationConstraint": "eu-west-1" } });
    ok(&tasks, "aws-sdk:s3:createBucket", bucket).await;
    // What is no text is written as JSON.
    for (body, written) in [
        (json!("ä"), "ä"),
        (json!(false), "false"),
        (json!({ "Dict": "Value" }), "{\"Dict\":\"Value\"}"),
    ] {
        let put = json!({ "Bucket": "bucket", "Key": "k", "Body": body });
        let put = ok(&tasks, "aws-sdk:s3:putObject", put).await;
        assert!(put["ETag"].is_string(), "{put}");
        let get = json!({ "Bucket": "bucket", "Key": "k" });
        let got = ok(&tasks, "aws-sdk:s3:getObject", get).await;
        assert_eq!(got["Body"], written);
        let time = got["LastModified"].as_str().unwrap();
        assert!(time.ends_with('Z') && time.contains('T'), "{time}");
        assert!(got.get("SdkHttpMetadata").is_none());
    }

    // The model has `taskDefinitionArn` and the like.
    let cluster = ok(
        &tasks,
        "aws-sdk:ecs:createCluster",
        json!({ "ClusterName": "c" }),
    )
    .await;
    let arn = cluster["Cluster"]["ClusterArn"].as_str().unwrap();
    // Calls go to the state machine's region.
    assert!(arn.starts_with("arn:aws:ecs:eu-west-1:"), "{arn}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_those_of_the_sdk_for_java_2() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let (error, cause) = failed(
        &tasks,
        "aws-sdk:s3:listObjects",
        json!({ "Bucket": "nowhere" }),
    )
    .await;
    assert_eq!(error, "S3.NoSuchBucketException");
    assert_eq!(
        without(&cause, &["Request ID: "]),
        // Moto has no second id.
        "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: )"
    );
    let table = json!({ "TableName": "nowhere" });
    let (error, cause) = failed(&tasks, "aws-sdk:dynamodb:describeTable", table).await;
    assert_eq!(error, "DynamoDb.ResourceNotFoundException");
    assert!(
        cause.contains(" (Service: DynamoDb, Status Code: 400, Request ID: "),
        "{cause}"
    );
    // A code that the model does not have.
    let scan = json!({ "TableName": "t", "IndexName": "i", "FilterExpression": "" });
    let (error, _) = failed(&tasks, "aws-sdk:dynamodb:scan", scan).await;
    assert!(error.starts_with("DynamoDb."), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_checked_before_anything_is_sent() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    for (resource, parameters, reason) in [
        (
            "aws-sdk:dynamodb:getItem",
            json!({ "tableName": "t" }),
            "The field \"tableName\" is not supported by Step Functions",
        ),
        (
            "aws-sdk:sqs:createQueue",
            json!({ "QueueName": "q", "Attributes": "none" }),
            "The value of the field 'Attributes' has an invalid format",
        ),
        (
            "aws-sdk:s3:getObject",
            json!({ "Bucket": "b" }),
            "The field \"Key\" is required but was missing",
        ),
        (
            "aws-sdk:sqs:listQueues",
            json!([]),
            "The parameters must be a JSON object",
        ),
    ] {
        assert_eq!(
            impossible(&tasks, resource, parameters.clone()).await,
            format!(
                "The Parameters '{parameters}' could not be used to start the Task: [{reason}]"
            )
        );
    }
    let reason = impossible(&tasks, "aws-sdk:sqs:sendNothing", json!({})).await;
    assert!(
        reason.contains("sqs has no operation SendNothing"),
        "{reason}"
    );
    let reason = impossible(&tasks, "aws-sdk:nosuch:call", json!({})).await;
    assert!(reason.contains("aws-sdk:nosuch:call"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_waits_for_its_token_is_submitted() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let topic = ok(&tasks, "aws-sdk:sns:createTopic", json!({ "Name": "t" })).await;
    let message = json!({ "TopicArn": topic["TopicArn"], "Message": "token" });
    let outcome = run(
        &tasks,
        &call("aws-sdk:sns:publish.waitForTaskToken", &message),
    )
    .await;
    let Outcome::Submitted(response) = outcome else {
        panic!("{outcome:?}");
    };
    let response: Value = serde_json::from_str(&response).unwrap();
    assert!(response["MessageId"].is_string(), "{response}");
}
