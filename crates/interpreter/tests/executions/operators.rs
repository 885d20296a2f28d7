//! The 39 operators of Choice rules, each with what satisfies it and what does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stepmill_interpreter::Status;

use crate::world::{Run, Setting, check, machine};

/// `(operator, value of the variable, operand, expected)`. The operand of a `…Path` operator is
/// what the path leads to.
type Row = (&'static str, Value, Value, bool);

fn table() -> Vec<Row> {
    let mut table = singles();
    let orders: [(&str, [bool; 3]); 5] = [
        // Of a smaller, an equal and a greater value.
        ("Equals", [false, true, false]),
        ("LessThan", [true, false, false]),
        ("GreaterThan", [false, false, true]),
        ("LessThanEquals", [true, true, false]),
        ("GreaterThanEquals", [false, true, true]),
    ];
    let kinds: [(&str, [Value; 3]); 3] = [
        ("Numeric", [json!(-1), json!(2.5), json!(10)]),
        ("String", [json!("B"), json!("a"), json!("b")]),
        (
            "Timestamp",
            [
                json!("2026-01-02T03:04:05Z"),
                json!("2026-01-02T03:04:06+00:00"),
                json!("2026-01-02T03:04:06-00:01"),
            ],
        ),
    ];
    for (kind, values) in &kinds {
        for (order, expected) in orders {
            for suffix in ["", "Path"] {
                let operator: &'static str = format!("{kind}{order}{suffix}").leak();
                for (value, expected) in values.iter().zip(expected) {
                    table.push((operator, value.clone(), values[1].clone(), expected));
                }
            }
        }
    }
    table
}

/// What is not a matter of order.
fn singles() -> Vec<Row> {
    vec![
        // `*` stands for any text.
        (
            "StringMatches",
            json!("log-1.txt"),
            json!("log-*.txt"),
            true,
        ),
        (
            "StringMatches",
            json!("log-1.csv"),
            json!("log-*.txt"),
            false,
        ),
        ("StringMatches", json!("a*b"), json!("a\\*b"), true),
        ("StringMatches", json!("axb"), json!("a\\*b"), false),
        ("StringMatches", json!("a\\b"), json!("a\\\\b"), true),
        ("StringMatches", json!(5), json!("*"), false),
        ("BooleanEquals", json!(true), json!(true), true),
        ("BooleanEquals", json!(false), json!(true), false),
        ("BooleanEquals", json!("true"), json!(true), false),
        ("BooleanEqualsPath", json!(false), json!(false), true),
        ("BooleanEqualsPath", json!(false), json!(true), false),
        ("BooleanEqualsPath", json!("x"), json!("x"), false),
        ("IsNull", json!(null), json!(true), true),
        ("IsNull", json!(0), json!(true), false),
        ("IsNull", json!(0), json!(false), true),
        ("IsPresent", json!(null), json!(true), true),
        ("IsPresent", json!(null), json!(false), false),
        ("IsNumeric", json!(1.5), json!(true), true),
        ("IsNumeric", json!("1.5"), json!(true), false),
        ("IsNumeric", json!("1.5"), json!(false), true),
        ("IsString", json!(""), json!(true), true),
        ("IsString", json!(null), json!(true), false),
        ("IsBoolean", json!(false), json!(true), true),
        ("IsBoolean", json!("false"), json!(true), false),
        (
            "IsTimestamp",
            json!("2026-01-02T03:04:05Z"),
            json!(true),
            true,
        ),
        (
            "IsTimestamp",
            json!("2026-01-02T03:04:05.5+01:00"),
            json!(true),
            true,
        ),
        ("IsTimestamp", json!("2026-01-02"), json!(true), false),
        (
            "IsTimestamp",
            json!("2026-01-02T03:04:05"),
            json!(true),
            false,
        ),
        ("IsTimestamp", json!(1_767_323_045), json!(true), false),
        // 0 and 0.0 are the same number.
        ("NumericEquals", json!(0), json!(0.0), true),
        ("NumericEqualsPath", json!(1.0), json!(1), true),
        ("NumericEquals", json!("1"), json!(1), false),
        ("NumericLessThanPath", json!(1), json!("2"), false),
        ("StringEquals", json!(1), json!("1"), false),
        ("StringEqualsPath", json!("1"), json!(1), false),
        // One instant, whatever its offset.
        (
            "TimestampEquals",
            json!("2026-01-02T04:04:05+01:00"),
            json!("2026-01-02T03:04:05Z"),
            true,
        ),
        (
            "TimestampEquals",
            json!("soon"),
            json!("2026-01-02T03:04:05Z"),
            false,
        ),
        (
            "TimestampEqualsPath",
            json!("2026-01-02T03:04:05Z"),
            json!("soon"),
            false,
        ),
    ]
}

fn chosen(operator: &str, value: &Value, operand: &Value) -> String {
    let by_path = operator.ends_with("Path");
    let operand_field = if by_path {
        json!("$.operand")
    } else {
        operand.clone()
    };
    let definition = json!({"StartAt": "Choose", "States": {
        "Choose": {"Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$.value", (operator): operand_field, "Next": "Yes"}
        ]},
        "Yes": {"Type": "Pass", "Result": true, "End": true},
        "No": {"Type": "Pass", "Result": false, "End": true}
    }});
    let machine = machine(&definition, false).unwrap();
    let setting = Setting::new(&json!({"value": value, "operand": operand}));
    let run = Run::complete(&machine, &setting, |_| Vec::new(), |_| 0);
    check(&run);
    match run.execution.status() {
        Status::Succeeded(output) => output.text().to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn every_operator_holds_where_it_should() {
    let table = table();
    let operators: BTreeSet<&str> = table.iter().map(|(operator, ..)| *operator).collect();
    assert_eq!(operators.len(), 39, "{operators:?}");
    for (operator, value, operand, expected) in table {
        assert_eq!(
            chosen(operator, &value, &operand),
            expected.to_string(),
            "{value} {operator} {operand}"
        );
    }
}

#[test]
fn operators_read_what_is_there_only() {
    let definition = json!({"StartAt": "Choose", "States": {
        "Choose": {"Type": "Choice", "Default": "No", "Choices": [
            {"Variable": "$.nope", "IsPresent": false, "Next": "Yes"}
        ]},
        "Yes": {"Type": "Succeed"},
        "No": {"Type": "Fail"}
    }});
    let machine = machine(&definition, false).unwrap();
    let run = Run::complete(&machine, &Setting::new(&json!({})), |_| Vec::new(), |_| 0);
    assert!(matches!(run.execution.status(), Status::Succeeded(_)));
}
