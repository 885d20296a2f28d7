//! What one evaluation has used up, and what its functions see of the world.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use jiff::Timestamp;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions, HostFnResult};
use jsonata_core::value::JValue;

use super::error::EvaluationError;
use super::hosts;
use super::regexes::{Compiled, Pattern, Regexes};
use super::weight::{ITEM, MAX_VALUE, TooLarge, Weight, shallow, weigh};
use crate::World;
use crate::world::Random;

/// How long an evaluation may take (developer guide, "Transforming data with JSONata").
const MAX_TIME: Duration = Duration::from_secs(1);

/// How much an evaluation may copy and collect altogether, in bytes. AWS does not say its limit.
const MAX_BYTES: usize = 256 << 20;

/// The longest sequence an evaluation may make.
pub(super) const MAX_SEQUENCE: usize = 1_000_000;

/// How deep evaluation may nest: about four levels to a call of a function.
const MAX_NESTING: usize = 8_000;

/// Arrays with fewer items are not counted.
const FEW: usize = 4;

/// How deep a function that a built-in calls may call that built-in again.
const MAX_REENTRY: u32 = 8;

/// The state of the evaluation that is running, shared with its functions.
pub(super) struct Run {
    now: Cell<Timestamp>,
    random: RefCell<Random>,
    draws: Cell<u32>,
    started: Cell<Instant>,
    bytes: Cell<usize>,
    stopped: RefCell<Option<EvaluationError>>,
    reentry: Cell<u32>,
    /// The host functions that expressions of this run have asked for.
    pub(super) hosts: RefCell<Vec<&'static str>>,
    regexes: RefCell<Regexes>,
    plain: RefCell<Evaluator>,
}

impl Run {
    pub(super) fn new() -> Self {
        Self {
            now: Cell::new(Timestamp::UNIX_EPOCH),
            random: RefCell::new(Random::new(0)),
            draws: Cell::new(0),
            started: Cell::new(Instant::now()),
            bytes: Cell::new(0),
            stopped: RefCell::new(None),
            reentry: Cell::new(0),
            hosts: RefCell::new(Vec::new()),
            regexes: RefCell::new(Regexes::default()),
            plain: RefCell::new(Evaluator::with_options(Context::new(), options(MAX_TIME))),
        }
    }

    /// Begins an evaluation in `world`.
    pub(super) fn begin(&self, world: &World, patterns: &[Pattern]) {
        self.now.set(world.now);
        self.random.replace(world.random.clone());
        self.draws.set(0);
        self.started.set(Instant::now());
        self.bytes.set(0);
        self.stopped.replace(None);
        self.reentry.set(0);
        self.regexes.borrow_mut().extend(patterns);
    }

    /// Ends the evaluation: draws from `world` what it drew, and tells the limit that stopped it.
    pub(super) fn end(&self, world: &World) -> Option<EvaluationError> {
        for _ in 0..self.draws.get() {
            world.random.bits();
        }
        self.stopped.take()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// A random number, one draw.
    pub(super) fn unit(&self) -> f64 {
        self.draws.set(self.draws.get() + 1);
        self.random.borrow().unit()
    }

    /// A random UUID, two draws.
    pub(super) fn uuid(&self) -> uuid::Uuid {
        self.draws.set(self.draws.get() + 2);
        self.random.borrow().uuid()
    }

    /// Ends the evaluation over a limit.
    pub(super) fn stop(&self, limit: EvaluationError) -> EvaluatorError {
        let error = EvaluatorError::EvaluationError(limit.to_string());
        self.stopped.replace(Some(limit));
        error
    }

    /// Fails once the time is up. For loops, since the engine looks at the clock only between
    /// calls.
    pub(super) fn check_time(&self) -> Result<(), EvaluatorError> {
        if self.started.get().elapsed() > MAX_TIME {
            return Err(self.stop(EvaluationError::TimedOut));
        }
        Ok(())
    }

    /// Counts `bytes` about to be, or just, made.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), EvaluatorError> {
        let total = self.bytes.get().saturating_add(bytes);
        self.bytes.set(total);
        if total > MAX_BYTES {
            return Err(self.stop(EvaluationError::MemoryExceeded));
        }
        Ok(())
    }

    /// Counts a text about to be made, which may not be larger than a value may be.
    pub(super) fn charge_text(&self, bytes: usize) -> Result<(), EvaluatorError> {
        if bytes > MAX_VALUE {
            return Err(self.stop(EvaluationError::MemoryExceeded));
        }
        self.charge(bytes)
    }

