//! Map states, inline.

use serde_json::Value;
use stepmill_asl::model::{Data, Dynamic, ItemReader, Items, Map, ProcessorMode, State, StateKind};
use stepmill_asl::template::Node;
use stepmill_asl::template::Template;

use crate::context::Item;
use crate::data_flow::shown;
use crate::decide::{Deciding, Step};
use crate::failure::{EXCEED_TOLERATED_FAILURE_THRESHOLD, Evaluation, Failure, Raised};
use crate::payload::Payload;
use crate::probe::{Inside, Stage};
use crate::record::{EventId, Fact, MapPlan, ThreadId};
use crate::template::Scope;
use crate::thread::Doing;

/// Iterations whose inputs are evaluated for a probe, which happens within one turn.
const MOST_INPUTS_SEEN: usize = 1_000;

/// How many iterations of a Map state may run at once, and fail.
struct Bounds {
    concurrency: u32,
    tolerated_count: Option<u64>,
    tolerated_percentage: Option<f64>,
}

impl Bounds {
    /// Whether more iterations failed than the state tolerates. A state that says nothing tolerates
    /// any number here, though not when it runs (observed on AWS).
    fn are_exceeded(&self, failures: u64, iterations: usize) -> bool {
        #[allow(clippy::cast_precision_loss)] // far fewer than 2⁵³
        let percentage = 100.0 * failures as f64 / (iterations.max(1)) as f64;
        self.tolerated_count.is_some_and(|most| failures > most)
            || self
                .tolerated_percentage
                .is_some_and(|most| percentage > most)
    }
}

