//! Task tokens.

use serde_json::json;
use stepmill_asl::{TokenKey, World};
use stepmill_interpreter::{
    Effect, EventId, Execution, Happened, Limits, Payload, TaskToken, TokenState, decide,
};

use crate::world::{identity, machine, start_time};

const DEFINITION: &str = r#"{"StartAt": "A", "States": {"A": {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"q.$": "$$.Task.Token"},
    "End": true
}}}"#;

fn started(key: u8, number: u64, name: &str) -> (Execution, EventId, String) {
    let machine = machine(&serde_json::from_str(DEFINITION).unwrap(), false).unwrap();
    let mut identity = identity(false);
    identity.number = number;
    identity.execution_arn.push_str(name);
    let mut execution = Execution::new(identity);
    let world = World::with_key(start_time(), 1, TokenKey::new([key; TokenKey::BYTES]));
    let start = Happened::Start(Payload::from(json!({})));
    let turn = decide(&machine, &mut execution, start, &world, &Limits::STANDARD);
    let Some(Effect::RunTask(order)) = turn.effects.into_iter().next() else {
        panic!("no task");
    };
    let token = order.token.unwrap().to_string();
    assert_eq!(order.input.value(), &json!({ "q": token }), "$$.Task.Token");
    (execution, order.task, token)
}

#[test]
fn a_token_says_where_it_belongs() {
    let (execution, task, token) = started(1, 0x0102_0304_0506_0708, "");
    let named = TaskToken {
        execution: 0x0102_0304_0506_0708,
        task,
    };
    assert_eq!(TaskToken::parse(&token), Some(named));
    assert_eq!(execution.holds_token(task, &token), TokenState::Running);
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
}

/// Whoever knows one token, the form of tokens and any key but the right one makes no other.
#[test]
fn tokens_differ_by_key_number_and_arn() {
    let (execution, task, token) = started(1, 7, "");
    let others = [started(2, 7, ""), started(1, 8, ""), started(1, 7, "x")];
    for (_, other_task, other) in others {
        assert_eq!(task, other_task);
        // The code at the token's end, whole groups of characters of it.
        assert_ne!(token[24..], other[24..]);
        assert_eq!(execution.holds_token(task, &other), TokenState::Unknown);
    }
}

#[test]
fn what_is_no_token_is_unknown() {
    let (execution, task, token) = started(1, 7, "");
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            execution.holds_token(task, &changed),
            TokenState::Unknown,
            "{changed}"
        );
    }
    let longer = format!("{token}A");
    let padded = format!("{token}=");
    for text in [
        "",
        "A",
        "é",
        &token[1..],
        &longer,
        &padded,
        &"A".repeat(1 << 20),
    ] {
        assert_eq!(TaskToken::parse(text), None);
        assert_eq!(execution.holds_token(task, text), TokenState::Unknown);
    }
    for task in [0, task - 1, task + 1, u64::MAX] {
        assert_eq!(execution.holds_token(task, &token), TokenState::Unknown);
    }
}

#[test]
fn a_key_does_not_show() {
    let key = TokenKey::new([0xAB; TokenKey::BYTES]);
    assert_eq!(format!("{key:?}"), "TokenKey");
}
