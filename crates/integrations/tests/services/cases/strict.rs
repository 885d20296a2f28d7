//! The cases against the strict server.

use serde_json::{Value, json};
use stepmill_asl::model::IntegrationPattern;
use stepmill_catalog as catalog;
use stepmill_integrations::Outcome;

use super::table::Table;
use super::template::filled;
use super::{CALLS, Row};
use crate::optimised::has_metadata;
use crate::strict::Strict;
use crate::{failed, impossible};

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_those_of_the_model_and_results_have_all_of_the_response() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in Row::all(&CALLS) {
        let name = row.resource();
        let key = name.replace([':', '.'], "-");
        strict.script(&key, &json!(row.case.answers));
        let tasks = strict.integrations(&key);
        let mut context = row.prepare(&tasks).await;
        let before = strict.requests(&key).len();
        let mut result = row.result(&tasks, &context).await;

        let requests = strict.requests(&key).split_off(before);
        let expected = requested(&row, &context);
        let found: Vec<_> = requests.iter().map(asked).collect();
        assert_eq!(found, expected, "{name}");

        context["response"] = requests.last().unwrap()["result"].clone();
        if row.facts.sdk_metadata {
            has_metadata(&result);
            let members = result.as_object_mut().unwrap();
            members.shift_remove("SdkHttpMetadata");
            members.shift_remove("SdkResponseMetadata");
        }
        let expected = row.case.result.clone().unwrap_or(json!("{response}"));
        assert_eq!(result, filled(&expected, &context), "{name}");
    }
}

/// What a row's task asks, until it has its response.
pub(super) fn requested(row: &Row, context: &Value) -> Vec<(String, Value)> {
    let own = row.case.request.as_ref().unwrap_or(&row.case.parameters);
    let others = row.case.others.iter();
    let others = others.map(|(operation, request)| (operation.clone(), filled(request, context)));
    others
        .chain([(row.api().action, filled(own, context))])
        .collect()
}

/// The operation of a request and what it was asked with, but for the token that makes it repeatable.
pub(super) fn asked(request: &Value) -> (String, Value) {
    let mut parameters = request["parameters"].clone();
    if let Some(token) = request["token"].as_str()
        && token.contains("Token")
    {
        let token = parameters.as_object_mut().unwrap().shift_remove(token);
        assert!(token.is_some(), "{request}");
    }
    let operation = request["operation"].as_str().unwrap();
    (operation.to_owned(), parameters)
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_names_of_the_integration() {
    let Some(strict) = Strict::start() else {
        return;
    };
    for row in Row::all(&[IntegrationPattern::RequestResponse]) {
        let name = row.resource();
        let key = name.replace([':', '.'], "-");
        strict.script(&key, &json!(row.case.answers));
        let tasks = strict.integrations(&key);
        let context = row.prepare(&tasks).await;
        let names = catalog::service(row.service).unwrap();
        let (model, action) = (row.api().model.unwrap(), row.api().action);
        let odd = json!({ "code": "OddThing", "message": "How odd", "status": 400 });
        let odd = json!({ format!("{model}.{action}"): [{ "error": odd }] });
        strict.script(&key, &odd);
        let Outcome::Failed { error, cause } = row.run(&tasks, &context).await else {
            panic!("{name}");
        };
        // A code that no model has is the base of the service's exceptions.
        let names = names.error_names.as_ref().unwrap();
        let (prefix, error) = (&names.prefix, error.unwrap());
        match &names.base_exception {
            Some(base) => assert_eq!(error, format!("{prefix}.{base}"), "{name}"),
            None => assert!(error.starts_with(&format!("{prefix}.")), "{name}: {error}"),
        }
        let cause = cause.unwrap();
        assert!(cause.starts_with("How odd (Service: "), "{name}: {cause}");
        assert!(
            cause.contains("; Error Code: OddThing; "),
            "{name}: {cause}"
        );
    }
}

/// A stream of events that ends with an error is that error, and none is read where AWS reads none.
#[tokio::test(flavor = "multi_thread")]
async fn streams_of_events() {
    let Some(strict) = Strict::start() else {
        return;
    };
    let start = json!({ "messageStart": { "role": "assistant" } });
    let wrong = json!({ "message": "No", "reason": "CannotParse" });
    let events = json!([start, { "validationException": wrong }]);
    let answers = [json!({ "result": { "stream": events } })];
    strict.script(
        "events",
        &json!({ "bedrock-agentcore.InvokeHarness": answers }),
    );
    let tasks = strict.integrations("events");
    let case = &Table::get().cases["bedrockagentcore:invokeHarness"];
    let resource = "bedrockagentcore:invokeHarness";
    let (error, cause) = failed(&tasks, resource, case.parameters.clone()).await;
    assert_eq!(error, "BedrockAgentCore.ValidationException");
    assert!(cause.starts_with("No (Service: "), "{cause}");
    let resource = "aws-sdk:bedrockagentcore:invokeHarness";
    let reason = impossible(&tasks, resource, case.parameters.clone()).await;
    assert!(reason.contains("event stream"), "{reason}");
    assert_eq!(strict.requests("events").len(), 1);
}