    /// Counts `value` without what stands in its items.
    pub(super) fn charge_shallow(&self, value: &JValue) -> Result<(), EvaluatorError> {
        match value {
            JValue::Array(items) if items.len() < FEW => Ok(()),
            JValue::Array(_) | JValue::Object(_) | JValue::String(_) => self.charge(shallow(value)),
            _ => Ok(()),
        }
    }

    /// Counts the items of `value`, if it is an array about to be spliced into another.
    pub(super) fn charge_spliced(&self, value: &JValue) -> Result<(), EvaluatorError> {
        match value {
            JValue::Array(items) if items.len() >= FEW => self.charge(items.len() * ITEM),
            _ => Ok(()),
        }
    }

    /// Weighs `value`, which may not be larger than a value may be.
    pub(super) fn weigh(&self, value: &JValue) -> Result<Weight, EvaluatorError> {
        weigh(value, MAX_VALUE).map_err(|size| {
            self.stop(match size {
                TooLarge::Heavy => EvaluationError::MemoryExceeded,
                TooLarge::Deep => EvaluationError::StackOverflow,
            })
        })
    }

    /// The compiled regular expression, if it may run over a text of `length` bytes.
    pub(super) fn regex(
        &self,
        pattern: &str,
        flags: &str,
        length: usize,
    ) -> Result<Arc<Compiled>, EvaluatorError> {
        let found = self.regexes.borrow().get(pattern, flags);
        let Some(compiled) = found else {
            return Err(EvaluatorError::EvaluationError(format!(
                "The regular expression /{pattern}/{flags} is not supported"
            )));
        };
        if compiled.may_run_over(length) {
            Ok(compiled)
        } else {
            Err(self.stop(EvaluationError::TimedOut))
        }
    }

    /// Calls the engine's own `$name` with `args`, none of which may be a function.
    pub(super) fn call_builtin(&self, name: &str, args: &[JValue]) -> HostFnResult {
        self.check_time()?;
        let (call, data) = call(name, args);
        // The context value in that call is ours, so a complaint about it is one about the
        // arguments.
        self.plain
            .borrow_mut()
            .evaluate(&call, &data)
            .map_err(|error| match error.code() {
                Some("T0411") => EvaluatorError::TypeError(format!(
                    "T0410: Argument {} of function {name} does not match function signature",
                    1
                )),
                _ => error,
            })
    }

    /// Calls the engine's own `$name` with `args`, some of which are functions.
    pub(super) fn call_builtin_with_functions(
        self: &Rc<Self>,
        name: &str,
        args: &[JValue],
    ) -> HostFnResult {
        self.check_time()?;
        if self.reentry.get() == MAX_REENTRY {
            return Err(self.stop(EvaluationError::StackOverflow));
        }
        let left = MAX_TIME.saturating_sub(self.started.get().elapsed());
        let mut evaluator = Evaluator::with_options(Context::new(), options(left));
        for name in self.hosts.borrow().iter() {
            hosts::register(&mut evaluator, self, name)?;
        }
        let (call, data) = call(name, args);
        self.reentry.set(self.reentry.get() + 1);
        let result = evaluator.evaluate(&call, &data);
        self.reentry.set(self.reentry.get() - 1);
        result
    }
}

/// The engine's limits for an evaluation that may take `time`.
fn options(time: Duration) -> EvaluatorOptions {
    EvaluatorOptions {
        timeout_ms: Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        max_stack_depth: Some(MAX_NESTING),
        max_sequence_length: Some(MAX_SEQUENCE),
        ..EvaluatorOptions::default()
    }
}

/// An evaluator with `context`'s bindings and the limits of an evaluation.
pub(super) fn evaluator(context: Context) -> Evaluator {
    Evaluator::with_options(context, options(MAX_TIME))
}

/// `$name(0, 1, …)` and the data whose members `0`, `1`, … are the arguments.
fn call(name: &str, args: &[JValue]) -> (AstNode, JValue) {
    let node = AstNode::Function {
        name: name.to_owned(),
        args: (0..args.len())
            .map(|index| AstNode::Name(index.to_string()))
            .collect(),
        is_builtin: true,
    };
    let data: IndexMap<_, _> = args
        .iter()
        .enumerate()
        .map(|(index, value)| (index.to_string(), value.clone()))
        .collect();
    (node, JValue::object(data))
}
