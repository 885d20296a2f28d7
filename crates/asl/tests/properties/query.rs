//! Queries on a document. The first line of a text is the query, the rest the document as JSON.

use jiff::Timestamp;
use serde_json::{Value, json};
use stepmill_asl::World;
use stepmill_asl::intrinsic::Call;
use stepmill_asl::jsonata::{Bindings, EvaluationError, Expression};
use stepmill_asl::jsonpath::{Data, JsonPath, Path, Selected};

struct State {
    input: Value,
    context: Value,
}

impl Data for State {
    fn input(&self) -> &Value {
        &self.input
    }

    fn context(&self) -> &Value {
        &self.context
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        (name == "v").then_some(&self.input)
    }
}

fn state(document: &str) -> State {
    let fallback = || json!({"a": {"b": [1, 2.5, null, "x", {"c": true}]}, "n": -7, "s": "é{}"});
    State {
        input: serde_json::from_str(document).unwrap_or_else(|_| fallback()),
        context: json!({"Execution": {"Id": "arn:x", "Input": {}}, "State": {"RetryCount": 0}}),
    }
}

fn split(text: &str) -> (&str, State) {
    let (query, document) = text.split_once('\n').unwrap_or((text, ""));
    (query, state(document))
}

/// A path: it is read the same twice, and what a reference path writes it selects.
pub fn jsonpath(text: &str) {
    let (query, state) = split(text);
    if let Ok(path) = Path::parse(query) {
        assert_eq!(path.text(), query);
        let _ = path.select(&state);
    }
    let path = match JsonPath::parse(query) {
        Ok(path) => path,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    assert!(path.is_definite() || !path.is_reference(), "{path}");
    match path.select(&state.input) {
        Ok(found) if !path.is_definite() => assert!(found.is_array(), "{path}: {found:?}"),
        Ok(_) => {}
        Err(error) => {
            let _ = error.to_string();
        }
    }
    let marker = json!({"written": [1]});
    match path.write(state.input, marker.clone()) {
        Ok(written) => {
            let found = path.select(&written).map(Selected::into_owned);
            assert_eq!(found, Ok(marker), "{path} on {written}");
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
}

/// A call of an intrinsic function: equal worlds give equal values.
pub fn intrinsic(text: &str) {
    let (query, state) = split(text);
    let call = match Call::parse(query) {
        Ok(call) => call,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let _ = call.paths().count();
    let value = call.evaluate(&state, &world());
    if let Err(error) = &value {
        let _ = error.to_string();
    }
    let text = |value| format!("{value:?}");
    assert_eq!(text(value), text(call.evaluate(&state, &world())), "{call}");
}

/// A JSONata expression: unless the clock stops it, equal worlds give equal values.
pub fn jsonata(text: &str) {
    let (query, state) = split(text);
    let expression = match Expression::parse(query) {
        Ok(expression) => expression,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let evaluate = || {
        let bindings = Bindings::new()
            .input(&state.input)
            .context(&state.context)
            .variable("v", &state.input);
        expression.evaluate(&bindings, &world())
    };
    let value = evaluate();
    if let Err(error) = &value {
        let _ = error.to_string();
    }
    if matches!(value, Err(EvaluationError::TimedOut)) {
        return;
    }
    let again = evaluate();
    if !matches!(again, Err(EvaluationError::TimedOut)) {
        assert_eq!(format!("{value:?}"), format!("{again:?}"), "{query}");
    }
}

fn world() -> World {
    World::new(Timestamp::UNIX_EPOCH, 7)
}
