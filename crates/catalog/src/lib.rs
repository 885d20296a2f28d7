//! Facts about every service integration of AWS Step Functions, as data.
//!
//! `data/integrations.json` has the optimised integrations and `data/aws-sdk.json` the services of
//! AWS SDK integrations; both name their sources. They are part of the program and read once.

mod api;
mod cloudformation;
mod integration;
mod pattern;
mod region;
mod sdk;

pub use api::{ApiAction, ResponseOf, api_action, is_signed_as, model, response_of};
pub use cloudformation::{ResourceType, resource_type};
pub use integration::{
    ArnTask, Catalog, ErrorName, ErrorNames, Evidence, HttpRequests, IamStatement, Integration,
    Interval, Limits, MapResources, OneOrMany, Poll, Service, Stop, Times,
};
pub use region::{regional_principals, regions};
pub use sdk::{Sdk, SdkService};

use std::sync::LazyLock;

use stepmill_asl::model::{IntegrationPattern, ServiceResource};

const INTEGRATIONS: &str = include_str!("../data/integrations.json");
const AWS_SDK: &str = include_str!("../data/aws-sdk.json");

// A test reads both files, so the defaults are never used.
static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| serde_json::from_str(INTEGRATIONS).unwrap_or_default());
static SDK: LazyLock<Sdk> = LazyLock::new(|| serde_json::from_str(AWS_SDK).unwrap_or_default());

/// The optimised integrations.
pub fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The services of AWS SDK integrations.
pub fn sdk() -> &'static Sdk {
    &SDK
}

/// The optimised integration of a service, as resource ARNs name both: `lambda` and `invoke`.
pub fn integration(service: &str, action: &str) -> Option<&'static Integration> {
    CATALOG.services.get(service)?.actions.get(action)
}

/// A service with optimised integrations, as resource ARNs name it: `elasticmapreduce`.
pub fn service(name: &str) -> Option<&'static Service> {
    CATALOG.services.get(name)
}

/// A service of AWS SDK integrations, as resource ARNs name it: `dynamodb`.
///
/// New services appear faster than the catalog learns of them: that one is absent here does not mean
/// that it does not exist.
pub fn sdk_service(name: &str) -> Option<&'static SdkService> {
    SDK.services.get(name)
}

/// The action in IAM that an AWS SDK integration needs: `s3:getObject`. IAM does not mind the case.
///
/// A few API actions need another than their own, not all of which the catalog knows; the author who knows one says so.
pub fn iam_action(service: &str, action: &str) -> String {
    let row = sdk_service(service);
    let prefix = row
        .and_then(|service| service.iam_prefix.as_deref())
        .unwrap_or(service);
    let action = row
        .and_then(|service| service.iam_actions.get(action))
        .map_or(action, String::as_str);
    format!("{prefix}:{action}")
}

/// Whether a Task state may name this integration.
///
/// An AWS SDK integration is taken by the shape of its names unless its action is known to be
/// unsupported; whether the service has the action is for its API model to say.
pub fn recognizes(resource: &ServiceResource) -> bool {
    if !resource.sdk {
        return integration(&resource.service, &resource.action)
            .is_some_and(|integration| integration.supports(resource.pattern));
    }
    let waits = [
        IntegrationPattern::RequestResponse,
        IntegrationPattern::WaitForTaskToken,
    ];
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    waits.contains(&resource.pattern)
        && resource.service.bytes().all(lower)
        && resource
            .action
            .starts_with(|c: char| c.is_ascii_lowercase())
        && resource.action.bytes().all(|b| b.is_ascii_alphanumeric())
        && sdk_service(&resource.service).is_none_or(|service| service.supports(&resource.action))
}

#[cfg(test)]
mod tests {
    use stepmill_asl::model::Resource;

    use super::*;

    fn recognized(rest: &str) -> bool {
        match Resource::parse(&format!("arn:aws:states:::{rest}")) {
            Some(Resource::Service(service)) => recognizes(&service),
            _ => false,
        }
    }

    #[test]
    fn the_files_can_be_read() {
        let catalog: Catalog = serde_json::from_str(INTEGRATIONS).unwrap();
        let sdk: Sdk = serde_json::from_str(AWS_SDK).unwrap();
        assert_eq!(catalog.services.len(), 22);
        let actions = catalog
            .services
            .values()
            .map(|service| service.actions.len());
        assert_eq!(actions.sum::<usize>(), 64);
        assert_eq!(sdk.services.len(), 417);
    }

    #[test]
    fn api_actions_have_a_model_and_names_of_errors() {
        for (name, service) in &catalog().services {
            for action in service.actions.keys() {
                let arn = format!("arn:aws:states:::{name}:{action}");
                let Some(Resource::Service(resource)) = Resource::parse(&arn) else {
                    panic!("{arn}");
                };
                if let Some(called) = api_action(&resource) {
                    assert!(called.model.is_some(), "{arn}");
                    assert!(service.error_names.is_some(), "{arn}");
                }
            }
        }
        assert_eq!(model("events"), Some("events"));
        assert_eq!(model("emr-containers"), Some("emr-containers"));
        assert_eq!(model("logs"), None);
    }

    #[test]
    fn actions_in_iam_have_the_services_prefix() {
        assert_eq!(iam_action("sfn", "startExecution"), "states:startExecution");
        assert_eq!(iam_action("s3", "getObject"), "s3:getObject");
        assert_eq!(iam_action("s3", "listBuckets"), "s3:ListAllMyBuckets");
    }

