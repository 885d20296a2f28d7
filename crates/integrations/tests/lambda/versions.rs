//! Versions, aliases and owners of functions.

use std::sync::Arc;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepmill_asl::model::Resource;
use stepmill_integrations::lambda::{Function, Host, Invocation, InvokeResult, Owner, Route};
use stepmill_integrations::{Call, Integrations, Outcome};

use super::support::{Fixture, files};

const SOURCE: &str = "\
import os
def handler(event, context):
    print('seen', event)
    return {
        'version': [os.environ['AWS_LAMBDA_FUNCTION_VERSION'], context.function_version],
        'region': os.environ['AWS_REGION'],
        'arn': context.invoked_function_arn,
        'stream': os.environ['AWS_LAMBDA_LOG_STREAM_NAME'].split('/')[3][:3],
    }
";

fn home() -> Owner {
    Owner::new("111111111111", "eu-west-1")
}

fn version(fixture: &Fixture, number: &str) -> Function {
    Function {
        owner: Some(home()),
        version: number.to_owned(),
        ..fixture.python("f", SOURCE)
    }
}

async fn host(fixture: &Fixture) -> Host {
    let versions = ["$LATEST", "1", "2"].map(|number| version(fixture, number));
    fixture.host(versions).await
}

async fn invoke(host: &Host, function: &str) -> InvokeResult {
    let invocation = Invocation {
        home: Some(home()),
        ..Invocation::new(function, "1")
    };
    host.invoke(invocation).await.unwrap()
}

#[tokio::test]
async fn a_version_knows_what_it_is() {
    let fixture = Fixture::new();
    let host = host(&fixture).await;
    let route = Route {
        version: "1".to_owned(),
        weights: BTreeMap::from([("2".to_owned(), 1.0)]),
    };
    assert!(host.route(&home(), "f", "live", Some(route)));
    let arn = "arn:aws:lambda:eu-west-1:111111111111:function:f";
    for (qualifier, number) in [("", "$LATEST"), (":1", "1"), (":2", "2"), (":live", "2")] {
        let result = invoke(&host, &format!("f{qualifier}")).await;
        assert_eq!(result.executed_version, number);
        let seen: Value = serde_json::from_slice(&result.payload).unwrap();
        let expected = json!({
            "version": [number, number],
            "region": "eu-west-1",
            "arn": format!("{arn}{qualifier}"),
            "stream": format!("[{number}]")[..3],
        });
        assert_eq!(seen, expected);
    }
    let refused = async |name: &str, home: Option<Owner>| {
        let invocation = Invocation {
            home,
            ..Invocation::new(name, "{}")
        };
        host.invoke(invocation).await.unwrap_err().to_string()
    };
    let not_found = |name: &str| format!("Function not found: {name}");
    let elsewhere = "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST";
    assert_eq!(refused("f", None).await, not_found(elsewhere));
    assert!(host.route(&home(), "f", "live", None));
    assert!(host.remove_version(Some(&home()), "f", "1"));
    for gone in ["live", "1", "3"] {
        let name = format!("f:{gone}");
        assert_eq!(
            refused(&name, Some(home())).await,
            not_found(&format!("{arn}:{gone}"))
        );
    }
    assert!(host.remove(Some(&home()), "f"));
    assert_eq!(
        refused("f:2", Some(home())).await,
        not_found(&format!("{arn}:2"))
    );
}

#[tokio::test]
async fn what_belongs_to_nobody_answers_everywhere() {
    let fixture = Fixture::new();
    let host = host(&fixture).await;
    host.declare(fixture.python("common", SOURCE)).unwrap();
    for name in [
        "common",
        "arn:aws:lambda:us-west-2:222222222222:function:common",
    ] {
        assert_eq!(invoke(&host, name).await.executed_version, "$LATEST");
    }
    assert_eq!(host.common("common").unwrap().name, "common");
    assert_eq!(host.common("f"), None);
}

#[tokio::test]
async fn the_log_comes_with_the_answer() {
    let fixture = Fixture::new();
    let host = host(&fixture).await;
    for _ in 0..2 {
        let invocation = Invocation {
            home: Some(home()),
            log_tail: true,
            ..Invocation::new("f:2", "7")
        };
        let result = host.invoke(invocation).await.unwrap();
        let (id, log) = (result.request_id, result.log_tail.unwrap());
        let begin = format!("START RequestId: {id} Version: 2\nseen 7\nEND RequestId: {id}\n");
        assert!(log.starts_with(&begin), "{log}");
        let report = format!("REPORT RequestId: {id}\tDuration: ");
        assert!(log[begin.len()..].starts_with(&report), "{log}");
    }
    assert_eq!(invoke(&host, "f").await.log_tail, None);
}

