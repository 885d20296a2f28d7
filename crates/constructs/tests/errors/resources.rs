//! Queues, topics, tables, buckets, keys, event buses and log groups.

use stepmill::prelude::*;

use super::problems;

/// What is found when a resource is made, and what at synthesis.
#[track_caller]
fn refused(property: &'static str, message: &str, build: impl FnOnce(&Stack)) {
    let found = problems(&[], |stack| {
        build(stack);
        let _ = stack.template();
    });
    assert_eq!(found, [(Some(property), message.to_owned())]);
}

#[test]
fn queues() {
    refused("name", "FIFO queue names must end in '.fifo'", |stack| {
        drop(Queue::new(stack, "Q").fifo(true).name("orders"));
    });
    refused(
        "name",
        "Non-FIFO queue name may not end in '.fifo'",
        |stack| drop(Queue::new(stack, "Q").fifo(false).name("orders.fifo")),
    );
    refused(
        "content_based_deduplication",
        "Content-based deduplication can only be defined for FIFO queues",
        |stack| {
            let queue = Queue::new(stack, "Q").fifo(false);
            queue.content_based_deduplication(true);
        },
    );
    refused(
        "delivery_delay",
        "delivery delay must be 900 seconds or less, but 901 was provided",
        |stack| drop(Queue::new(stack, "Q").delivery_delay(Duration::seconds(901))),
    );
    refused(
        "retention_period",
        "message retention period must be 60 seconds or more, but 59 was provided",
        |stack| drop(Queue::new(stack, "Q").retention_period(Duration::seconds(59))),
    );
    refused(
        "receive_message_wait_time",
        "receive wait time must be 20 seconds or less, but 21 was provided",
        |stack| {
            Queue::new(stack, "Q").receive_message_wait_time(Duration::seconds(21));
        },
    );
    refused(
        "visibility_timeout",
        "visibility timeout must be 43200 seconds or less, but 43201 was provided",
        |stack| drop(Queue::new(stack, "Q").visibility_timeout(Duration::seconds(43201))),
    );
    refused(
        "dead_letter_queue",
        "dead letter target maximum receive count must be 1 or more, but 0 was provided",
        |stack| drop(Queue::new(stack, "Q").dead_letter_queue(&Queue::new(stack, "Dead"), 0)),
    );
}

#[test]
fn topics() {
    refused(
        "fifo",
        "FIFO SNS topics must be given a topic name.",
        |stack| drop(Topic::new(stack, "T").fifo(true)),
    );
    refused(
        "content_based_deduplication",
        "Content based deduplication can only be enabled for FIFO SNS topics.",
        |stack| drop(Topic::new(stack, "T").content_based_deduplication(true)),
    );
}

#[test]
fn keys() {
    refused(
        "from_key_arn",
        "KMS key ARN must be in the format 'arn:aws:kms:<region>:<account>:key/<keyId>', got: 'arn:aws:kms:us-east-1:123456789012:key'",
        |stack| {
            Key::from_key_arn(stack, "K", "arn:aws:kms:us-east-1:123456789012:key");
        },
    );
    refused(
        "pending_window",
        "'pendingWindow' value must between 7 and 30 days. Received: 6",
        |stack| drop(Key::new(stack, "K").pending_window(Duration::days(6))),
    );
    let aliases = [
        (
            "alias/",
            "Alias must include a value after \"alias/\": alias/",
        ),
        (
            "alias/aws/s3",
            "Alias cannot start with alias/aws/: alias/aws/s3",
        ),
        (
            "a b",
            "Alias name must be between 1 and 256 characters in a-zA-Z0-9:/_-",
        ),
    ];
    for (alias, message) in aliases {
        refused("add_alias", message, |stack| {
            Key::new(stack, "K").add_alias(alias);
        });
    }
    let found = problems(&[Feature::Version2], |stack| {
        Key::new(stack, "K").trust_account_identities(false);
    });
    let message = "`trustAccountIdentities` cannot be false if the @aws-cdk/aws-kms:defaultKeyPolicies feature flag is set";
    assert_eq!(
        found,
        [(Some("trust_account_identities"), message.to_owned())]
    );
}

#[test]
fn event_buses() {
    let names = [
        ("default", "'eventBusName' must not be 'default'"),
        ("a/b", "'eventBusName' must not contain '/'"),
        (
            "a b",
            r"'eventBusName' must satisfy: /^[\/\.\-_A-Za-z0-9]{1,256}$/",
        ),
    ];
    for (name, message) in names {
        refused("name", message, |stack| {
            EventBus::new(stack, "Bus").name(name);
        });
    }
}

#[test]
fn log_groups() {
    refused(
        "retention",
        "retentionInDays must be positive, got 0",
        |stack| drop(LogGroup::new(stack, "Logs").retention(Some(0))),
    );
}

#[test]
fn tables() {
    refused(
        "from_table_arn",
        "ARN for DynamoDB table must be in the form: ...",
        |stack| {
            Table::from_table_arn(stack, "T", "arn:aws:dynamodb:us-east-1:123456789012:table");
        },
    );
}

#[test]
fn bucket_names() {
    let names = [
        (
            "ab",
            "Bucket name must be at least 3 and no more than 63 characters",
        ),
        (
            "orderS",
            "Bucket name must only contain lowercase characters and the symbols, period (.) and dash (-) (offset: 5)\nBucket name must start and end with a lowercase character or number (offset: 5)",
        ),
        (
            "-orders",
            "Bucket name must start and end with a lowercase character or number (offset: 0)",
        ),
        (
            "or.-ders",
            "Bucket name must not have dash next to period, or period next to dash, or consecutive periods (offset: 2)",
        ),
        ("192.168.0.1", "Bucket name must not resemble an IP address"),
    ];
    for (name, message) in names {
        let message = format!("Invalid S3 bucket name (value: {name})\n{message}");
        refused("name", &message, |stack| {
            Bucket::new(stack, "B").name(name);
        });
        refused("name", &message, |stack| {
            Bucket::from_bucket_name(stack, "B", name);
        });
    }
}
