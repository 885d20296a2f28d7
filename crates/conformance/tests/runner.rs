//! Cases of our own against a target that answers what the test says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail it"
)]

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use stepmill_conformance::case::{Case, load};
use stepmill_conformance::outcome::{CaseResult, Outcome};
use stepmill_conformance::placeholder::Caller;
use stepmill_conformance::report::{Score, summary, to_markdown, to_text};
use stepmill_conformance::run::{Options, Verdicts, run_case};
use stepmill_conformance::suite::run_all;
use stepmill_conformance::target::{CallError, Function, Target, api_error};

type Log = Rc<RefCell<Vec<(String, Value)>>>;

/// Answers each call by a function of the test and notes what was called.
struct Fake<F> {
    answer: F,
    log: Log,
    supported: &'static [&'static str],
}

impl<F: Fn(&str, &Value) -> Result<Value, CallError>> Target for Fake<F> {
    fn call(&self, operation: &str, parameters: &Value) -> Result<Value, CallError> {
        self.log
            .borrow_mut()
            .push((operation.to_owned(), parameters.clone()));
        (self.answer)(operation, parameters)
    }

    fn create_function(&self, function: &Function) -> Result<(), CallError> {
        let noted = json!([
            function.name,
            function.source,
            function.handler,
            function.timeout.as_secs()
        ]);
        self.log
            .borrow_mut()
            .push(("create_function".to_owned(), noted));
        Ok(())
    }

    fn delete_function(&self, name: &str) -> Result<(), CallError> {
        self.log
            .borrow_mut()
            .push(("delete_function".to_owned(), json!(name)));
        Ok(())
    }

    fn set_mock_config(&self, config: &Value) -> Result<(), CallError> {
        self.log
            .borrow_mut()
            .push(("set_mock_config".to_owned(), config.clone()));
        Ok(())
    }

    fn supports(&self, requirement: &str) -> bool {
        self.supported.contains(&requirement)
    }

    fn supports_operation(&self, operation: &str) -> bool {
        operation != "ListStateMachines"
    }

    fn pause(&self, _time: Duration) {}
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/set")
}

fn case(name: &str) -> Case {
    let mut cases = load(&root(), &[name.to_owned()]).unwrap();
    assert_eq!(cases.len(), 1, "{name}");
    cases.remove(0)
}

fn options() -> Options {
    Options {
        caller: Caller::default(),
        wait: Duration::from_secs(1),
        functions: root().join("functions"),
    }
}

fn replay(
    name: &str,
    supported: &'static [&'static str],
    answer: impl Fn(&str, &Value) -> Result<Value, CallError>,
) -> (Verdicts, Vec<(String, Value)>) {
    let target = Fake {
        answer,
        log: Log::default(),
        supported,
    };
    let verdicts = run_case(&case(name), &target, &options());
    let log = target.log.borrow().clone();
    (verdicts, log)
}

fn refused(code: &str, message: &str) -> CallError {
    let members: Map<String, Value> = [
        ("message".to_owned(), json!(message)),
        ("reason".to_owned(), Value::Null),
    ]
    .into_iter()
    .collect();
    CallError::Api(api_error(code, message, members, 400))
}

fn first_difference(outcome: &Outcome) -> String {
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    outcome.reason()
}

/// An engine that answers `basics/execution` rightly but for its `cause`.
fn echo(cause: &'static str) -> impl Fn(&str, &Value) -> Result<Value, CallError> {
    let (role, function) = (RefCell::default(), RefCell::default());
    move |operation: &str, parameters: &Value| {
        Ok(match operation {
            "CreateStateMachine" => {
                role.replace(parameters["roleArn"].clone());
                let definition = parameters["definition"].as_str().unwrap();
                let name = definition.rsplit("function:").next().unwrap();
                function.replace(name.split('"').next().unwrap().to_owned());
                json!({"stateMachineArn": "arn:m"})
            }
            "StartExecution" if parameters.get("input").is_some() => {
                json!({"executionArn": "arn:1"})
            }
            "StartExecution" => json!({"executionArn": "arn:2"}),
            "DescribeExecution" => json!({"status": "SUCCEEDED", "name": "own"}),
            "GetExecutionHistory" if parameters["executionArn"] == "arn:1" => json!({"events": [{
                "id": 1, "name": "own", "role": *role.borrow(), "function": *function.borrow(), "cause": cause,
            }]}),
            "GetExecutionHistory" => json!({"events": [], "nextToken": "t"}),
            _ => json!({}),
        })
    }
}