#[tokio::test]
async fn reserved_places_are_shared_by_all_versions() {
    let fixture = Fixture::new();
    let source = "\
import os, time
def handler(event, context):
    shared = os.environ['SHARED']
    open(shared + '/busy', 'w').close()
    while not os.path.exists(shared + '/go'):
        time.sleep(0.01)
    return 1
";
    let slow = |number: &str| Function {
        owner: Some(home()),
        version: number.to_owned(),
        ..fixture.python("slow", source)
    };
    let host = fixture.host([slow("$LATEST"), slow("1")]).await;
    assert!(host.reserve(&home(), "slow", Some(1)));
    let second = async {
        files(&fixture.shared(), "busy", 1).await;
        let invocation = Invocation {
            home: Some(home()),
            ..Invocation::new("slow:1", "{}")
        };
        let error = host.invoke(invocation).await.unwrap_err();
        fixture.write("shared/go", "");
        error
    };
    let (first, refused) = tokio::join!(invoke(&host, "slow"), second);
    assert_eq!(first.payload, b"1");
    assert_eq!(
        (refused.code(), refused.status(), refused.to_string()),
        ("TooManyRequestsException", 429, "Rate Exceeded.".to_owned())
    );
    assert!(host.reserve(&home(), "slow", None));
    assert_eq!(invoke(&host, "slow:1").await.payload, b"1");
}

#[tokio::test]
async fn tasks_name_versions_and_aliases() {
    let fixture = Fixture::new();
    let host = host(&fixture).await;
    let route = Route {
        version: "2".to_owned(),
        weights: BTreeMap::new(),
    };
    host.route(&home(), "f", "live", Some(route));
    let integrations = Integrations::new().with_lambda(Arc::new(host));
    let arn = "arn:aws:lambda:eu-west-1:111111111111:function:f:live";
    let direct = call(Resource::Lambda(arn.into()), &json!({}));
    let Outcome::Succeeded(result) = integrations.run(&direct, &|_| ()).await else {
        panic!("the task failed")
    };
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["version"], json!(["2", "2"]));

    let call = call(
        invoke_task(),
        &json!({"FunctionName": "f", "Qualifier": "1"}),
    );
    let Outcome::Succeeded(result) = integrations.run(&call, &|_| ()).await else {
        panic!("the task failed")
    };
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["ExecutedVersion"], "1");
    assert_eq!(result["Payload"]["version"], json!(["1", "1"]));
}

#[tokio::test]
async fn tasks_need_somebody_to_keep_their_events() {
    let fixture = Fixture::new();
    let integrations = Integrations::new().with_lambda(Arc::new(host(&fixture).await));
    let run = async |kind: &str| {
        let call = call(
            invoke_task(),
            &json!({"FunctionName": "f", "InvocationType": kind}),
        );
        integrations.run(&call, &|_| ()).await
    };
    let Outcome::Impossible(reason) = run("Event").await else {
        panic!("nobody keeps it")
    };
    assert!(
        reason.contains("the event of the state 's': run `stepmill serve`"),
        "{reason}"
    );
    let Outcome::Impossible(reason) = run("Later").await else {
        panic!("there is no such type")
    };
    assert!(reason.contains("no InvocationType \"Later\""), "{reason}");
}

/// `lambda:invoke`
fn invoke_task() -> Resource {
    Resource::parse("arn:aws:states:::lambda:invoke").unwrap()
}

fn call(resource: Resource, input: &Value) -> Call {
    Call {
        execution_arn: "arn:aws:states:eu-west-1:111111111111:execution:m:e".to_owned(),
        state_machine: "m".to_owned(),
        state_machine_arn: "arn".to_owned(),
        execution_role_arn: "arn".to_owned(),
        state: "s".to_owned(),
        attempt: 0,
        resource,
        input: input.to_string(),
        role_arn: None,
        token: None,
        task: 1,
        submitted: None,
        repeated: false,
        mocks: None,
    }
}