impl Deciding<'_> {
    pub(crate) fn map(&mut self, thread: ThreadId, state: &State, map: &Map) -> Step {
        if matches!(map.mode, ProcessorMode::Distributed(_)) && self.inside().is_none() {
            let detail = "Stepmill does not run distributed Map states yet: ProcessorConfig.Mode \
                          must be INLINE.";
            return self.fail(thread, Failure::Runtime(detail.to_owned()));
        }
        let items = self.items(thread, state, map).and_then(|(items, input)| {
            self.fits(&items, &state.name)?;
            Ok((items, input))
        });
        let (items, input) = match items {
            Ok(items) => items,
            Err(failure) => return self.fail(thread, failure),
        };
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let id = visit.state;
        let bounds = self.bounds(thread, map, &input);
        let plan = MapPlan {
            state: id,
            items,
            input,
            concurrency: bounds.as_ref().map_or(0, |bounds| bounds.concurrency),
        };
        let started = self.emit_next(thread, Fact::MapStarted(Box::new(plan)))?;
        match (bounds, self.inside().cloned()) {
            (Ok(_), None) => self.start_iterations(thread, started),
            (Ok(bounds), Some(inside)) => self.settle(thread, state, map, &bounds, inside),
            // These failures come after MapStateStarted (observed on AWS).
            (Err(failure), _) => self.fail(thread, failure),
        }
    }

    /// Goes on with what the iterations are said to come to, without running them.
    fn settle(
        &mut self,
        thread: ThreadId,
        state: &State,
        map: &Map,
        bounds: &Bounds,
        inside: Inside,
    ) -> Step {
        let inputs = match self.iteration_inputs(thread, map) {
            Ok(inputs) => inputs,
            Err(failure) => return self.fail(thread, failure),
        };
        self.show(|| Stage::Iterations(inputs as u64));
        let result = match inside.outcome {
            Ok(result) => result,
            Err(reason) => return self.fail(thread, Failure::Raised(reason.into())),
        };
        if bounds.are_exceeded(inside.failures.unwrap_or_default(), inputs) {
            let raised = Raised::new(
                EXCEED_TOLERATED_FAILURE_THRESHOLD,
                "The specified tolerated failure threshold was exceeded",
            );
            return self.fail(thread, Failure::Raised(raised));
        }
        let succeeded = self.emit_next(thread, Fact::MapSucceeded)?;
        self.leave_with_result(thread, state, succeeded, &result)
    }

    /// How many iterations there are, with the inputs of all of them seen.
    fn iteration_inputs(&self, thread: ThreadId, map: &Map) -> Result<usize, Failure> {
        let Some(Doing::Map(iterations)) = self.execution.visit(thread).map(|visit| &visit.doing)
        else {
            return Ok(0);
        };
        let batcher = match &map.mode {
            ProcessorMode::Distributed(distributed) => distributed.item_batcher.as_ref(),
            ProcessorMode::Inline => None,
        };
        let count = iterations.outputs.len();
        if map.item_selector.is_none() && batcher.is_none() {
            return Ok(count);
        }
        if count > MOST_INPUTS_SEEN {
            return Err(Failure::Runtime(format!(
                "A test of a Map state evaluates the inputs of at most {MOST_INPUTS_SEEN} \
                 iterations; there are {count}."
            )));
        }
        let mut inputs = Vec::with_capacity(count);
        for index in 0..iterations.length() {
            inputs.push(self.iteration_input(thread, index)?.into_value());
        }
        if map.item_selector.is_some() {
            self.show(|| Stage::AfterItemSelector(Payload::from(Value::Array(inputs.clone()))));
        }
        let Some(batcher) = batcher else {
            return Ok(count);
        };
        let scope = self.scope(thread);
        let batches = scope.on(&iterations.input).batches(batcher, inputs)?;
        let count = batches.len();
        self.show(|| Stage::AfterItemBatcher(Payload::from(Value::Array(batches))));
        Ok(count)
    }

    /// The items and the effective input.
    fn items(
        &self,
        thread: ThreadId,
        state: &State,
        map: &Map,
    ) -> Result<(Payload, Payload), Failure> {
        let scope = self.scope(thread);
        if let ProcessorMode::Distributed(distributed) = &map.mode
            && let Some(reader) = &distributed.item_reader
        {
            return self.read_items(&scope, state, reader);
        }
        match (&state.data, &map.items) {
            (Data::JsonPath(data), items) => {
                let input = scope.effective_input(data)?;
                self.show(|| Stage::AfterInputPath(input.clone()));
                let (items, path) = match items {
                    Items::Path(path) => {
                        let on_input = scope.on(&input);
                        let items = on_input.select(path).map_err(|missing| {
                            Failure::Runtime(format!("Invalid path '{}' : {missing}", path.text()))
                        })?;
                        (Payload::from(items.into_owned()), path.text())
                    }
                    Items::Input | Items::Template(_) => (input.clone(), "$"),
                };
                if !items.value().is_array() {
                    return Err(Failure::Runtime(format!(
                        "Reference path \"{path}\" must point to array."
                    )));
                }
                self.show(|| Stage::AfterItemsPath(items.clone()));
                Ok((items, input))
            }
            (Data::Jsonata(_), Items::Template(template)) => {
                let items = scope.template(template, "Items")?;
                if !items.is_array() {
                    return Err(match template {
                        Template::Jsonata(Node::Query(expression)) => {
                            Scope::unexpected(expression, "Items", "array", &items)
                        }
                        _ => not_an_array(&items),
                    });
                }
                Ok((Payload::from(items), scope.raw_input().compact()))
            }
            (Data::Jsonata(_), Items::Input | Items::Path(_)) => {
                let input = scope.raw_input().compact();
                if !input.value().is_array() {
                    return Err(not_an_array(input.value()));
                }
                Ok((input.clone(), input))
            }
        }
    }

    /// The items that the probe brings for an `ItemReader`, whose arguments are evaluated for their
    /// errors; none without them.
    fn read_items(
        &self,
        scope: &Scope<'_>,
        state: &State,
        reader: &ItemReader,
    ) -> Result<(Payload, Payload), Failure> {
        let (input, field) = match &state.data {
            Data::JsonPath(data) => {
                let input = scope.effective_input(data)?;
                self.show(|| Stage::AfterInputPath(input.clone()));
                (input, "ItemReader/Parameters")
            }
            Data::Jsonata(_) => (scope.raw_input().compact(), "ItemReader/Arguments"),
        };
        if let Some(arguments) = &reader.arguments {
            scope.on(&input).template(arguments, field)?;
        }
        let items = self.probe.and_then(|probe| probe.around().items.clone());
        let items = items.unwrap_or_else(|| Payload::from(Value::Array(Vec::new())));
        Ok((items, input))
    }

    /// How many iterations may run at once and fail. An inline Map state may have tolerances
    /// although any failed iteration fails it.
    fn bounds(&self, thread: ThreadId, map: &Map, input: &Payload) -> Result<Bounds, Failure> {
        let scope = self.scope(thread);
        let scope = scope.on(input);
        let tolerated_count = match &map.tolerated_failure_count {
            Some(field) => Some(scope.count(field, "ToleratedFailureCount")?),
            None => None,
        };
        if let Some(count) = tolerated_count {
            self.show(|| Stage::ToleratedFailureCount(count));
        }
        let tolerated_percentage = match &map.tolerated_failure_percentage {
            Some(field) => Some(scope.percentage(field)?),
            None => None,
        };
        if let Some(percentage) = tolerated_percentage {
            self.show(|| Stage::ToleratedFailurePercentage(percentage));
        }
        let wanted = match &map.max_concurrency {
            Some(field) => scope.count(field, "MaxConcurrency")?,
            None => 0,
        };
        self.show(|| Stage::MaxConcurrency(wanted));
        let most = u32::try_from(self.limits.inline_map_concurrency).unwrap_or(u32::MAX);
        let concurrency = match wanted {
            0 => most,
            wanted => u32::try_from(wanted).unwrap_or(u32::MAX).min(most),
        };
        Ok(Bounds {
            concurrency,
            tolerated_count,
            tolerated_percentage,
        })
    }

    /// Starts as many iterations as may run, each after the event `previous`; the state goes on
    /// once all have succeeded.
    pub(crate) fn start_iterations(&mut self, thread: ThreadId, previous: EventId) -> Step {
        loop {
            let Some(visit) = self.execution.visit(thread) else {
                return Ok(());
            };
            let Doing::Map(iterations) = &visit.doing else {
                return Ok(());
            };
            let running = u32::try_from(iterations.running.len()).unwrap_or(u32::MAX);
            if iterations.next == iterations.length() {
                return if running == 0 {
                    self.iterations_done(thread)
                } else {
                    Ok(())
                };
            }
            if running >= iterations.concurrency {
                return Ok(());
            }
            let (state, index) = (visit.state, iterations.next);
            let input = match self.iteration_input(thread, index) {
                Ok(input) => input,
                Err(failure) => return self.fail(thread, failure),
            };
            self.emit(
                thread,
                previous,
                Fact::IterationStarted {
                    state,
                    index,
                    input,
                },
            )?;
        }
    }

    fn iteration_input(&self, thread: ThreadId, index: u32) -> Result<Payload, Failure> {
        let scope = self.scope(thread);
        let item = self
            .execution
            .visit(thread)
            .and_then(|visit| match &visit.doing {
                Doing::Map(iterations) => Some((
                    iterations.items.value().get(index as usize)?,
                    &iterations.input,
                )),
                _ => None,
            });
        let Some((item, input)) = item else {
            return Err(Failure::Runtime(format!("There is no item {index}.")));
        };
        let StateKind::Map(map) = &scope.state().kind else {
            return Ok(Payload::from(item.clone()));
        };
        match &map.item_selector {
            Some(selector) => {
                let scope = scope.on(input);
                let scope = scope.with_item(Item { index, value: item });
                let input = Payload::from(scope.template(selector, "ItemSelector")?);
                self.fits(&input, &scope.state().name)?;
                Ok(input)
            }
            None => Ok(Payload::from(item.clone())),
        }
    }

    /// An iteration has reached its end.
    pub(crate) fn iteration_done(
        &mut self,
        thread: ThreadId,
        index: u32,
        iteration: ThreadId,
    ) -> Step {
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let state = visit.state;
        let last = self.last_event(iteration);
        self.emit(thread, last, Fact::IterationSucceeded { state, index })?;
        // The next iteration points at the last event inside this one (observed on AWS).
        self.start_iterations(thread, last)
    }

    fn iterations_done(&mut self, thread: ThreadId) -> Step {
        let machine = self.machine;
        let Some(visit) = self.execution.visit(thread) else {
            return Ok(());
        };
        let Doing::Map(iterations) = &visit.doing else {
            return Ok(());
        };
        let state = machine.state(visit.state);
        let outputs = iterations
            .outputs
            .iter()
            .map(|output| {
                output
                    .as_ref()
                    .map_or(Value::Null, |output| output.value().clone())
            })
            .collect();
        let succeeded = self.emit_next(thread, Fact::MapSucceeded)?;
        let result = Payload::from(Value::Array(outputs));
        self.leave_with_result(thread, state, succeeded, &result)
    }
}

