//! Services by each protocol, as moto has them: an implementation that knows nothing of this one.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use stepmill_aws_client::{
    Blobs, CallError, Client, Config, Credentials, Names, Overrides, Provider, Role, ServiceError,
    Style,
};

use crate::python::Server;
use crate::{call, config};

/// A server of moto.
struct Moto {
    url: String,
    _server: Server,
}

impl Moto {
    /// Starts one; none where it is not installed. `checked` lets so many requests pass unchecked,
    /// and checks signatures and policies from then on.
    fn start(checked: Option<u32>) -> Option<Self> {
        let mut command = Server::command("moto")?;
        if let Some(count) = checked {
            command.env("INITIAL_NO_AUTH_ACTION_COUNT", count.to_string());
        }
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]);
        let mut server = Server(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut said = BufReader::new(server.0.stderr.take().unwrap()).lines();
        let url = said.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, url) = line.split_once("Running on ")?;
            Some(url.trim().to_owned())
        });
        // It logs each request, and stops when nobody reads that.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self {
            url: url.unwrap(),
            _server: server,
        })
    }

    fn config(&self) -> Config {
        config(&self.url)
    }

    fn client(&self) -> Client {
        Client::new(self.config())
    }
}

async fn ok(client: &Client, service: &str, operation: &str, parameters: Value) -> Value {
    let result = call(client, service, operation, parameters).await;
    result.unwrap_or_else(|error| panic!("{error}")).json
}

