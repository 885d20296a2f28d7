//! What holds of redrives.

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;
use stepmill_interpreter::{
    Execution, Fact, Happened, Limits, NotRedrivable, Payload, Reason, Redrivability, TaskOrder,
    decide,
};

use crate::properties::{ACTIVITY, Errors, Piece, Writer, pieces, setting, without_chance};
use crate::world::{Reply, Run, Setting, Step, check, identity, machine, start_time};

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    /// An execution that is redriven whenever a task has failed ends as it would have without any
    /// failure, and no task that has succeeded is run again.
    #[test]
    fn redriven_to_the_end(
        pieces in pieces(false),
        failing in proptest::collection::vec(any::<bool>(), 1..8),
    ) {
        let pieces = uncaught(without_chance(pieces));
        let machine = machine(&Writer::definition(false, &pieces), false).unwrap();
        let run = |failing: &[bool]| {
            let mut call = 0;
            let answer = |order: &TaskOrder| {
                let fails = failing.get(call) == Some(&true);
                call += 1;
                answer(order, fails)
            };
            let mut setting = setting(None, None);
            setting.redrives = vec![SignedDuration::from_secs(1); failing.len()];
            Run::complete(&machine, &setting, answer, |_| 0)
        };
        let (broken, whole) = (run(&failing), run(&[]));
        check(&broken);
        prop_assert_eq!(broken.execution.status(), whole.execution.status());
        let succeeded = |run: &Run| {
            let succeeded = |fact: &Fact| matches!(fact, Fact::TaskSucceeded { .. });
            run.records().filter(|record| succeeded(&record.fact)).count()
        };
        prop_assert_eq!(succeeded(&broken), succeeded(&whole));
    }
}

fn answer(order: &TaskOrder, fails: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if &**order.resource.arn() == ACTIVITY {
        let reply = Reply::Start(None);
        steps.push(Step {
            after: SignedDuration::ZERO,
            reply,
        });
    }
    let reply = if fails {
        Reply::Fail(Reason {
            error: Some("E2".into()),
            cause: None,
        })
    } else {
        Reply::Succeed(json!({ "v": order.input.value() }))
    };
    steps.push(Step {
        after: SignedDuration::from_secs(1),
        reply,
    });
    steps
}

/// The same without catchers.
fn uncaught(pieces: Vec<Piece>) -> Vec<Piece> {
    let none = |mut errors: Errors| {
        errors.catch = false;
        errors
    };
    let uncaught = |piece| match piece {
        Piece::Task(mut task) => {
            task.errors.catch = false;
            Piece::Task(task)
        }
        Piece::Parallel { branches, errors } => Piece::Parallel {
            branches: branches.into_iter().map(uncaught).collect(),
            errors: none(errors),
        },
        Piece::Map {
            body,
            concurrency,
            selector,
            errors,
        } => Piece::Map {
            body: uncaught(body),
            concurrency,
            selector,
            errors: none(errors),
        },
        other => other,
    };
    pieces.into_iter().map(uncaught).collect()
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn who_may_be_redriven() {
    let failed = Redrivability {
        express: false,
        succeeded: false,
        started: start_time(),
        ended: Some(start_time() + HOUR),
        events: 24_998,
    };
    let check = |about: Redrivability, after| {
        about
            .check(start_time() + after, &Limits::STANDARD)
            .map_err(|reason| reason.to_string())
    };
    let no = |reason: NotRedrivable| Err(reason.to_string());
    assert_eq!(check(failed, HOUR), Ok(()));
    assert_eq!(check(failed, HOUR + DAY * 14), Ok(()));
    assert_eq!(
        check(failed, HOUR * 2 + DAY * 14),
        no(NotRedrivable::Period)
    );
    let ended = Some(start_time() + DAY * 360);
    let long = Redrivability { ended, ..failed };
    assert_eq!(check(long, DAY * 365), Ok(()));
    assert_eq!(check(long, DAY * 366), no(NotRedrivable::MaxTime));
    let events = 24_999;
    let full = Redrivability { events, ..failed };
    assert_eq!(check(full, HOUR), no(NotRedrivable::HistoryLimit));
    let express = Redrivability {
        express: true,
        ..failed
    };
    assert_eq!(check(express, HOUR), no(NotRedrivable::Express));
    let succeeded = Redrivability {
        succeeded: true,
        ..failed
    };
    assert_eq!(
        check(succeeded, HOUR),
        Err("Execution is SUCCEEDED and cannot be redriven".to_owned())
    );
    let running = Redrivability {
        ended: None,
        ..failed
    };
    assert_eq!(
        check(running, HOUR),
        Err("Execution is RUNNING and cannot be redriven".to_owned())
    );
}

/// A redrive of what cannot be redriven decides nothing.
#[test]
fn what_may_not_be_redriven_is_not() {
    let wait = json!({"StartAt": "A", "States": {
        "A": {"Type": "Wait", "Seconds": 9, "Next": "B"}, "B": {"Type": "Fail"}}});
    for express in [true, false] {
        let machine = machine(&wait, express).unwrap();
        let mut setting = Setting::new(&json!({}));
        setting.express = express;
        let mut execution = Execution::new(identity(express));
        let mut turn = |after: SignedDuration, happened| {
            let world = stepmill_asl::World::new(start_time() + after, 1);
            decide(&machine, &mut execution, happened, &world, &setting.limits)
        };
        let nothing = |turn: stepmill_interpreter::Turn| {
            assert!(turn.records.is_empty() && turn.effects.is_empty());
        };
        nothing(turn(SignedDuration::ZERO, Happened::Redrive));
        turn(
            SignedDuration::ZERO,
            Happened::Start(Payload::from(json!({}))),
        );
        nothing(turn(SignedDuration::ZERO, Happened::Redrive));
        turn(HOUR, Happened::Clock);
        nothing(turn(DAY * 15, Happened::Redrive));
        let redriven = turn(HOUR, Happened::Redrive);
        assert_eq!(redriven.records.is_empty(), express);
    }
}