impl Scope<'_> {
    /// A count of a Map state, such as `MaxConcurrency`.
    pub(crate) fn count(&self, field: &Dynamic<u64>, name: &str) -> Result<u64, Failure> {
        let (value, text) = match field {
            Dynamic::Literal(count) => return Ok(*count),
            Dynamic::Query(query) => (
                self.query(query).map_err(Failure::Runtime)?,
                Some(query.text()),
            ),
            Dynamic::Expression(expression) => {
                let value = self.expression(expression, name)?;
                if !value.is_i64() {
                    return Err(Self::unexpected(expression, name, "integer", &value));
                }
                (value, None)
            }
        };
        // A text of digits will do (observed on AWS).
        match value.as_i64().or_else(|| value.as_str()?.parse().ok()) {
            Some(count) => u64::try_from(count)
                .map_err(|_| Failure::Runtime(format!("{name} cannot be negative."))),
            None => Err(Failure::Runtime(format!(
                "The {name}Path field refers to value \"{}\" which is not a valid integer: {}",
                shown(&value),
                text.unwrap_or_default()
            ))),
        }
    }

    fn percentage(&self, field: &Dynamic<f64>) -> Result<f64, Failure> {
        let name = "ToleratedFailurePercentage";
        let percentage = match field {
            Dynamic::Literal(percentage) => Some(*percentage),
            Dynamic::Query(query) => {
                let value = self.query(query).map_err(Failure::Runtime)?;
                let percentage = value.as_f64().ok_or_else(|| {
                    Failure::Runtime(format!(
                        "The {name}Path field refers to value \"{}\" which is not a valid float: \
                         {}",
                        shown(&value),
                        query.text()
                    ))
                })?;
                Some(percentage)
            }
            Dynamic::Expression(expression) => {
                let value = self.expression(expression, name)?;
                Some(
                    value
                        .as_f64()
                        .ok_or_else(|| Self::unexpected(expression, name, "number", &value))?,
                )
            }
        };
        percentage
            .filter(|percentage| (0.0..=100.0).contains(percentage))
            .ok_or_else(|| Failure::Runtime(format!("{name} must be between 0 and 100.")))
    }
}

fn not_an_array(input: &Value) -> Failure {
    Failure::Evaluation(Evaluation {
        detail: format!("Map state input must be an array but was: {input}"),
        location: None,
        after_entered: false,
    })
}