    #[test]
    fn integrations_that_exist_are_recognized() {
        for rest in [
            "lambda:invoke",
            "lambda:invoke.waitForTaskToken",
            "sqs:sendMessage",
            "dynamodb:getItem",
            "states:startExecution.sync:2",
            "ecs:runTask.sync",
            "elasticmapreduce:createCluster.sync",
            "emr-serverless:startJobRun.sync",
            "http:invoke",
            "aws-sdk:s3:listBuckets",
            "aws-sdk:s3:listBuckets.waitForTaskToken",
            "aws-sdk:sfn:sendTaskSuccess",
            "aws-sdk:brandnewservice2:doIt",
        ] {
            assert!(recognized(rest), "{rest}");
        }
    }

    #[test]
    fn integrations_that_do_not_exist_are_refused() {
        for rest in [
            "lambda:invoke.sync",
            "lambda:Invoke",
            "lambda:invokeAsync",
            "dynamodb:query",
            "dynamodb:getItem.waitForTaskToken",
            "ecs:runTask.sync:2",
            "nosuch:doIt",
            "emr:createCluster",
            "s3:getObject",
            "aws-sdk:s3:listBuckets.sync",
            "aws-sdk:S3:listBuckets",
            "aws-sdk:s3:ListBuckets",
            "aws-sdk:emr-containers:startJobRun",
            "aws-sdk:sts:assumeRole",
            "aws-sdk:kinesis:subscribeToShard",
        ] {
            assert!(!recognized(rest), "{rest}");
        }
    }

    #[test]
    fn what_the_rows_say_fits_together() {
        for (name, service) in &catalog().services {
            for (action, row) in &service.actions {
                let place = format!("{name}:{action}");
                assert!(!row.patterns.is_empty(), "{place}");
                let job = row.supports(IntegrationPattern::RunJob);
                assert_eq!(job, row.poll.is_some(), "{place}");
                assert!(job || row.stop.is_none(), "{place}");
                if let Some(poll) = &row.poll {
                    let ends = poll.success.len() + usize::from(poll.success_error.is_some());
                    assert!(ends > 0, "{place}");
                    assert!(
                        poll.success.iter().all(|s| !poll.failure.contains(s)),
                        "{place}"
                    );
                }
                for pattern in &row.patterns {
                    let plain = row.iam(IntegrationPattern::RequestResponse);
                    assert!(row.iam(*pattern).or(plain).is_some(), "{place} {pattern:?}");
                }
                assert!(row.iam.keys().all(|p| row.supports(*p)), "{place}");
                let statements = row.iam.values().flatten();
                for statement in statements {
                    assert!(!statement.actions.is_empty(), "{place}");
                    assert!(statement.actions.iter().all(|a| a.contains(':')), "{place}");
                }
            }
        }
    }

    #[test]
    fn requests_are_what_the_pages_say() {
        let http = |service: &str, action: &str| {
            let row = integration(service, action).unwrap();
            row.http.as_ref().unwrap()
        };
        let (task, api) = (http("http", "invoke"), http("apigateway", "invoke"));
        for (header, by_task, by_api) in [
            ("Authorization", true, true),
            ("X-Amz-Date", true, true),
            ("x-amznAnything", false, true),
            ("X-Forwarded-For", true, true),
            ("Accept-Encoding", true, false),
            ("Content-Type", false, false),
            ("If-Match", true, false),
        ] {
            assert_eq!(task.forbids(header), by_task, "{header}");
            assert_eq!(api.forbids(header), by_api, "{header}");
        }
        assert!(task.refuses("image/png") && task.refuses("Application/Octet-Stream; a=b"));
        assert!(!task.refuses("application/json") && !api.refuses("image/png"));
        assert!(task.takes_body("GET") && !api.takes_body("GET") && api.takes_body("POST"));
        for (host, serves) in [
            ("abc1.execute-api.eu-west-1.amazonaws.com", true),
            ("abc1.execute-api.cn-north-1.amazonaws.com.cn", true),
            ("abc1.execute-api.eu-west-1.amazonaws.com.evil.com", false),
            ("abc1.execute-api.eu-west-1.amazonaws.com:444", false),
            ("a/b.execute-api.eu-west-1.amazonaws.com", false),
            (".execute-api.eu-west-1.amazonaws.com", false),
            ("169.254.169.254", false),
        ] {
            assert_eq!(api.serves(host), serves, "{host}");
        }
        assert_eq!(task.error(404), "States.Http.StatusCode.404");
        assert_eq!(http("eks", "call").error(401), "EKS.401");
    }

    #[test]
    fn rows_are_typed() {
        let invoke = integration("lambda", "invoke").unwrap();
        assert_eq!(invoke.required, [["FunctionName"]]);
        assert_eq!(invoke.api("invoke"), "Invoke");
        let cluster = integration("elasticmapreduce", "createCluster").unwrap();
        assert_eq!(cluster.api("createCluster"), "RunJobFlow");
        let poll = cluster.poll.as_ref().unwrap();
        assert_eq!(poll.api, "DescribeCluster");
        assert_eq!(poll.interval.as_ref().unwrap().first_seconds, 60);
        let names = service("sqs").unwrap().error_names.as_ref().unwrap();
        assert_eq!(names.prefix, "SQS");
        assert_eq!(names.evidence, Evidence::Observed);
        assert_eq!(
            sdk_service("dynamodb").unwrap().exception_prefix,
            "DynamoDb"
        );
    }
}