#[test]
fn executions_are_compared_strictly_and_leniently() {
    let (verdicts, log) = replay("basics/execution", &["lambda"], echo("because"));
    assert_eq!(verdicts.strict, Outcome::Passed);
    assert_eq!(verdicts.lenient, Outcome::Passed);
    let operations: Vec<&str> = log
        .iter()
        .map(|(operation, _)| operation.as_str())
        .collect();
    assert_eq!(
        operations,
        [
            "create_function",
            "CreateStateMachine",
            "StartExecution",
            "DescribeExecution",
            "GetExecutionHistory",
            "StartExecution",
            "DescribeExecution",
            "GetExecutionHistory",
            "DescribeExecution",
            "delete_function",
            "DeleteStateMachine",
        ]
    );
    let function = &log[0].1;
    assert_eq!(
        function[1],
        "def handler(event, context):\n    return event\n"
    );
    assert_eq!(
        (&function[2], &function[3]),
        (&json!("handler.handler"), &json!(5))
    );
    assert_eq!(
        log[2].1["input"], "{\"n\": 1}",
        "a value is sent as its text"
    );

    let (verdicts, _) = replay("basics/execution", &["lambda"], echo("otherwise"));
    assert_eq!(verdicts.lenient, Outcome::Passed);
    assert_eq!(
        first_difference(&verdicts.strict),
        r#"run 0 history /events/0/cause: expected "because", got "otherwise""#
    );
}

#[test]
fn executions_that_do_not_end_fail() {
    let (verdicts, _) =
        replay(
            "basics/execution",
            &["lambda"],
            |operation, parameters| match operation {
                "DescribeExecution" => Ok(json!({"status": "RUNNING"})),
                _ => echo("because")(operation, parameters),
            },
        );
    assert_eq!(
        first_difference(&verdicts.lenient),
        "await: the execution has not ended after 1 s"
    );
}

#[test]
fn tables_report_each_wrong_row() {
    let (verdicts, log) = replay("basics/table", &[], |operation, parameters| {
        Ok(match operation {
            "CreateStateMachine" => json!({"stateMachineArn": parameters["definition"]}),
            "StartExecution" => json!({"executionArn": parameters["input"]}),
            "DeleteStateMachine" => json!({}),
            _ => {
                let output = parameters["executionArn"].as_str().unwrap();
                json!({"status": "SUCCEEDED", "output": output.replace('2', "7").replace('3', "8")})
            }
        })
    });
    let Outcome::Failed { failures } = verdicts.lenient else {
        panic!("{verdicts:?}")
    };
    let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        ["row 1 /x: expected 2, got 7", "row 2 /x: expected 3, got 8"]
    );
    let created = log
        .iter()
        .filter(|(operation, _)| operation == "CreateStateMachine");
    let kinds: Vec<_> = created
        .map(|(_, parameters)| parameters["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["EXPRESS", "EXPRESS"],
        "one machine for each definition"
    );
}

