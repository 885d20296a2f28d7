//! The cases against moto.

use serde_json::Value;

use super::template::{filled, holds};
use super::{CALLS, Row};
use crate::ok;
use crate::peer::Moto;

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
