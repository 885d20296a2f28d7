//! Intrinsic functions: a list of calls and what they give, and rules that hold for any argument.

#![allow(clippy::expect_used)] // the helpers of the tests fail like the tests

use std::path::Path as FilePath;

use jiff::Timestamp;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stepmill_asl::World;
use stepmill_asl::intrinsic::{
    Argument, Call, Expression, ExpressionError, FailureReason, Function, MAX_DEPTH,
};
use stepmill_asl::jsonpath::{Data, Path};

#[derive(Deserialize)]
struct Cases {
    #[serde(flatten)]
    data: State,
    values: Vec<(String, Value)>,
    failures: Vec<(String, String)>,
    errors: Vec<(String, usize, String)>,
}

#[derive(Deserialize)]
struct State {
    input: Value,
    context: Value,
    variables: Map<String, Value>,
}

impl State {
    fn of(input: Value) -> Self {
        Self {
            input,
            context: Value::Null,
            variables: Map::new(),
        }
    }
}

impl Data for State {
    fn input(&self) -> &Value {
        &self.input
    }

    fn context(&self) -> &Value {
        &self.context
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("data/intrinsic.json")).expect("the cases")
}

fn world() -> World {
    World::new(Timestamp::UNIX_EPOCH, 1)
}

fn evaluate(text: &str, input: Value) -> Value {
    Call::parse(text)
        .expect(text)
        .evaluate(&State::of(input), &world())
        .expect(text)
}

