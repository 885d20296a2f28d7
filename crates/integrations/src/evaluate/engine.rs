//! One evaluation, from the event to how it ended.

use std::cell::Cell;
use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::{Context, Ctx, Error, FromJs, Function, Object, Promise, Runtime, Value};
use serde_json::json;

use super::{Evaluation, MAX_LOG, MAX_MEMORY, MAX_STACK, Outcome};

const RUNTIME: &str = include_str!("runtime.js");
const LOCALE: &str = include_str!("locale.js");

/// Where Lambda has the runtime's file and the handler's, as stacks show them.
const RUNTIME_FILE: &str = "/var/runtime/index.mjs";
const HANDLER_FILE: &str = "/var/task/index.js";

/// What an interpreter says when it may have no more memory.
const OUT_OF_MEMORY: &str = "out of memory";

/// What Lambda's runtime says if a promise that it waits for can never be settled.
const NEVER_SETTLED: &str = "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes";

/// Looks at the time, and remembers that it was over.
struct Watch<F> {
    is_over: F,
    seen: Cell<bool>,
}

impl<F: Fn() -> bool> Watch<F> {
    fn is_over(&self) -> bool {
        let over = self.seen.get() || (self.is_over)();
        self.seen.set(over);
        over
    }
}

/// Evaluates; `is_over` says when there is no more time.
pub(super) fn run(
    evaluation: &Evaluation,
    is_over: impl Fn() -> bool + 'static,
    log: impl Fn(String) + 'static,
) -> Outcome {
    let seen = Cell::new(false);
    let watch = Rc::new(Watch { is_over, seen });
    let ended = interpreter(evaluation, &watch)
        .and_then(|context| context.with(|context| answer(&context, evaluation, &watch, log)));
    match ended {
        _ if watch.seen.get() => Outcome::TimedOut,
        Ok(outcome) => outcome,
        Err(Error::Allocation) => Outcome::OutOfMemory,
        Err(_) => Outcome::Exited,
    }
}

/// An interpreter with its bounds, and nothing run in it yet.
fn interpreter(
    evaluation: &Evaluation,
    watch: &Rc<Watch<impl Fn() -> bool + 'static>>,
) -> Result<Context, Error> {
    let runtime = Runtime::new()?;
    let memory = usize::try_from(evaluation.memory).unwrap_or(usize::MAX);
    runtime.set_memory_limit(memory.saturating_mul(1024 * 1024).min(MAX_MEMORY));
    runtime.set_max_stack_size(MAX_STACK);
    let watch = Rc::clone(watch);
    runtime.set_interrupt_handler(Some(Box::new(move || watch.is_over())));
    Context::full(&runtime)
}

fn answer(
    context: &Ctx<'_>,
    evaluation: &Evaluation,
    watch: &Watch<impl Fn() -> bool>,
    log: impl Fn(String) + 'static,
) -> Result<Outcome, Error> {
    let locale: Function = script(context, LOCALE, RUNTIME_FILE)?;
    locale.call::<_, ()>(())?;
    let runtime: Function = script(context, RUNTIME, RUNTIME_FILE)?;
    let load = Function::new(context.clone(), load)?;
    let runtime: Object = runtime.call((log_of(context, log)?, load, RUNTIME_FILE))?;
    match result(context, evaluation, watch, &runtime) {
        Ok(answer) => Ok(Outcome::Answer(answer)),
        Err(Error::Exception) => {
            let thrown = context.catch();
            if is_out_of_memory(&thrown) {
                return Ok(Outcome::OutOfMemory);
            }
            let describe: Function = runtime.get("describe")?;
            Ok(Outcome::Failed(describe.call((thrown,))?))
        }
        Err(Error::WouldBlock) => Ok(Outcome::Failed(never_settled())),
        Err(error) => Err(error),
    }
}

/// The handler's result as JSON.
fn result<'js>(
    context: &Ctx<'js>,
    evaluation: &Evaluation,
    watch: &Watch<impl Fn() -> bool>,
    runtime: &Object<'js>,
) -> Result<String, Error> {
    let run: Function = runtime.get("run")?;
    let event = String::from_utf8_lossy(&evaluation.event);
    let arguments = (&*evaluation.code, &*evaluation.handler, &*event);
    let answer: Promise = run.call(arguments)?;
    loop {
        if let Some(answer) = answer.result() {
            return answer;
        }
        // What is queued may queue more for ever, each too short to be interrupted.
        if watch.is_over() || !context.execute_pending_job() {
            return Err(Error::WouldBlock);
        }
    }
}

/// What the handler's module is as an expression.
#[expect(
    clippy::needless_pass_by_value,
    reason = "what scripts call is given values"
)]
fn load(context: Ctx<'_>, text: String) -> Result<Value<'_>, Error> {
    script(&context, &text, HANDLER_FILE)
}

/// What a script is as an expression.
fn script<'js, T: FromJs<'js>>(context: &Ctx<'js>, text: &str, file: &str) -> Result<T, Error> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(file.to_owned());
    context.eval_with_options(text, options)
}

/// The log as a function of lines. What goes beyond its bound is dropped, and said to be.
fn log_of<'js>(context: &Ctx<'js>, log: impl Fn(String) + 'static) -> Result<Function<'js>, Error> {
    let left = Cell::new(Some(MAX_LOG));
    Function::new(context.clone(), move |line: String| {
        let Some(room) = left.get() else { return };
        left.set(room.checked_sub(line.len() + 1));
        match left.get() {
            Some(_) => log(line),
            None => log(format!(
                "what follows is dropped: more than {MAX_LOG} bytes"
            )),
        }
    })
}

/// Whether an interpreter's own error says so.
fn is_out_of_memory(thrown: &Value) -> bool {
    let Some(error) = thrown.as_exception() else {
        // There was no memory for an error.
        return thrown.is_null();
    };
    let name = error.get::<_, String>("name");
    let is_internal = name.is_ok_and(|name| name == "InternalError");
    is_internal && error.message().as_deref() == Some(OUT_OF_MEMORY)
}

fn never_settled() -> String {
    let kind = "Runtime.NodeJsExit";
    let trace = [format!("{kind}: {NEVER_SETTLED}")];
    json!({"errorType": kind, "errorMessage": NEVER_SETTLED, "trace": trace}).to_string()
}
