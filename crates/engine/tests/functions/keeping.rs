//! What is kept: a registry that is opened again answers as before, and no code is left over.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use stepmill_engine::Caller;

use super::support::{Fixture, call, everything, is_package, python, zip};

/// Changes of functions `a` and `b`, some of which are refused.
fn change() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("a"), Just("b")];
    let change = prop_oneof![
        (0..3_u8).prop_map(|code| json!({"action": "CreateFunction", "code": code})),
        (0..3_u8, any::<bool>()).prop_map(|(code, publish)| json!({
            "action": "UpdateFunctionCode", "code": code, "body": {"Publish": publish},
        })),
        (1..4_u8).prop_map(|timeout| json!({
            "action": "UpdateFunctionConfiguration", "body": {"Timeout": timeout},
        })),
        Just(json!({"action": "PublishVersion"})),
        (1..4_u8, 1..4_u8, 0..3_u8).prop_map(|(version, other, weight)| json!({
            "action": "CreateAlias",
            "body": {
                "Name": format!("alias{version}"),
                "FunctionVersion": version.to_string(),
                "RoutingConfig": {
                    "AdditionalVersionWeights": {other.to_string(): f64::from(weight) / 2.0},
                },
            },
        })),
        (1..4_u8).prop_map(|version| json!({
            "action": "DeleteAlias", "name": format!("alias{version}"),
        })),
        (1..4_u8).prop_map(|version| json!({
            "action": "DeleteFunction", "qualifier": version.to_string(),
        })),
        Just(json!({"action": "DeleteFunction"})),
        (0..9_u8).prop_map(|most| json!({
            "action": "PutFunctionConcurrency", "body": {"ReservedConcurrentExecutions": most},
        })),
        "[a-z]{1,3}".prop_map(|sid| json!({
            "action": "AddPermission",
            "body": {"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "*"},
        })),
        Just(json!({"action": "reopen"})),
    ];
    (name, change).prop_map(|(name, mut change)| {
        change["function"] = json!(name);
        let code = change["code"].as_i64();
        if let Some(code) = code {
            let source = format!("# {code}");
            if change["action"] == "CreateFunction" {
                change["body"] = Value::Object(python(name, &source));
            } else {
                change["body"]["ZipFile"] = json!(zip(&[("app.py", &source)]));
            }
        }
        change
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_registry_opened_again_answers_as_before(
        changes in proptest::collection::vec(change(), 1..25),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::new();
            let caller = Caller::default();
            let (mut functions, mut host) = fixture.open().await;
            for change in &changes {
                if change["action"] == "reopen" {
                    (functions, host) = fixture.open().await;
                } else {
                    // Refusals are among the answers that must leave things as they are.
                    let _ = call(&functions, &caller, change).await;
                }
            }
            let (seen, declared) = (everything(&functions, &caller).await, host.functions());
            drop(functions);
            // The directories that versions need are there before anything is tidied up.
            let directories = directories(&fixture);
            let (functions, host) = fixture.open().await;
            assert_eq!(everything(&functions, &caller).await, seen);
            assert_eq!(host.functions(), declared);
            assert!(functions.problems().is_empty(), "{:?}", functions.problems());
            let needed: BTreeSet<_> = declared
                .iter()
                .filter(|function| function.owner.is_some())
                .filter_map(|function| function.code.clone())
                .collect();
            assert_eq!(directories, needed);
        });
    }
}

fn directories(fixture: &Fixture) -> BTreeSet<std::path::PathBuf> {
    std::fs::read_dir(fixture.code())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| is_package(path))
        .collect()
}
