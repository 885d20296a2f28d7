//! Payload templates. The first line of a text is the template, the rest the input as JSON.

use std::sync::Arc;

use serde_json::{Value, json};
use stepmill_asl::{Options, parse};
use stepmill_interpreter::{Happened, Limits, Payload, Status};

use super::watched::Watched;

/// Any template on any input, in each field that takes one: the execution ends in one turn.
pub fn template(text: &str) {
    let (template, input) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(template) = serde_json::from_str::<Value>(template) else {
        return;
    };
    let fallback = || Payload::from(json!({"a": {"b": [1, 2.5, null, "x"]}, "n": -7, "s": "é"}));
    let input = Payload::from_text(input).unwrap_or_else(|_| fallback());
    let pass = |fields: Value| {
        let mut state = json!({"Type": "Pass", "End": true});
        for (name, value) in fields.as_object().into_iter().flatten() {
            state[name] = value.clone();
        }
        state
    };
    let states = [
        pass(json!({"Parameters": template, "ResultPath": "$.a.b"})),
        pass(json!({"Assign": template, "Parameters": template})),
        pass(json!({"QueryLanguage": "JSONata", "Output": template, "Assign": template})),
        json!({
            "Type": "Map",
            "ItemsPath": "$.a.b",
            "ItemSelector": template,
            "ResultSelector": template,
            "ItemProcessor": {"StartAt": "I", "States": {"I": pass(json!({"Parameters": template}))}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": template, "Next": "E"}],
            "Next": "E",
        }),
    ];
    for state in states {
        let end = pass(json!({"QueryLanguage": "JSONata", "Output": "{% $states %}"}));
        let states = if state["Next"].is_string() {
            json!({"S": state, "E": end})
        } else {
            json!({"S": state})
        };
        let definition = json!({"StartAt": "S", "States": states}).to_string();
        let Some(machine) = parse(&definition, &Options::default()).machine else {
            continue;
        };
        let mut watched = Watched::new(Arc::new(machine), false, Limits::STANDARD);
        watched.happen(Happened::Start(input.clone()), &Watched::world(0, 7));
        assert_ne!(*watched.live.status(), Status::Running, "{definition}");
    }
}
