//! Synthesis: a program that writes an assembly, from its start to its end.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use stepmill_constructs::prelude::*;

use crate::measure::Figure;

const MACHINES: usize = 50;
const TASKS: usize = 20;
/// How often the program is run: what disturbs only makes it slower.
const RUNS: usize = 50;

/// The time that the whole process takes, started as people start it.
pub(crate) fn whole_process() -> Result<Figure, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let directory = env::temp_dir().join(format!("stepmill-bench-{}", std::process::id()));
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let started = Instant::now();
        let status = Command::new(&program)
            .arg("synthesize")
            .arg(&directory)
            .status();
        best = best.min(started.elapsed());
        if !status.is_ok_and(|status| status.success()) {
            return Err("the program that synthesizes has failed".to_owned());
        }
    }
    let mut outcome = Ok(());
    let allocated = allocation_counter::measure(|| outcome = synthesize(&directory));
    outcome?;
    let removed = fs::remove_dir_all(&directory);
    removed.map_err(|error| format!("cannot remove {}: {error}", directory.display()))?;
    #[allow(clippy::cast_precision_loss)]
    let allocations = allocated.count_total as f64;
    Ok(Figure {
        name: format!("Synthesize a stack of {MACHINES} machines with {TASKS} tasks each to disk"),
        per_second: 1.0 / best.as_secs_f64(),
        unit: "processes",
        allocations,
    })
}

/// Writes the assembly of a stack with many machines.
pub(crate) fn synthesize(directory: &Path) -> Result<(), String> {
    let app = App::new();
    let stack = Stack::new(&app, "Bench");
    for number in 0..MACHINES {
        machine(&stack, number);
    }
    let assembly = app.synth(directory).map_err(|errors| errors.to_string())?;
    match assembly.definitions().len() {
        MACHINES => Ok(()),
        other => Err(format!("{other} machines instead of {MACHINES}")),
    }
}

fn machine(stack: &Stack, number: usize) {
    let code = Code::from_inline("exports.handler = async (event) => event;");
    let id = format!("Function{number}");
    let function = Function::new(stack, &id, &Runtime::NODEJS_22_X, "index.handler", code);
    let queue = Queue::new(stack, &format!("Queue{number}"));
    let scope = stack.child(&format!("Workflow{number}"));
    let first = Pass::new(&scope, "Begin").build();
    let chain = (0..TASKS).fold(Chain::start(first), |chain, task| {
        let id = format!("Task {task}");
        if task % 2 == 0 {
            let payload = object! { "order": JsonPath::string_at("$.order"), "task": task };
            let invoke = LambdaInvoke::new(&scope, &id, &function)
                .payload(TaskInput::from_object(payload))
                .result_path("$.result");
            chain.next(invoke)
        } else {
            let message = TaskInput::from_json_path_at("$.result.Payload");
            let send = SqsSendMessage::new(&scope, &id, &queue, message)
                .retry(Retry::all().max_attempts(3))
                .result_path(JsonPath::DISCARD);
            chain.next(send)
        }
    });
    StateMachine::new(&scope, "Machine", chain);
}