#[test]
fn gives_the_values() {
    let Cases { data, values, .. } = cases();
    let mut wrong = Vec::new();
    for (text, expected) in values {
        let call = Call::parse(&text).expect(&text);
        assert_eq!(call.text(), text);
        let value = call.evaluate(&data, &world());
        // As texts, so that 1 is not 1.0 and the order of fields counts.
        if value.as_ref().map(Value::to_string).ok() != Some(expected.to_string()) {
            wrong.push(format!("{text}: {value:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fails_as_aws_does() {
    let Cases { data, failures, .. } = cases();
    let mut wrong = Vec::new();
    for (text, reason) in failures {
        let failure = Call::parse(&text).expect(&text).evaluate(&data, &world());
        let expected = format!("The function '{text}' had the following error: {reason}");
        match failure {
            Err(failure) if failure.to_string().starts_with(&expected) => {}
            other => wrong.push(format!("{text}: {other:?}, not {expected}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_missing_path_quotes_the_input() {
    let call = Call::parse("States.Format('{}', $.nope)").expect("a call");
    let failure = call
        .evaluate(&State::of(json!({"a": [1, 2]})), &world())
        .expect_err("no value");
    assert_eq!(
        failure.to_string(),
        "The function 'States.Format('{}', $.nope)' had the following error: The JsonPath argument \
         for the field '$.nope' could not be found in the input '{\"a\":[1,2]}'"
    );
}

#[test]
fn refuses_what_is_no_call_and_says_where() {
    for (text, position, reason) in cases().errors {
        let error = Call::parse(&text).expect_err(&text);
        assert_eq!(error.position(), position, "{error}");
        assert!(error.reason().starts_with(&reason), "{error}");
    }
}

#[test]
fn nests_ten_calls_deep() {
    let nested = |depth| format!("{}{}", "States.Array(".repeat(depth), ")".repeat(depth));
    Call::parse(&nested(MAX_DEPTH)).expect("as deep as allowed");
    let error = Call::parse(&nested(MAX_DEPTH + 1)).expect_err("one too deep");
    assert_eq!(error.reason(), "at most 10 calls stand in each other");
    Call::parse(&format!("States.Array('{}')", "a".repeat(20_000))).expect_err("too long");
}

#[test]
fn every_function_has_its_name() {
    for function in Function::ALL {
        assert_eq!(Function::of_name(function.name()), Some(function));
        let error = Call::parse(&format!("{} ", function.name())).expect_err("no arguments");
        assert_eq!(error.reason(), "`(` expected");
    }
}

#[test]
fn lists_the_paths_from_left_to_right() {
    let text = "States.Format('{}{}{}', $.a, States.Array($$.b, States.MathAdd($c.d, 1)), $.e)";
    let expression = Expression::parse(text).expect("a call");
    let paths: Vec<&str> = expression.paths().map(Path::text).collect();
    assert_eq!(paths, ["$.a", "$$.b", "$c.d", "$.e"]);
    let path = Expression::parse("$.a[*]").expect("a path");
    assert_eq!(path.paths().map(Path::text).collect::<Vec<_>>(), ["$.a[*]"]);
    assert_eq!(path.text(), "$.a[*]");
}

#[test]
fn an_expression_is_a_path_or_a_call() {
    assert!(matches!(Expression::parse("$"), Ok(Expression::Path(_))));
    assert!(matches!(
        Expression::parse("States.UUID()"),
        Ok(Expression::Intrinsic(_))
    ));
    assert!(matches!(
        Expression::parse("$.a["),
        Err(ExpressionError::Path(_))
    ));
    assert!(matches!(
        Expression::parse("States.UUID"),
        Err(ExpressionError::Intrinsic(_))
    ));
    for text in ["", "text", "states.UUID()", "{% $x %}", " $.a"] {
        assert_eq!(
            Expression::parse(text),
            Err(ExpressionError::Neither),
            "{text}"
        );
    }
}

#[test]
fn a_call_knows_its_parts() {
    let call = Call::parse("States.ArrayContains(States.Array($.a), 1)").expect("a call");
    assert_eq!(call.function(), Function::ArrayContains);
    let [Argument::Call(inner), Argument::Value(one)] = call.arguments() else {
        panic!("{:?}", call.arguments())
    };
    assert_eq!((inner.text(), one), ("States.Array($.a)", &json!(1)));
}

#[test]
fn random_values_follow_from_the_world() {
    let draw = |seed: u64, text: &str| {
        let world = World::new(Timestamp::UNIX_EPOCH, seed);
        Call::parse(text)
            .expect(text)
            .evaluate(&State::of(Value::Null), &world)
            .expect(text)
    };
    for text in [
        "States.UUID()",
        "States.MathRandom(-2147483648, 2147483647)",
    ] {
        assert_eq!(draw(1, text), draw(1, text));
        assert_ne!(draw(1, text), draw(2, text));
    }
    let uuid = draw(1, "States.UUID()");
    let uuid = uuid::Uuid::parse_str(uuid.as_str().expect("a text")).expect("a UUID");
    assert_eq!(uuid.get_version_num(), 4);
}

#[test]
fn stops_where_the_arguments_are_too_large() {
    let data = State::of(json!("x".repeat(1 << 20)));
    let text = format!("States.Array({})", vec!["$"; 100].join(","));
    let failure = Call::parse(&text)
        .expect("a call")
        .evaluate(&data, &world())
        .expect_err("no");
    assert_eq!(failure.reason, FailureReason::TooMuch);
    let quoted = format!("{}$.q{}", "States.JsonToString(".repeat(10), ")".repeat(10));
    let data = State::of(json!({"q": "\"".repeat(100_000)}));
    let failure = Call::parse(&quoted)
        .expect("a call")
        .evaluate(&data, &world())
        .expect_err("no");
    assert_eq!(failure.reason, FailureReason::TooMuch);
}

#[test]
fn encodes_texts_up_to_ten_thousand_characters() {
    for (length, fits) in [(10_000, true), (10_001, false)] {
        let data = State::of(json!("é".repeat(length)));
        let call = Call::parse("States.Base64Encode($)").expect("a call");
        assert_eq!(call.evaluate(&data, &world()).is_ok(), fits);
    }
}

/// The recorded cases of AWS, where `STEPMILL_CONFORMANCE` names the directory that has them.
#[test]
fn agrees_with_the_recordings() {
    let Some(root) = std::env::var_os("STEPMILL_CONFORMANCE") else {
        return;
    };
    let mut checked = 0;
    for entry in FilePath::new(&root)
        .join("cases/intrinsics")
        .read_dir()
        .expect("the cases")
    {
        let file = entry.expect("an entry").path();
        let case = std::fs::read_to_string(&file).expect("a case");
        let case: Value = serde_json::from_str(&case).expect("JSON");
        let states = case["definition"]["States"].as_object();
        let Some(state) = states.and_then(|states| states.values().next()) else {
            continue;
        };
        let Some(fields) = state["Parameters"].as_object() else {
            continue;
        };
        for run in case["runs"].as_array().into_iter().flatten() {
            let mut data = State::of(run["input"].clone());
            data.context = json!({"Execution": {"Input": data.input}});
            let exited = run["history"].as_array().expect("events").iter().rev();
            let mut outputs =
                exited.filter_map(|e| e["executionSucceededEventDetails"].get("output"));
            let output = outputs.next().expect("an output");
            for (key, text) in fields {
                let (Some(key), Some(text)) = (key.strip_suffix(".$"), text.as_str()) else {
                    continue;
                };
                let call = Call::parse(text).expect(text);
                // The names of executions and machines are the recording's own.
                if call
                    .paths()
                    .any(|p| p.text().starts_with("$$") && !p.text().contains("Input"))
                {
                    continue;
                }
                let value = call.evaluate(&data, &world()).expect(text);
                let expected = output.get(key).unwrap_or(output);
                assert_eq!(
                    value,
                    *expected,
                    "{}: {text} of {}",
                    file.display(),
                    data.input
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "only {checked} calls checked");
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\\PC*") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn parsing_what_looks_like_a_call_never_panics(
        inside in "[ ,'$\\\\.\\[\\](){}a-z0-9\"é-]{0,20}",
        name in "(Format|Array|UUID|MathAdd)",
    ) {
        if let Ok(call) = Call::parse(&format!("States.{name}({inside})")) {
            let _ = call.evaluate(&State::of(json!({"a": [1]})), &world());
        }
    }

    #[test]
    fn base64_goes_both_ways(text in "\\PC{0,50}") {
        let coded = evaluate("States.Base64Decode(States.Base64Encode($))", json!(text));
        prop_assert_eq!(coded, json!(text));
    }

    #[test]
    fn json_goes_both_ways(text in "\\PC{0,20}", number in any::<i64>(), flag in any::<bool>()) {
        let value = json!({"t": text, "n": [number, flag, null]});
        let parsed = evaluate("States.StringToJson(States.JsonToString($))", value.clone());
        prop_assert_eq!(parsed, value);
    }

    #[test]
    fn chunks_make_up_the_array(
        list in prop::collection::vec(any::<i32>(), 0..30),
        size in 1_usize..10,
    ) {
        let chunks = evaluate("States.ArrayPartition($.l, $.s)", json!({"l": list, "s": size}));
        let chunks: Vec<Vec<i32>> = serde_json::from_value(chunks).expect("arrays of numbers");
        prop_assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.len() == size));
        prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty()));
        prop_assert_eq!(chunks.concat(), list);
    }

    #[test]
    fn a_quoted_text_is_itself(text in "\\PC{0,20}") {
        let mut quoted = String::new();
        for c in text.chars() {
            if matches!(c, '\'' | '{' | '}' | '\\') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        let value = evaluate(&format!("States.Format('{quoted}')"), Value::Null);
        prop_assert_eq!(value, json!(text));
    }

    #[test]
    fn random_numbers_stay_in_range(low in any::<i32>(), high in any::<i32>(), seed: u64) {
        prop_assume!(low < high);
        for text in ["States.MathRandom($[0], $[1])", "States.MathRandom($[0], $[1], 3)"] {
            let call = Call::parse(text).expect(text);
            let data = State::of(json!([low, high]));
            let number = call.evaluate(&data, &World::new(Timestamp::UNIX_EPOCH, seed));
            let number = number.expect(text).as_i64().expect("an integer");
            prop_assert!((i64::from(low)..i64::from(high)).contains(&number));
        }
    }
}