/// An engine that answers `scripts/calls`, where the list is complete at the third look.
fn scripted(message: &'static str) -> impl Fn(&str, &Value) -> Result<Value, CallError> {
    let looks = RefCell::new(0);
    move |operation: &str, parameters: &Value| {
        Ok(match operation {
            "CreateActivity" => json!({"activityArn": "arn:act"}),
            "CreateStateMachine" => return Err(refused("InvalidArn", message)),
            "StartExecution" => {
                assert_eq!(
                    *parameters,
                    json!({"stateMachineArn": "arn:act", "input": "{\"a\": [1, 2]}"})
                );
                json!({"executionArn": "arn:e"})
            }
            "GetExecutionHistory" => json!({"events": [{}]}),
            "DescribeExecution" => json!({"status": "SUCCEEDED"}),
            "ListExecutions" => {
                *looks.borrow_mut() += 1;
                match *looks.borrow() {
                    1 => json!({"executions": []}),
                    2 => json!({"executions": [{"executionArn": "arn:e", "status": "SUCCEEDED"}]}),
                    _ => {
                        json!({"executions": [{"executionArn": "arn:e", "status": "SUCCEEDED"}, {}]})
                    }
                }
            }
            _ => json!({}),
        })
    }
}

#[test]
fn scripts_call_wait_and_poll() {
    let (verdicts, log) = replay("scripts/calls", &[], scripted("no role"));
    assert_eq!(verdicts.lenient, Outcome::Passed);
    assert_eq!(
        first_difference(&verdicts.strict),
        r#"s2 CreateStateMachine /refusal: expected "An error occurred (InvalidArn) when calling the CreateStateMachine operation: another text", got "An error occurred (InvalidArn) when calling the CreateStateMachine operation: no role""#,
    );
    assert_eq!(
        log.iter()
            .filter(|(operation, _)| operation == "ListExecutions")
            .count(),
        3
    );
    assert_eq!(log.last().unwrap().0, "DeleteActivity");
}

#[test]
fn scripts_stop_at_a_wrong_answer() {
    let answer = |operation: &str, parameters: &Value| match operation {
        "CreateStateMachine" => Ok(json!({"stateMachineArn": "arn:m"})),
        _ => scripted("no role")(operation, parameters),
    };
    let (verdicts, _) = replay("scripts/calls", &[], answer);
    let reason = first_difference(&verdicts.lenient);
    assert!(
        reason.starts_with("s2 CreateStateMachine /missing/role/Error: "),
        "{reason}"
    );

    let answer = |operation: &str, parameters: &Value| match operation {
        "CreateActivity" => Err(refused("InvalidName", "bad name")),
        _ => scripted("no role")(operation, parameters),
    };
    let (verdicts, _) = replay("scripts/calls", &[], answer);
    let reason = first_difference(&verdicts.lenient);
    assert_eq!(
        reason,
        r#"s1 CreateActivity: expected success, got {"Code":"InvalidName","Message":"bad name"}"#
    );

    let answer = |operation: &str, parameters: &Value| match operation {
        "DescribeExecution" => Ok(json!({"status": "FAILED", "error": "E"})),
        _ => scripted("no role")(operation, parameters),
    };
    let (verdicts, _) = replay("scripts/calls", &[], answer);
    assert_eq!(
        first_difference(&verdicts.lenient),
        r#"await: the execution ended FAILED "E" null"#
    );
}

#[test]
fn mock_configurations_are_set_with_their_placeholders() {
    let (verdicts, log) = replay(
        "basics/mocked",
        &["mock-config"],
        |operation, parameters| {
            Ok(match operation {
                "CreateStateMachine" => json!({"stateMachineArn": parameters["name"]}),
                _ => json!({}),
            })
        },
    );
    assert_eq!(verdicts.strict, Outcome::Passed);
    let name = log[1].1["name"].as_str().unwrap();
    assert_eq!(
        log[0],
        (
            "set_mock_config".to_owned(),
            json!({"StateMachines": {name: {}}})
        )
    );
    assert_eq!(log[2].1["stateMachineArn"], format!("{name}#Test"));
}

#[test]
fn what_the_target_lacks_is_skipped() {
    let skipped = |needs: &[&str]| Outcome::Skipped {
        needs: needs.iter().map(ToString::to_string).collect(),
    };
    let nothing = |_: &str, _: &Value| -> Result<Value, CallError> { panic!("nothing is called") };
    assert_eq!(
        replay("basics/execution", &[], nothing).0.lenient,
        skipped(&["lambda"])
    );
    assert_eq!(
        replay("scripts/queue", &[], nothing).0.strict,
        skipped(&["sqs"])
    );
    assert_eq!(
        replay("machines/list", &[], nothing).0.lenient,
        skipped(&["distributed-map", "operation ListStateMachines"])
    );
    // A target that claims a service but cannot call it skips when it comes to it.
    assert_eq!(
        replay("scripts/queue", &["sqs"], nothing).0.lenient,
        skipped(&["sqs CreateQueue"])
    );
}

