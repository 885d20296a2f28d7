#![no_main]

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use stepmill_fuzz::interpreter::scenario::{Event, MACHINES, Scenario, Step, Which, run};

/// Shown by `cargo fuzz fmt decide FILE` as the JSON that a regression test takes.
struct Input(Scenario);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let limit = |u: &mut Unstructured<'a>, most: usize| {
            Ok(if u.ratio(1, 4)? {
                u.int_in_range(1..=most)?
            } else {
                most
            })
        };
        let history = limit(u, 150)?;
        Ok(Self(Scenario {
            machine: u.choose(MACHINES)?.0.to_owned(),
            express: u.arbitrary()?,
            history_events: u.ratio(7, 8)?.then_some(history as u64),
            payload_bytes: limit(u, 5_000)?,
            variables_bytes: limit(u, 100_000)?,
            turn_steps: limit(u, 30)?,
            steps: steps(u)?,
        }))
    }
}

fn steps(u: &mut Unstructured<'_>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    if u.ratio(15, 16)? {
        let event = Event::Start(input(u)?);
        steps.push(Step {
            after: 0,
            seed: 0,
            event,
        });
    }
    while !u.is_empty() && steps.len() < 200 {
        let after = match u.int_in_range(0..=7)? {
            0 => u.arbitrary()?,
            1..=4 => u.int_in_range(-1_000..=30_000)?,
            _ => 0,
        };
        let seed = u.arbitrary::<u8>()?.into();
        steps.push(Step {
            after,
            seed,
            event: event(u)?,
        });
    }
    Ok(steps)
}

fn event(u: &mut Unstructured<'_>) -> Result<Event> {
    Ok(match u.int_in_range(0..=31)? {
        0 => Event::Start(input(u)?),
        1..=3 => Event::Continue,
        4..=6 => Event::Clock,
        7..=11 => Event::Due,
        12..=14 => Event::Started(which(u)?, u.arbitrary()?),
        15 => Event::Submitted(which(u)?, value(u, 3)?),
        16..=22 => Event::Succeeded(which(u)?, value(u, 3)?),
        23..=28 => Event::Failed(which(u)?, error(u)?, u.arbitrary()?),
        29 => Event::Heartbeat(which(u)?),
        30 => match u.int_in_range(0..=7)? {
            0 => Event::Stop(error(u)?, u.arbitrary()?),
            1 => Event::Impossible(which(u)?, u.arbitrary()?),
            2..=4 => Event::Redrive,
            _ => Event::Heartbeat(which(u)?),
        },
        _ if u.arbitrary()? => Event::SucceededDeep(which(u)?, u.int_in_range(90..=140)?),
        _ => Event::SubmittedDeep(which(u)?, u.int_in_range(90..=140)?),
    })
}

fn which(u: &mut Unstructured<'_>) -> Result<Which> {
    Ok(if u.ratio(15, 16)? {
        Which::Running(u.arbitrary()?)
    } else {
        Which::Id(u.arbitrary()?)
    })
}

fn error(u: &mut Unstructured<'_>) -> Result<Option<String>> {
    let names = [
        "Often",
        "Broken",
        "Odd",
        "Cell",
        "States.Timeout",
        "States.Runtime",
        "States.ALL",
    ];
    Ok(match u.int_in_range(0..=9)? {
        0 => None,
        1 => Some(u.arbitrary()?),
        n => names
            .get(n - 2)
            .or(names.first())
            .map(|name| (*name).to_owned()),
    })
}

/// Mostly what the machines read, sometimes anything.
fn input(u: &mut Unstructured<'_>) -> Result<String> {
    if u.ratio(1, 16)? {
        let any = if u.arbitrary()? {
            value(u, 4)?
        } else {
            nested(u)?
        };
        return Ok(any.to_string());
    }
    let items = match u.int_in_range(0..=5)? {
        0 => value(u, 3)?,
        1 => json!([[1, 2, 3], [], 4, null]),
        2 => json!([[{"odd": true}, 2], 1]),
        3 => Value::Array((0..u.int_in_range(0..=60)?).map(Value::from).collect()),
        _ => json!([{"odd": false}, {"timeout": 3}, 7]),
    };
    let mut number = |usual: i64| -> Result<Value> {
        if u.ratio(1, 8)? {
            value(u, 1)
        } else {
            Ok(json!(usual))
        }
    };
    let input = json!({
        "items": items,
        "n": number(2)?,
        "timeout": number(30)?,
        "heartbeat": number(10)?,
        "seconds": number(3)?,
        "until": number(0).map(|n| if n == 0 { json!("1970-01-01T00:01:00Z") } else { n })?,
        "both": "ab",
    });
    Ok(if u.arbitrary()? {
        format!(" {input:#}\n")
    } else {
        input.to_string()
    })
}

fn value(u: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 6 } else { 8 })? {
        0 => Value::Null,
        1 => json!(u.arbitrary::<bool>()?),
        2 => json!(u.arbitrary::<i64>()?),
        3 => json!(u.arbitrary::<f64>()?),
        4 => json!(u.arbitrary::<i8>()?),
        5 => json!(u.arbitrary::<u64>()?),
        6 => json!(u.arbitrary::<String>()?),
        7 => {
            let length = u.int_in_range(0..=4)?;
            Value::Array(
                (0..length)
                    .map(|_| value(u, depth - 1))
                    .collect::<Result<_>>()?,
            )
        }
        _ => {
            let mut object = Map::new();
            for _ in 0..u.int_in_range(0..=4)? {
                let names = ["items", "n", "odd", "Payload", "value", "timeout", "error"];
                let name = if u.ratio(1, 8)? {
                    u.arbitrary()?
                } else {
                    (*u.choose(&names)?).to_owned()
                };
                object.insert(name, value(u, depth - 1)?);
            }
            Value::Object(object)
        }
    })
}

/// As deep as JSON may be, or nearly so.
fn nested(u: &mut Unstructured<'_>) -> Result<Value> {
    let depth = u.int_in_range(100..=127)?;
    Ok((0..depth).fold(json!(1), |inner, _| json!([inner])))
}

fuzz_target!(
    // As for JSONata: the evaluation contains the engine's panics.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |input: Input| run(&input.0)
);
