//! The liberties that recorded histories need: events of parallel branches without an order, and
//! what a distributed map's `MapStateExited` points at.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use crate::compare::{Context, Difference, difference, length_differences, overview};

const MAP_RUN_ENDS: [&str; 2] = ["MapRunStarted", "MapRunSucceeded"];

const PARALLEL_ENDS: [&str; 4] = [
    "ParallelStateSucceeded",
    "ParallelStateAborted",
    "ParallelStateExited",
    "ParallelStateFailed",
];

/// `actual`, where a `MapStateExited` that points at the start or the success of its map run is
/// made to point where the recording does.
///
/// Observed on AWS: it pointed at `MapRunSucceeded` until 2024-08 and at `MapRunStarted` from
/// 2024-11 on, and recordings of both kinds exist.
pub(crate) fn with_recorded_map_exits<'a>(
    expected: &[Value],
    actual: &'a [Value],
) -> Cow<'a, [Value]> {
    let exits = |(index, (came, wanted)): (usize, (&Value, &Value))| {
        (kind(came) == Some("MapStateExited") && kind(wanted) == Some("MapStateExited"))
            .then_some(index)
    };
    let exits: Vec<usize> = actual
        .iter()
        .zip(expected)
        .enumerate()
        .filter_map(exits)
        .collect();
    if exits.is_empty() {
        return Cow::Borrowed(actual);
    }
    let (kinds_came, kinds_wanted) = (kinds_by_id(actual), kinds_by_id(expected));
    let mut list = actual.to_vec();
    for index in exits {
        let points_at_run = |event: &Value, kinds: &HashMap<i64, &str>| {
            event
                .get("previousEventId")
                .and_then(Value::as_i64)
                .and_then(|id| kinds.get(&id))
                .is_some_and(|kind| MAP_RUN_ENDS.contains(kind))
        };
        let wanted = &expected[index];
        if points_at_run(&actual[index], &kinds_came) && points_at_run(wanted, &kinds_wanted) {
            list[index]["previousEventId"] = wanted["previousEventId"].clone();
        }
    }
    Cow::Owned(list)
}

/// Compares histories whose events between `ParallelStateStarted` and the state's end have no
/// order: there `id` was recorded as `[0]` and `previousEventId` as `0`, and a
/// `ParallelStateSucceeded` or `ParallelStateFailed` that a `ParallelStateExited` follows was lost:
/// the gap before the exit's `id`, and its `previousEventId`, show that it was there.
pub(crate) fn compare_unordered(
    context: &mut Context,
    expected: &[Value],
    actual: &[Value],
    path: &str,
    found: &mut Vec<Difference>,
) {
    let actual = without_branch_order(actual);
    if expected.len() != actual.len() {
        found.extend(length_differences(
            path,
            [expected.len(), actual.len()],
            [
                overview(expected, usize::MAX),
                overview(&actual, usize::MAX),
            ],
        ));
        return;
    }
    let mut at = 0;
    while at < expected.len() {
        let pool = expected[at..]
            .iter()
            .take_while(|event| is_unordered(event))
            .count();
        if pool == 0 {
            context.compare(&expected[at], &actual[at], &format!("{path}/{at}"), found);
            at += 1;
        } else {
            let end = at + pool;
            match_pool(context, &expected[at..end], &actual[at..end], path, found);
            at = end;
        }
    }
}

fn is_unordered(event: &Value) -> bool {
    event.get("id").is_some_and(|id| *id == json!([0]))
}

fn without_branch_order(events: &[Value]) -> Vec<Value> {
    let mut clean = Vec::with_capacity(events.len());
    let mut inside = false;
    for (index, event) in events.iter().enumerate() {
        let next = events.get(index + 1).and_then(kind);
        if inside
            && matches!(
                kind(event),
                Some("ParallelStateSucceeded" | "ParallelStateFailed")
            )
            && next == Some("ParallelStateExited")
        {
            continue;
        }
        let mut event = event.clone();
        match kind(&event) {
            Some(end) if PARALLEL_ENDS.contains(&end) => inside = false,
            Some("ParallelStateStarted") => inside = true,
            _ if inside => {
                if let Some(members) = event.as_object_mut() {
                    members.insert("id".to_owned(), json!([0]));
                    members.insert("previousEventId".to_owned(), json!(0));
                }
            }
            _ => {}
        }
        clean.push(event);
    }
    clean
}

/// Each expected event takes the first actual one that agrees with it.
fn match_pool(
    context: &mut Context,
    expected: &[Value],
    actual: &[Value],
    path: &str,
    found: &mut Vec<Difference>,
) {
    let place = format!("{path}/*");
    let mut rest: Vec<&Value> = actual.iter().collect();
    for wanted in expected {
        let taken = rest.iter().position(|event| {
            let saved = context.save();
            let agrees = context.differences(wanted, event, &place).is_empty();
            if !agrees {
                context.restore(saved);
            }
            agrees
        });
        match taken {
            Some(index) => {
                rest.remove(index);
            }
            None => found.push(difference(place.clone(), wanted, &json!("(no such event)"))),
        }
    }
}

fn kind(event: &Value) -> Option<&str> {
    event.get("type")?.as_str()
}

fn kinds_by_id(events: &[Value]) -> HashMap<i64, &str> {
    events
        .iter()
        .filter_map(|event| Some((event.get("id")?.as_i64()?, kind(event)?)))
        .collect()
}
