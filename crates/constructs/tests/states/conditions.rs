use serde_json::{Value as Json, json};
use stepmill::prelude::*;

use super::definition;

/// A method that tests what is at a path.
type Test = fn(&'static str) -> Condition;

/// A method that compares what is at a path with something.
type Comparison<T> = fn(&'static str, T) -> Condition;

fn rendered(condition: Condition) -> Json {
    let definition = definition(|stack| {
        let end = Succeed::new(stack, "End");
        StateMachine::new(
            stack,
            "Machine",
            Choice::new(stack, "C").when(condition, end),
        );
    });
    let mut choice = definition["States"]["C"]["Choices"][0].clone();
    choice.as_object_mut().unwrap().remove("Next");
    choice
}

#[test]
fn tests_of_what_is_there() {
    let tests: [(Test, &str, bool); 12] = [
        (Condition::is_present, "IsPresent", true),
        (Condition::is_not_present, "IsPresent", false),
        (Condition::is_string, "IsString", true),
        (Condition::is_not_string, "IsString", false),
        (Condition::is_numeric, "IsNumeric", true),
        (Condition::is_not_numeric, "IsNumeric", false),
        (Condition::is_boolean, "IsBoolean", true),
        (Condition::is_not_boolean, "IsBoolean", false),
        (Condition::is_timestamp, "IsTimestamp", true),
        (Condition::is_not_timestamp, "IsTimestamp", false),
        (Condition::is_null, "IsNull", true),
        (Condition::is_not_null, "IsNull", false),
    ];
    for (condition, operator, value) in tests {
        assert_eq!(
            rendered(condition("$.a")),
            json!({"Variable": "$.a", operator: value})
        );
    }
}

#[test]
fn comparisons_with_literals() {
    let numbers: [(Comparison<f64>, &str); 5] = [
        (Condition::number_equals, "NumericEquals"),
        (Condition::number_less_than, "NumericLessThan"),
        (Condition::number_less_than_equals, "NumericLessThanEquals"),
        (Condition::number_greater_than, "NumericGreaterThan"),
        (
            Condition::number_greater_than_equals,
            "NumericGreaterThanEquals",
        ),
    ];
    for (condition, operator) in numbers {
        assert_eq!(
            rendered(condition("$[0]", 5.0)),
            json!({"Variable": "$[0]", operator: 5})
        );
        assert_eq!(
            rendered(condition("$", 0.5)),
            json!({"Variable": "$", operator: 0.5})
        );
    }
    let texts: [(Comparison<&'static str>, &str); 11] = [
        (Condition::string_equals, "StringEquals"),
        (Condition::string_less_than, "StringLessThan"),
        (Condition::string_less_than_equals, "StringLessThanEquals"),
        (Condition::string_greater_than, "StringGreaterThan"),
        (
            Condition::string_greater_than_equals,
            "StringGreaterThanEquals",
        ),
        (Condition::string_matches, "StringMatches"),
        (Condition::timestamp_equals, "TimestampEquals"),
        (Condition::timestamp_less_than, "TimestampLessThan"),
        (
            Condition::timestamp_less_than_equals,
            "TimestampLessThanEquals",
        ),
        (Condition::timestamp_greater_than, "TimestampGreaterThan"),
        (
            Condition::timestamp_greater_than_equals,
            "TimestampGreaterThanEquals",
        ),
    ];
    for (condition, operator) in texts {
        let text = "2016-03-14T01:59:00Z";
        assert_eq!(
            rendered(condition("$.a", text)),
            json!({"Variable": "$.a", operator: text})
        );
    }
    assert_eq!(
        rendered(Condition::boolean_equals("$.a", false)),
        json!({"Variable": "$.a", "BooleanEquals": false})
    );
}

#[test]
fn comparisons_with_paths() {
    let comparisons: [(Comparison<&'static str>, &str); 16] = [
        (Condition::boolean_equals_json_path, "BooleanEqualsPath"),
        (Condition::string_equals_json_path, "StringEqualsPath"),
        (Condition::string_less_than_json_path, "StringLessThanPath"),
        (
            Condition::string_less_than_equals_json_path,
            "StringLessThanEqualsPath",
        ),
        (
            Condition::string_greater_than_json_path,
            "StringGreaterThanPath",
        ),
        (
            Condition::string_greater_than_equals_json_path,
            "StringGreaterThanEqualsPath",
        ),
        (Condition::number_equals_json_path, "NumericEqualsPath"),
        (Condition::number_less_than_json_path, "NumericLessThanPath"),
        (
            Condition::number_less_than_equals_json_path,
            "NumericLessThanEqualsPath",
        ),
        (
            Condition::number_greater_than_json_path,
            "NumericGreaterThanPath",
        ),
        (
            Condition::number_greater_than_equals_json_path,
            "NumericGreaterThanEqualsPath",
        ),
        (Condition::timestamp_equals_json_path, "TimestampEqualsPath"),
        (
            Condition::timestamp_less_than_json_path,
            "TimestampLessThanPath",
        ),
        (
            Condition::timestamp_less_than_equals_json_path,
            "TimestampLessThanEqualsPath",
        ),
        (
            Condition::timestamp_greater_than_json_path,
            "TimestampGreaterThanPath",
        ),
        (
            Condition::timestamp_greater_than_equals_json_path,
            "TimestampGreaterThanEqualsPath",
        ),
    ];
    for (condition, operator) in comparisons {
        assert_eq!(
            rendered(condition("$.a", "$.b")),
            json!({"Variable": "$.a", operator: "$.b"})
        );
    }
}

#[test]
fn conditions_of_conditions() {
    let condition = Condition::and([
        Condition::or([
            Condition::is_null("$.a"),
            Condition::number_equals("$.a", 1),
        ]),
        Condition::not(Condition::string_matches("$.b", "x*")),
    ]);
    let expected = json!({"And": [
        {"Or": [{"Variable": "$.a", "IsNull": true}, {"Variable": "$.a", "NumericEquals": 1}]},
        {"Not": {"Variable": "$.b", "StringMatches": "x*"}},
    ]});
    assert_eq!(rendered(condition), expected);
}