async fn error(client: &Client, service: &str, operation: &str, parameters: Value) -> ServiceError {
    match call(client, service, operation, parameters).await {
        Err(CallError::Service(error)) => *error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_json() {
    let Some(moto) = Moto::start(None) else {
        return;
    };
    let client = moto.client();
    let table = json!({
        "TableName": "t",
        "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let created = ok(&client, "dynamodb", "CreateTable", table).await;
    // A timestamp.
    assert!(
        created["TableDescription"]["CreationDateTime"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    let item = json!({ "k": { "S": "ä" }, "n": { "N": "1.50" }, "b": { "B": "AP8=" } });
    ok(
        &client,
        "dynamodb",
        "PutItem",
        json!({ "TableName": "t", "Item": item }),
    )
    .await;
    let key = json!({ "TableName": "t", "Key": { "k": { "S": "ä" } } });
    let found = ok(&client, "dynamodb", "GetItem", key).await;
    assert_eq!(found["Item"]["b"], json!({ "B": "AP8=" }));
    let none = error(
        &client,
        "dynamodb",
        "DescribeTable",
        json!({ "TableName": "x" }),
    )
    .await;
    assert_eq!(none.name.as_deref(), Some("ResourceNotFoundException"));

    let queue = ok(&client, "sqs", "CreateQueue", json!({ "QueueName": "q" })).await;
    let url = &queue["QueueUrl"];
    let message = json!({ "QueueUrl": url, "MessageBody": "hello" });
    ok(&client, "sqs", "SendMessage", message).await;
    let received = ok(&client, "sqs", "ReceiveMessage", json!({ "QueueUrl": url })).await;
    assert_eq!(received["Messages"][0]["Body"], "hello");
    let none = error(&client, "sqs", "GetQueueUrl", json!({ "QueueName": "x" })).await;
    assert_eq!(
        none.query_code.as_deref(),
        Some("AWS.SimpleQueueService.NonExistentQueue")
    );
    assert_eq!(none.name.as_deref(), Some("QueueDoesNotExist"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_xml() {
    let Some(moto) = Moto::start(None) else {
        return;
    };
    let client = moto.client();
    ok(&client, "s3", "CreateBucket", json!({ "Bucket": "bucket" })).await;
    let key = "folder//ä b+c~.txt";
    let put = json!({
        "Bucket": "bucket", "Key": key, "Body": "AP9ib2R5",
        "Metadata": { "a": "b" }, "ContentType": "text/x", "ChecksumAlgorithm": "CRC32",
    });
    ok(&client, "s3", "PutObject", put).await;
    let got = ok(
        &client,
        "s3",
        "GetObject",
        json!({ "Bucket": "bucket", "Key": key }),
    )
    .await;
    assert_eq!(got["Body"], "AP9ib2R5");
    assert_eq!(
        (&got["ContentLength"], &got["ContentType"]),
        (&json!(6), &json!("text/x"))
    );
    assert_eq!(got["Metadata"]["a"], "b");
    let listed = ok(
        &client,
        "s3",
        "ListObjectsV2",
        json!({ "Bucket": "bucket" }),
    )
    .await;
    assert_eq!(
        (&listed["Contents"][0]["Key"], &listed["KeyCount"]),
        (&json!(key), &json!(1))
    );
    let there = ok(
        &client,
        "s3",
        "GetBucketLocation",
        json!({ "Bucket": "bucket" }),
    )
    .await;
    assert!(there.is_object());
    // A checksum is required here.
    let delete = json!({ "Bucket": "bucket", "Delete": { "Objects": [{ "Key": key }] } });
    let deleted = ok(&client, "s3", "DeleteObjects", delete).await;
    assert_eq!(deleted["Deleted"][0]["Key"], key);
    let none = error(
        &client,
        "s3",
        "GetObject",
        json!({ "Bucket": "bucket", "Key": key }),
    )
    .await;
    assert_eq!(
        (none.name.as_deref(), none.status),
        (Some("NoSuchKey"), 404)
    );
    // An answer without body does not say what it is.
    let none = error(
        &client,
        "s3",
        "HeadObject",
        json!({ "Bucket": "bucket", "Key": key }),
    )
    .await;
    assert_eq!((none.code.as_str(), none.status), ("404", 404));

    let zone = json!({ "Name": "example.com", "CallerReference": "1" });
    let zone = ok(&client, "route53", "CreateHostedZone", zone).await;
    let id = &zone["HostedZone"]["Id"];
    assert!(id.as_str().unwrap().starts_with("/hostedzone/"), "{id}");
    let records = ok(
        &client,
        "route53",
        "ListResourceRecordSets",
        json!({ "HostedZoneId": id }),
    )
    .await;
    assert_eq!(records["IsTruncated"], false);
    assert!(records["ResourceRecordSets"].as_array().unwrap().len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_json() {
    let Some(moto) = Moto::start(None) else {
        return;
    };
    let client = moto.client();
    let created = ok(
        &client,
        "apigateway",
        "CreateRestApi",
        json!({ "name": "api" }),
    )
    .await;
    let id = created["id"].as_str().unwrap();
    let resources = ok(
        &client,
        "apigateway",
        "GetResources",
        json!({ "restApiId": id }),
    )
    .await;
    assert_eq!(resources["items"][0]["path"], "/");
    let none = error(
        &client,
        "apigateway",
        "GetRestApi",
        json!({ "restApiId": "x" }),
    )
    .await;
    assert_eq!(none.name.as_deref(), Some("NotFoundException"));

    // A member in the query string, tags by a path that is an ARN, a status without a body.
    let group = json!({ "Name": "g", "Tags": [{ "Key": "k", "Value": "v" }] });
    let group = ok(&client, "scheduler", "CreateScheduleGroup", group).await;
    let arn = &group["ScheduleGroupArn"];
    let tags = ok(
        &client,
        "scheduler",
        "ListTagsForResource",
        json!({ "ResourceArn": arn }),
    )
    .await;
    assert_eq!(tags["Tags"], json!([{ "Key": "k", "Value": "v" }]));
    let untag = json!({ "ResourceArn": arn, "TagKeys": ["k", "l"] });
    assert_eq!(
        ok(&client, "scheduler", "UntagResource", untag).await,
        json!({})
    );

    // Names and bytes in another style.
    let style = Overrides {
        style: Style {
            names: Names::Java,
            blobs: Blobs::Text,
            ..Style::default()
        },
        ..Overrides::default()
    };
    let named = json!({ "Name": "java" });
    let created = client
        .call("apigateway", "CreateRestApi", &named, &style)
        .await
        .unwrap();
    assert_eq!(created.json["Name"], "java");
    let wrong = client
        .call(
            "apigateway",
            "CreateRestApi",
            &json!({ "name": "x" }),
            &style,
        )
        .await;
    let wrong = wrong.unwrap_err().to_string();
    assert_eq!(
        wrong,
        "the parameter name is not known to the API: did you mean Name?"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn query_and_ec2() {
    let Some(moto) = Moto::start(None) else {
        return;
    };
    let client = moto.client();
    let attributes = json!({ "Name": "t", "Attributes": { "DisplayName": "ä & b" } });
    let topic = ok(&client, "sns", "CreateTopic", attributes).await;
    let arn = &topic["TopicArn"];
    let found = ok(
        &client,
        "sns",
        "GetTopicAttributes",
        json!({ "TopicArn": arn }),
    )
    .await;
    assert_eq!(found["Attributes"]["DisplayName"], "ä & b");
    let none = error(&client, "iam", "GetUser", json!({ "UserName": "x" })).await;
    assert_eq!(
        (none.code.as_str(), none.name.as_deref()),
        ("NoSuchEntity", Some("NoSuchEntityException"))
    );
    assert!(none.request_id.is_some());

    let vpc = ok(
        &client,
        "ec2",
        "CreateVpc",
        json!({ "CidrBlock": "10.0.0.0/16" }),
    )
    .await;
    let id = &vpc["Vpc"]["VpcId"];
    let filter = json!({ "Filters": [{ "Name": "vpc-id", "Values": [id] }] });
    let found = ok(&client, "ec2", "DescribeVpcs", filter).await;
    assert_eq!(found["Vpcs"].as_array().unwrap().len(), 1);
    assert_eq!(found["Vpcs"][0]["IsDefault"], false);
    let none = error(
        &client,
        "ec2",
        "DescribeVpcs",
        json!({ "VpcIds": ["vpc-1"] }),
    )
    .await;
    assert_eq!(none.code, "InvalidVpcID.NotFound");
}

/// From some request on, moto computes signatures itself and compares.
#[tokio::test(flavor = "multi_thread")]
async fn signatures_and_roles() {
    let Some(moto) = Moto::start(Some(5)) else {
        return;
    };
    let root = moto.client();
    ok(&root, "iam", "CreateUser", json!({ "UserName": "u" })).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:*", "dynamodb:*", "sts:*"], "Resource": "*" },
    ]});
    let document = policy.to_string();
    let put = json!({ "UserName": "u", "PolicyName": "p", "PolicyDocument": document });
    ok(&root, "iam", "PutUserPolicy", put).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" },
    ]});
    let role = json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust.to_string() });
    let role = ok(&root, "iam", "CreateRole", role).await;
    let put = json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": document });
    ok(&root, "iam", "PutRolePolicy", put).await;
    let key = ok(&root, "iam", "CreateAccessKey", json!({ "UserName": "u" })).await;
    let text = |name: &str| key["AccessKey"][name].as_str().unwrap().to_owned();
    let credentials = Credentials::new(text("AccessKeyId"), text("SecretAccessKey"));

    let as_whom = |credentials: Provider| {
        Client::new(Config {
            credentials,
            ..moto.config()
        })
    };
    let user = as_whom(Provider::fixed(credentials.clone()));
    ok(&user, "dynamodb", "ListTables", json!({})).await;
    ok(&user, "s3", "CreateBucket", json!({ "Bucket": "bucket" })).await;
    let put = json!({ "Bucket": "bucket", "Key": "a b/ä", "Body": "AA==" });
    ok(&user, "s3", "PutObject", put).await;
    ok(
        &user,
        "s3",
        "ListObjectsV2",
        json!({ "Bucket": "bucket", "Prefix": "a b/" }),
    )
    .await;
    let refused = error(&user, "sns", "ListTopics", json!({})).await;
    assert!(refused.code.contains("AccessDenied"), "{refused}");
    let wrong = Credentials::new(text("AccessKeyId"), "wrong");
    let refused = error(
        &as_whom(Provider::fixed(wrong)),
        "dynamodb",
        "ListTables",
        json!({}),
    )
    .await;
    assert_eq!(refused.code, "SignatureDoesNotMatch");

    let arn = role["Role"]["Arn"].as_str().unwrap();
    let role = Provider::role(Role::new(arn, "session"), Provider::fixed(credentials));
    let role = as_whom(role);
    ok(
        &role,
        "s3",
        "GetObject",
        json!({ "Bucket": "bucket", "Key": "a b/ä" }),
    )
    .await;
    let who = ok(&role, "sts", "GetCallerIdentity", json!({})).await;
    assert!(
        who["Arn"]
            .as_str()
            .unwrap()
            .ends_with(":assumed-role/r/session"),
        "{who}"
    );
}