#[test]
fn scope_is_what_needs_neither_other_services_nor_distributed_maps() {
    for (name, in_scope) in [
        ("basics/execution", true),
        ("basics/mocked", true),
        ("basics/table", true),
        ("scripts/queue", false),
        ("machines/list", false),
    ] {
        assert_eq!(case(name).in_scope(), in_scope, "{name}");
    }
    assert!(case("machines/list").wants_account_alone());
    assert!(load(&root(), &["no such case".to_owned()]).is_err());
}

fn all_results() -> Vec<CaseResult> {
    let cases = load(&root(), &[]).unwrap();
    let targets = |case: &Case| -> std::io::Result<Box<dyn Target>> {
        let log = Log::default();
        let target: Box<dyn Target> = match case.id.as_str() {
            "scripts::calls" => Box::new(Fake {
                answer: scripted("no role"),
                log,
                supported: &[],
            }),
            "basics::table" => Box::new(Fake {
                answer: |_: &str, _: &Value| -> Result<Value, CallError> {
                    panic!("broken | engine")
                },
                log,
                supported: &[],
            }),
            _ => Box::new(Fake {
                answer: echo("because"),
                log,
                supported: &["lambda"],
            }),
        };
        Ok(target)
    };
    run_all(&cases, &targets, &options(), 3, &|_| {})
}

#[test]
fn all_cases_are_reported_by_area() {
    let results = all_results();
    let ids: Vec<&str> = results.iter().map(|result| result.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "api::list",
            "basics::execution",
            "basics::mocked",
            "basics::table",
            "scripts::calls",
            "scripts::queue"
        ]
    );
    let score = Score::of(&results);
    assert_eq!(
        score,
        Score {
            cases: 6,
            strict: 1,
            lenient: 2,
            skipped: 3
        }
    );
    assert_eq!(summary(&score, true), "1 passed, 2 failed, 3 skipped");
    let text = to_text(&results, false, false);
    assert!(
        text.ends_with("\n2 passed, 1 failed, 3 skipped\n"),
        "{text}"
    );
    assert!(
        text.contains("failed   basics  basics::table: target: panicked: broken | engine\n"),
        "{text}"
    );
    assert!(
        text.contains("skipped  scripts  scripts::queue: needs sqs\n"),
        "{text}"
    );
    assert!(to_text(&results, true, true).contains("    s2 CreateStateMachine /refusal: "));
}

#[test]
fn the_page_says_what_passes_and_why_not() {
    let page = to_markdown(&all_results(), "the command");
    for line in [
        "    the command",
        "In scope: 1 of 4 cases pass strictly, 2 leniently. All: 1 of 6 strictly, 2 leniently; 3 skipped.",
        "| basics | 3 | 1 | 1 | 1 | 3 | 1 | 1 |",
        "| scripts | 2 | 0 | 1 | 1 | 1 | 0 | 1 |",
        "| **all** | 6 | 1 | 2 | 3 | 4 | 1 | 2 |",
        "* basics `basics::mocked`: `needs mock-config`",
        "* scripts `scripts::calls`: not explained yet. `s2 CreateStateMachine /refusal: differs, got \"An error occurred (InvalidArn) when calling the CreateStateMachine operation: no role\"`",
        "* basics `basics::table`: not explained yet. `target: panicked: broken | engine`",
        "| distributed-map, operation ListStateMachines | 1 |",
        "| sqs | 1 |",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line}\n---\n{page}"
        );
    }
    assert!(
        !page.contains("`scripts::queue`"),
        "what is out of scope is only counted"
    );
}
