//! The cases against moto.

use std::time::Duration;

use serde_json::Value;
use stepmill_asl::model::IntegrationPattern;
use stepmill_integrations::Outcome;

use super::template::{filled, holds};
use super::{CALLS, Row};
use crate::moto::Moto;
use crate::ok;

#[tokio::test(flavor = "multi_thread")]
async fn moto_does_what_is_asked() {
    let Some(moto) = Moto::start() else {
        return;
    };
    moto.without_containers();
    for row in Row::all(&CALLS) {
        let Some(expected) = &row.case.moto else {
            continue;
        };
        let name = row.resource();
        moto.reset();
        let tasks = moto.integrations();
        let mut context = row.prepare(&tasks).await;
        let result = row.result(&tasks, &context).await;
        let part = filled(&Value::Object(expected.result.clone()), &context);
        assert!(holds(&part, &result), "{name}: {part} is not in {result}");
        context["result"] = result;
        for then in &expected.then {
            let parameters = filled(&then.parameters, &context);
            let found = ok(&tasks, &then.resource, parameters).await;
            let part = filled(&then.is, &context);
            assert!(holds(&part, &found), "{name}: {part} is not in {found}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_in_moto_come_to_their_end() {
    let Some(moto) = Moto::start() else {
        return;
    };
    moto.without_containers();
    for row in Row::all(&[IntegrationPattern::RunJob]) {
        let in_moto = row.case.moto.as_ref();
        if in_moto.is_none_or(|moto| moto.no_sync.is_some()) {
            continue;
        }
        let name = row.resource();
        moto.reset();
        let tasks = moto.integrations();
        let context = row.prepare(&tasks).await;
        let run = tokio::time::timeout(Duration::from_secs(60), row.run(&tasks, &context));
        let Ok(Outcome::Succeeded(text)) = run.await.map_err(|_| ()) else {
            panic!("{name} has not succeeded");
        };
        let result: Value = serde_json::from_str(&text).unwrap();
        assert!(result.as_object().is_some_and(|r| !r.is_empty()), "{name}");
        assert!(result.get("SdkHttpMetadata").is_none(), "{name}: {text}");
    }
}
