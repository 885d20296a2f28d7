//! Optimised integrations.

use serde_json::{Value, json};
use stepmill_integrations::{Integrations, Outcome};

use crate::peer::Moto;
use crate::{EXECUTION, MACHINE, call, failed, impossible, ok, run, without};

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
async fn dynamodb() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let table = json!({
        "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    });
    ok(&tasks, "aws-sdk:dynamodb:createTable", table).await;
    let item = json!({ "id": { "S": "1" }, "n": { "N": "2" } });
    let put = ok(
        &tasks,
        "dynamodb:putItem",
        json!({ "TableName": "t", "Item": item }),
    )
    .await;
    has_metadata(&put);
    assert_eq!(put.as_object().unwrap().len(), 2, "{put}");
    let key = json!({ "id": { "S": "1" } });
    let update = json!({
        "TableName": "t", "Key": key, "UpdateExpression": "SET n = n + :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } }, "ReturnValues": "UPDATED_NEW",
    });
    let updated = ok(&tasks, "dynamodb:updateItem", update).await;
    assert_eq!(updated["Attributes"], json!({ "n": { "N": "3" } }));
    let get = ok(
        &tasks,
        "dynamodb:getItem",
        json!({ "TableName": "t", "Key": key }),
    )
    .await;
    assert_eq!(get["Item"]["n"], json!({ "N": "3" }));
    let delete = json!({ "TableName": "t", "Key": key });
    has_metadata(&ok(&tasks, "dynamodb:deleteItem", delete).await);

    let lost = json!({ "TableName": "nowhere", "Key": key });
    let (error, cause) = failed(&tasks, "dynamodb:getItem", lost).await;
    assert_eq!(error, "DynamoDB.ResourceNotFoundException");
    assert_eq!(
        without(&cause, &["Request ID: "]),
        "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \
         ResourceNotFoundException; Request ID: ; Proxy: null)"
    );
    let wrong = json!({ "TableName": "t", "Item": {} });
    let (error, _) = failed(&tasks, "dynamodb:putItem", wrong).await;
    assert_eq!(error, "DynamoDB.AmazonDynamoDBException");
    let wrong = json!({ "TableName": "t", "Key": key, "Kee": 1 });
    let reason = impossible(&tasks, "dynamodb:getItem", wrong).await;
    assert!(
        reason.ends_with("[The field \"Kee\" is not supported by Step Functions]"),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages() {
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
    let url = queue["QueueUrl"].clone();
    let body = json!({ "a": [1, "b"] });
    let send = json!({ "QueueUrl": url, "MessageBody": body });
    let sent = ok(&tasks, "sqs:sendMessage", send.clone()).await;
    has_metadata(&sent);
    assert!(sent["MD5OfMessageBody"].is_string(), "{sent}");
    assert_eq!(next(&tasks, &url).await, body.to_string());
    let outcome = run(&tasks, &call("sqs:sendMessage.waitForTaskToken", &send)).await;
    assert!(matches!(outcome, Outcome::Submitted(_)), "{outcome:?}");
    let lost = json!({ "QueueUrl": format!("{}x", url.as_str().unwrap()), "MessageBody": "a" });
    let (error, cause) = failed(&tasks, "sqs:sendMessage", lost).await;
    assert_eq!(error, "SQS.QueueDoesNotExistException");
    assert!(
        cause.contains("(Service: AmazonSQS; Status Code: 400; Error Code: "),
        "{cause}"
    );

    let lost = json!({ "QueueUrl": "http://no-such-queue.invalid", "MessageBody": "x" });
    assert_eq!(
        run(&tasks, &call("sqs:sendMessage", &lost)).await,
        Outcome::failed(
            "SQS.SdkClientException",
            "Unable to execute HTTP request: no-such-queue.invalid: Name or service not known"
        )
    );

    let topic = ok(&tasks, "aws-sdk:sns:createTopic", json!({ "Name": "t" })).await;
    let publish = json!({ "TopicArn": topic["TopicArn"], "Message": { "a": 1 } });
    let published = ok(&tasks, "sns:publish", publish).await;
    has_metadata(&published);
    assert!(published["MessageId"].is_string(), "{published}");
    let lost = json!({ "TopicArn": "arn:aws:sns:eu-west-1:123456789012:x", "Message": "a" });
    let (error, cause) = failed(&tasks, "sns:publish", lost).await;
    assert_eq!(error, "SNS.NotFoundException");
    assert!(
        cause.contains("(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; "),
        "{cause}"
    );
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
async fn emr_has_one_where_the_api_has_lists() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let cluster = json!({
        "Name": "c", "ServiceRole": "r", "JobFlowRole": "r", "ReleaseLabel": "emr-7.0.0",
        "Instances": {
            "KeepJobFlowAliveWhenNoSteps": true,
            "InstanceGroups": [
                { "Name": "main", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge",
                  "InstanceCount": 1 },
                { "Name": "work", "InstanceRole": "CORE", "InstanceType": "m5.xlarge",
                  "InstanceCount": 1 },
            ],
        },
    });
    let created = ok(&tasks, "elasticmapreduce:createCluster", cluster).await;
    has_metadata(&created);
    let id = &created["ClusterId"];
    assert!(
        id.is_string() && created.get("JobFlowId").is_none(),
        "{created}"
    );
    let step = json!({ "ClusterId": id, "Step": {
        "Name": "s", "HadoopJarStep": { "Jar": "j" }, "ActionOnFailure": "CONTINUE" } });
    let added = ok(&tasks, "elasticmapreduce:addStep", step).await;
    assert!(added["StepId"].is_string(), "{added}");
    let change = json!({ "ClusterId": id, "InstanceGroupName": "work",
        "InstanceGroup": { "InstanceCount": 3 } });
    ok(&tasks, "elasticmapreduce:modifyInstanceGroupByName", change).await;
    let groups = ok(
        &tasks,
        "aws-sdk:emr:listInstanceGroups",
        json!({ "ClusterId": id }),
    )
    .await;
    let work = groups["InstanceGroups"].as_array().unwrap();
    let work = work.iter().find(|group| group["Name"] == "work").unwrap();
    assert_eq!(work["RequestedInstanceCount"], 3);
    let lost = json!({ "ClusterId": id, "InstanceGroupName": "x", "InstanceGroup": {} });
    let (error, cause) = failed(&tasks, "elasticmapreduce:modifyInstanceGroupByName", lost).await;
    assert_eq!(error, "EMR.InvalidRequestException");
    assert!(cause.contains("\"x\""), "{cause}");
    let protect = json!({ "ClusterId": id, "TerminationProtected": false });
    ok(
        &tasks,
        "elasticmapreduce:setClusterTerminationProtection",
        protect,
    )
    .await;
    ok(
        &tasks,
        "elasticmapreduce:terminateCluster",
        json!({ "ClusterId": id }),
    )
    .await;
    let wrong = json!({ "JobFlowIds": [id] });
    let reason = impossible(&tasks, "elasticmapreduce:terminateCluster", wrong).await;
    assert!(
        reason.contains("\"JobFlowIds\" is not supported"),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn services_of_jobs() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let tasks = moto.integrations();
    let query = json!({ "QueryString": "SELECT 1", "ResultConfiguration": {
        "OutputLocation": "s3://b/" } });
    let started = ok(&tasks, "athena:startQueryExecution", query).await;
    has_metadata(&started);
    let id = json!({ "QueryExecutionId": started["QueryExecutionId"] });
    let found = ok(&tasks, "athena:getQueryExecution", id).await;
    let query = &found["QueryExecution"];
    assert_eq!(query["Query"], "SELECT 1");
    // Optimised integrations have times as milliseconds.
    assert!(query["Status"]["SubmissionDateTime"].is_i64(), "{found}");

    let job = json!({ "Name": "j", "Role": "r", "Command": { "Name": "glueetl" } });
    ok(&tasks, "aws-sdk:glue:createJob", job).await;
    let run = ok(&tasks, "glue:startJobRun", json!({ "JobName": "j" })).await;
    assert_eq!(run["JobName"], "j");
    assert!(run["JobRunId"].is_string(), "{run}");
    let (error, _) = failed(&tasks, "glue:startJobRun", json!({ "JobName": "x" })).await;
    assert_eq!(error, "Glue.EntityNotFoundException");

    let model = json!({ "ModelName": "m", "ExecutionRoleArn": "arn:aws:iam::123456789012:role/r",
        "PrimaryContainer": { "Image": "i" } });
    let made = ok(&tasks, "sagemaker:createModel", model).await;
    assert!(made["ModelArn"].is_string(), "{made}");

    let project = json!({
        "Name": "project", "ServiceRole": "arn:aws:iam::123456789012:role/service-role/r",
        "Source": { "Type": "S3", "Location": "b/k" }, "Artifacts": { "Type": "NO_ARTIFACTS" },
        "Environment": { "Type": "LINUX_CONTAINER", "Image": "i",
            "ComputeType": "BUILD_GENERAL1_SMALL" },
    });
    ok(&tasks, "aws-sdk:codebuild:createProject", project).await;
    let build = ok(
        &tasks,
        "codebuild:startBuild",
        json!({ "ProjectName": "project" }),
    )
    .await;
    assert_eq!(build["Build"]["ProjectName"], "project");

    let (error, _) = failed(&tasks, "ecs:runTask", json!({ "TaskDefinition": "x" })).await;
    assert!(error.starts_with("ECS."), "{error}");
    let submit = json!({ "JobName": "j", "JobQueue": "x", "JobDefinition": "y" });
    let (error, _) = failed(&tasks, "batch:submitJob", submit).await;
    assert!(error.starts_with("Batch."), "{error}");
}
