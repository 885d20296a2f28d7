//! What an expression can read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use indexmap::IndexMap;
use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::value::JValue;
use serde_json::Value;

use super::analysis::StatesUse;
use super::convert::{from_engine, into_engine};
use super::error::EvaluationError;
use super::expression::Parsed;
use super::guard::engine_names;
use super::hosts;
use super::run::{self, Run};
use crate::World;

/// The parts of `$states` and the variables that the expressions of one state read.
///
/// A value is converted when an expression first reads it, and kept for the next expression.
#[derive(Default)]
pub struct Bindings<'v> {
    states: [Option<&'v Value>; 4],
    variables: HashMap<&'v str, &'v Value>,
    engine: RefCell<Option<Engine>>,
}

/// The members of `$states`, in the order of [`Bindings::states`].
const PARTS: [&str; 4] = ["input", "context", "result", "errorOutput"];

impl<'v> Bindings<'v> {
    /// Nothing to read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `$states.input`.
    #[must_use]
    pub fn input(self, value: &'v Value) -> Self {
        self.part(0, value)
    }

    /// Sets `$states.context`.
    #[must_use]
    pub fn context(self, value: &'v Value) -> Self {
        self.part(1, value)
    }

    /// Sets `$states.result`.
    #[must_use]
    pub fn result(self, value: &'v Value) -> Self {
        self.part(2, value)
    }

    /// Sets `$states.errorOutput`.
    #[must_use]
    pub fn error_output(self, value: &'v Value) -> Self {
        self.part(3, value)
    }

    /// Sets the variable `name`, written without its `$`.
    #[must_use]
    pub fn variable(mut self, name: &'v str, value: &'v Value) -> Self {
        self.variables.insert(name, value);
        self.engine.replace(None);
        self
    }

    fn part(mut self, index: usize, value: &'v Value) -> Self {
        self.states[index] = Some(value);
        self.engine.replace(None);
        self
    }

    pub(super) fn evaluate(
        &self,
        parsed: &Parsed,
        document: Option<&Value>,
        world: &World,
    ) -> Result<Value, EvaluationError> {
        let mut slot = self.engine.borrow_mut();
        let mut engine = match slot.take() {
            Some(engine) if engine.serves(self, parsed) => engine,
            other => Engine::new(self, other, parsed),
        };
        engine.register(parsed)?;
        let document = document.map_or(JValue::Undefined, into_engine);
        engine.run.begin(world, &parsed.patterns);
        // The engine has bugs like any program's. One of them fails an expression, not the process.
        let result = catch_unwind(AssertUnwindSafe(|| {
            engine.evaluator.evaluate(&parsed.node, &document)
        }));
        let stopped = engine.run.end(world);
        let Ok(result) = result else {
            return Err(EvaluationError::Failed {
                code: String::new(),
                message: "The expression cannot be evaluated".to_owned(),
            });
        };
        let result = match (stopped, result) {
            (Some(limit), _) => Err(limit),
            (None, Err(error)) => Err(EvaluationError::from(&error)),
            (None, Ok(value)) => from_engine(&value),
        };
        *slot = Some(engine);
        result
    }

    fn needed(&self, states: StatesUse) -> [bool; 4] {
        let StatesUse {
            input,
            context,
            result,
            error_output,
            whole,
        } = states;
        let read = [input, context, result, error_output];
        std::array::from_fn(|index| self.states[index].is_some() && (whole || read[index]))
    }
}

impl fmt::Debug for Bindings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bindings")
            .field("states", &self.states)
            .field("variables", &self.variables)
            .finish()
    }
}

/// An evaluator with some of the bindings converted.
struct Engine {
    evaluator: Evaluator,
    run: Rc<Run>,
    states: [Option<JValue>; 4],
    variables: HashMap<String, JValue>,
}

impl Engine {
    /// An evaluator with what `last` had and what `parsed` reads. Bindings cannot be added to an
    /// evaluator.
    fn new(bindings: &Bindings<'_>, last: Option<Self>, parsed: &Parsed) -> Self {
        let (mut states, mut variables) =
            last.map_or_else(Default::default, |last| (last.states, last.variables));
        for (index, needed) in bindings.needed(parsed.states).into_iter().enumerate() {
            if needed && states[index].is_none() {
                states[index] = bindings.states[index].map(into_engine);
            }
        }
        for name in &parsed.names {
            if let Some(value) = bindings.variables.get(name.as_str()) {
                variables
                    .entry(name.clone())
                    .or_insert_with(|| into_engine(value));
            }
        }
        let mut context = Context::new();
        let present = PARTS
            .iter()
            .zip(&states)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
        context.bind(
            "states".to_owned(),
            JValue::object(present.collect::<IndexMap<_, _>>()),
        );
        for (name, value) in &variables {
            for bound in engine_names(name) {
                context.bind(bound.to_owned(), value.clone());
            }
        }
        Self {
            evaluator: run::evaluator(context),
            run: Rc::new(Run::new()),
            states,
            variables,
        }
    }

    fn serves(&self, bindings: &Bindings<'_>, parsed: &Parsed) -> bool {
        let needed = bindings.needed(parsed.states);
        needed
            .iter()
            .zip(&self.states)
            .all(|(needed, value)| !needed || value.is_some())
            && parsed.names.iter().all(|name| {
                self.variables.contains_key(name) || !bindings.variables.contains_key(name.as_str())
            })
    }

    fn register(&mut self, parsed: &Parsed) -> Result<(), EvaluationError> {
        for name in &parsed.hosts {
            let known = self.run.hosts.borrow().contains(name);
            if !known {
                hosts::register(&mut self.evaluator, &self.run, name)
                    .map_err(|error| EvaluationError::from(&error))?;
                self.run.hosts.borrow_mut().push(name);
            }
        }
        Ok(())
    }
}
