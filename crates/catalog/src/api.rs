//! Which API action a task's resource stands for, and which one's response its result is.

use stepmill_asl::model::{IntegrationPattern, ServiceResource};

use crate::{catalog, integration, sdk_service, service};

/// The API action that a task's resource stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAction {
    /// The service's API model, by its directory in botocore; absent if the service has none.
    pub model: Option<&'static str>,
    /// The action: `RunJobFlow`.
    pub action: String,
}

/// The API action that a resource stands for, if it is one.
///
/// HTTP endpoints, API Gateway and Kubernetes have none.
pub fn api_action(resource: &ServiceResource) -> Option<ApiAction> {
    let (name, action) = (&*resource.service, &*resource.action);
    if resource.sdk {
        let mut letters = action.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        return Some(ApiAction {
            model: sdk_model(name),
            action: first.into_iter().chain(letters).collect(),
        });
    }
    if matches!(
        (name, action),
        ("http" | "apigateway", _) | ("eks", "call" | "runJob")
    ) {
        return None;
    }
    let row = integration(name, action)?;
    let own = row.sdk_model.as_deref();
    let sdk_name = own.or_else(|| service(name)?.sdk_model.as_deref());
    Some(ApiAction {
        model: sdk_model(sdk_name.unwrap_or(name)),
        action: row.api(action),
    })
}

/// The API model of a service, by either of its names in resource ARNs: `events`, `eventbridge`.
pub fn model(name: &str) -> Option<&'static str> {
    let sdk_name = service(name).and_then(|service| service.sdk_model.as_deref());
    sdk_model(sdk_name.unwrap_or(name))
}

fn sdk_model(name: &str) -> Option<&'static str> {
    sdk_service(name)?.model.as_deref()
}

/// Whether requests that are no API actions are signed as those of a service: `execute-api`.
pub fn is_signed_as(name: &str) -> bool {
    let rows = catalog().services.values();
    let mut rows = rows.flat_map(|service| service.actions.values());
    rows.any(|row| {
        let requests = row.http.as_ref();
        requests.is_some_and(|requests| requests.signed_as.as_deref() == Some(name))
    })
}

/// The API action whose response is a task's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseOf {
    /// The API model, by the name of its directory in botocore; absent if the service has none.
    pub model: Option<&'static str>,
    /// The action: `DescribeExecution`.
    pub action: String,
    /// Members of the response that a task shows as any JSON, although the API has them as text.
    pub parsed: Vec<&'static str>,
}

/// The API action whose response a task's result is, if it is one.
///
/// A job's result is the response of the action that tells its status. What a task token brings, and
/// what HTTP endpoints, API Gateway and Kubernetes answer, is of no API. Source: Step Functions
/// Developer Guide, "Testing state machines with TestState API".
pub fn response_of(resource: &ServiceResource) -> Option<ResponseOf> {
    if resource.pattern == IntegrationPattern::WaitForTaskToken {
        return None;
    }
    let ApiAction { model, action } = api_action(resource)?;
    let row = match resource.sdk {
        true => None,
        false => integration(&resource.service, &resource.action),
    };
    let poll = row.and_then(|row| row.poll.as_ref());
    let action = match (poll, resource.pattern) {
        (Some(poll), IntegrationPattern::RunJob | IntegrationPattern::RunJobJson) => {
            poll.api.clone()
        }
        _ => action,
    };
    let parsed = match (&*resource.service, resource.pattern) {
        ("states", IntegrationPattern::RunJobJson) if !resource.sdk => vec!["Input", "Output"],
        _ => {
            let parsed = row.iter().flat_map(|row| &row.json_results);
            parsed.map(String::as_str).collect()
        }
    };
    Some(ResponseOf {
        model,
        action,
        parsed,
    })
}

#[cfg(test)]
mod tests {
    use stepmill_asl::model::Resource;

    use super::*;

    fn of(rest: &str) -> Option<(Option<&'static str>, String)> {
        match Resource::parse(&format!("arn:aws:states:::{rest}")) {
            Some(Resource::Service(service)) => response_of(&service).map(|r| (r.model, r.action)),
            _ => panic!("{rest}"),
        }
    }

    #[test]
    fn every_integration_has_its_responses() {
        for (service, row) in &catalog().services {
            for (action, row) in &row.actions {
                for pattern in &row.patterns {
                    let rest = format!("{service}:{action}{}", pattern.suffix());
                    let Some((model, action)) = of(&rest) else {
                        let answers = matches!(service.as_str(), "http" | "apigateway" | "eks");
                        let token = *pattern == IntegrationPattern::WaitForTaskToken;
                        assert!(answers || token, "{rest}");
                        continue;
                    };
                    assert!(model.is_some() && !action.is_empty(), "{rest} {action}");
                }
            }
        }
    }

    #[test]
    fn responses_are_those_of_the_right_action() {
        for (rest, model, action) in [
            ("states:startExecution", "stepfunctions", "StartExecution"),
            (
                "states:startExecution.sync",
                "stepfunctions",
                "DescribeExecution",
            ),
            ("elasticmapreduce:createCluster", "emr", "RunJobFlow"),
            (
                "emr-serverless:startJobRun.sync",
                "emr-serverless",
                "GetJobRun",
            ),
            ("bedrock:invokeModel", "bedrock-runtime", "InvokeModel"),
            ("aws-sdk:s3:getObject", "s3", "GetObject"),
            ("aws-sdk:dynamodb:query", "dynamodb", "Query"),
        ] {
            assert_eq!(of(rest), Some((Some(model), action.to_owned())), "{rest}");
        }
        assert_eq!(of("sqs:sendMessage.waitForTaskToken"), None);
        assert_eq!(of("http:invoke"), None);
    }
}
