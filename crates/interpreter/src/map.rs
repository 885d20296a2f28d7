//! Map states, inline.

use serde_json::Value;
use stepmill_asl::model::{Data, Dynamic, Items, Map, ProcessorMode, State, StateKind};
use stepmill_asl::template::Node;
use stepmill_asl::template::Template;

use crate::context::Item;
use crate::data_flow::shown;
use crate::decide::{Deciding, Step};
use crate::failure::{Evaluation, Failure};
use crate::payload::Payload;
use crate::record::{EventId, Fact, MapPlan, ThreadId};
use crate::template::Scope;
use crate::thread::Doing;

impl Deciding<'_> {
    pub(crate) fn map(&mut self, thread: ThreadId, state: &State, map: &Map) -> Step {
        if matches!(map.mode, ProcessorMode::Distributed(_)) {
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
        let concurrency = self.concurrency(thread, map, &input);
        let plan = MapPlan {
            state: id,
            items,
            input,
            concurrency: concurrency.as_ref().copied().unwrap_or_default(),
        };
        let started = self.emit_next(thread, Fact::MapStarted(Box::new(plan)))?;
        match concurrency {
            Ok(_) => self.start_iterations(thread, started),
            // These failures come after MapStateStarted (observed on AWS).
            Err(failure) => self.fail(thread, failure),
        }
    }

    /// The items and the effective input.
    fn items(
        &self,
        thread: ThreadId,
        state: &State,
        map: &Map,
    ) -> Result<(Payload, Payload), Failure> {
        let scope = self.scope(thread);
        match (&state.data, &map.items) {
            (Data::JsonPath(data), items) => {
                let input = scope.effective_input(data)?;
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

    /// How many iterations may run at once; also checks the tolerances, which an inline Map state
    /// may have although any failed iteration fails it.
    fn concurrency(&self, thread: ThreadId, map: &Map, input: &Payload) -> Result<u32, Failure> {
        let scope = self.scope(thread);
        let scope = scope.on(input);
        if let Some(field) = &map.tolerated_failure_count {
            scope.count(field, "ToleratedFailureCount")?;
        }
        if let Some(field) = &map.tolerated_failure_percentage {
            scope.percentage(field)?;
        }
        let most = u32::try_from(self.limits.inline_map_concurrency).unwrap_or(u32::MAX);
        match &map.max_concurrency {
            None => Ok(most),
            Some(field) => match scope.count(field, "MaxConcurrency")? {
                0 => Ok(most),
                wanted => Ok(u32::try_from(wanted).unwrap_or(u32::MAX).min(most)),
            },
        }
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
    fn count(&self, field: &Dynamic<u64>, name: &str) -> Result<u64, Failure> {
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
