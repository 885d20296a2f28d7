//! Metrics.

use serde_json::json;
use stepmill_engine::{Metrics, MetricsConfig};

use crate::world::{expect, run};

fn metrics(max_series: usize) -> Metrics {
    Metrics::new(&MetricsConfig { max_series })
}

/// The lines of a metric.
fn lines<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let of = |line: &&str| line.split(['{', ' ']).next() == Some(name);
    text.lines().filter(of).collect()
}

#[test]
fn executions_and_tasks_are_counted_and_timed() {
    let definition = json!({"StartAt": "Call", "States": {
        "Call": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "Retry": [{"ErrorEquals": ["Busy"]}], "Next": "Ask"},
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:111122223333:activity:a",
            "HeartbeatSeconds": 5, "TimeoutSeconds": 60,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Send"}], "Next": "Send"},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}
    }});
    let metrics = metrics(10);
    let tasks = |ask: serde_json::Value, send: serde_json::Value| {
        json!({
            "Call": [{"fail": {"Error": "Busy"}}, {"succeed": 1}],
            "Ask": [ask],
            "Send": [send]
        })
    };
    let succeeds = json!({"succeed": 1});
    for (tasks, then) in [
        (
            tasks(json!({"worker": "w", "succeed": 1}), succeeds.clone()),
            json!([]),
        ),
        (tasks(json!({"worker": "w"}), succeeds.clone()), json!([])),
        (
            tasks(succeeds.clone(), json!({"fail": {"Error": "E"}})),
            json!(["redrive"]),
        ),
        (tasks(succeeds, json!("never")), json!(["stop"])),
    ] {
        let case = json!({"definition": definition, "tasks": tasks, "then": then});
        run(&case, "m\"1", "e").tell(&metrics);
    }
    let express = json!({"definition": {"StartAt": "W", "TimeoutSeconds": 1, "States": {
        "W": {"Type": "Wait", "Seconds": 2, "End": true}
    }}, "express": true});
    run(&express, "x", "e").tell(&metrics);
    metrics.add(
        "aws_states_open_execution_count",
        "Standard executions that run.",
        || 7,
    );
    metrics.add(
        "stepmill_log_events_lost_total",
        "Log events that were lost.",
        || 3,
    );
    expect("metrics.txt", &metrics.render());
}

#[test]
fn turns_that_are_kept_together_count_alike() {
    let case = json!({"definition": {"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f", "End": true}
    }}, "tasks": {"T": [{"fail": {"Error": "E"}}, {"succeed": 1}]}, "then": ["redrive"]});
    let ran = run(&case, "m", "e");
    let (apart, together) = (metrics(10), metrics(10));
    ran.tell(&apart);
    ran.tell_at_once(&together);
    assert_eq!(apart.render(), together.render());
    assert_eq!(
        lines(
            &apart.render(),
            "aws_states_redriven_executions_succeeded_total"
        )
        .len(),
        1
    );
}

#[test]
fn there_are_no_more_series_than_allowed() {
    let metrics = metrics(2);
    let definition = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}});
    // Names whose revisions have different numbers.
    for machine in ["a", "b", "c", "d", "a", "c"] {
        run(&json!({"definition": definition}), machine, "e").tell(&metrics);
    }
    let text = metrics.render();
    let counted: Vec<_> = lines(&text, "aws_states_executions_succeeded_total")
        .into_iter()
        .map(|line| line.rsplit_once(':').map_or(line, |(_, end)| end))
        .collect();
    assert_eq!(
        counted,
        [
            "a\"} 2",
            "b\"} 1",
            "aws_states_executions_succeeded_total{state_machine_arn=\"other\"} 3"
        ]
    );
}

#[test]
fn an_execution_that_ends_leaves_no_task_behind() {
    // The same execution and thread run a task again, after a stop in which the first one was lost.
    let case = json!({"definition": {"StartAt": "T", "States": {
        "T": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f", "End": true}
    }}, "tasks": {"T": ["never"]}, "then": ["stop", "redrive", "stop"]});
    let metrics = metrics(10);
    run(&case, "m", "e").tell(&metrics);
    let text = metrics.render();
    assert_eq!(
        lines(&text, "aws_states_lambda_function_time_seconds_count").len(),
        1
    );
    assert!(lines(&text, "aws_states_lambda_function_time_seconds_count")[0].ends_with(" 0"));
    assert!(lines(&text, "aws_states_lambda_functions_scheduled_total")[0].ends_with(" 2"));
}
