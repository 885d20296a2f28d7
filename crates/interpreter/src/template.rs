//! What a state's queries see, and the evaluation of its templates.

use std::cell::OnceCell;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use stepmill_asl::jsonata::{self, Bindings};
use stepmill_asl::jsonpath::{self, NotFound, Path, Selected};
use stepmill_asl::model::{State, StateMachine};
use stepmill_asl::template::{Node, Template};
use stepmill_asl::{World, intrinsic};

use crate::context::{Item, context_object};
use crate::decide::Deciding;
use crate::execution::Execution;
use crate::failure::{Evaluation, Failure};
use crate::payload::Payload;
use crate::probe::Probe;
use crate::record::ThreadId;
use crate::thread::Visit;

/// What the queries of one state see: its data, the context object and the variables.
pub(crate) struct Scope<'a> {
    machine: &'a StateMachine,
    execution: &'a Execution,
    world: &'a World,
    probe: Option<&'a Probe>,
    thread: ThreadId,
    visit: &'a Visit,
    /// What `$` stands for.
    input: &'a Value,
    result: Option<&'a Value>,
    error_output: Option<&'a Value>,
    token: Option<&'a str>,
    item: Option<Item<'a>>,
    /// What locations begin with, such as `Catch[1]/`.
    prefix: &'a str,
    context: OnceCell<Value>,
}

impl Deciding<'_> {
    /// What the state that the thread is in sees; its raw input is `$`.
    ///
    /// # Panics
    /// If the thread is in no state, which callers have made sure of.
    #[allow(clippy::expect_used)]
    pub(crate) fn scope(&self, thread: ThreadId) -> Scope<'_> {
        let visit = self
            .execution
            .visit(thread)
            .expect("a scope is made of a thread in a state");
        Scope {
            machine: self.machine,
            execution: self.execution,
            world: self.world,
            probe: self.probe,
            thread,
            visit,
            input: visit.input.value(),
            result: None,
            error_output: None,
            token: None,
            item: self.probe.and_then(Probe::item),
            prefix: "",
            context: OnceCell::new(),
        }
    }
}

impl<'a> Scope<'a> {
    fn copy<'b>(&self) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            machine: self.machine,
            execution: self.execution,
            world: self.world,
            probe: self.probe,
            thread: self.thread,
            visit: self.visit,
            input: self.input,
            result: self.result,
            error_output: self.error_output,
            token: self.token,
            item: self.item,
            prefix: self.prefix,
            context: OnceCell::new(),
        }
    }

    /// The same with another `$` (JSONPath).
    pub(crate) fn on<'b>(&self, input: &'b Payload) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            input: input.value(),
            ..self.copy()
        }
    }

    /// The same with `$states.result`.
    pub(crate) fn with_result<'b>(&self, result: &'b Payload) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            result: Some(result.value()),
            ..self.copy()
        }
    }

    /// The same with an error output: `$` in JSONPath, `$states.errorOutput` in JSONata.
    pub(crate) fn with_error_output<'b>(&self, error_output: &'b Payload) -> Scope<'b>
    where
        'a: 'b,
    {
        let value = error_output.value();
        Scope {
            input: value,
            error_output: Some(value),
            ..self.copy()
        }
    }

    /// The same with a task token.
    pub(crate) fn with_token<'b>(&self, token: Option<&'b str>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            token,
            ..self.copy()
        }
    }

    /// The same for one item of a Map state.
    pub(crate) fn with_item<'b>(&self, item: Item<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            item: Some(item),
            ..self.copy()
        }
    }

    /// The same for fields within `prefix`.
    pub(crate) fn within<'b>(&self, prefix: &'b str) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            prefix,
            ..self.copy()
        }
    }

    /// The state's input as it came.
    pub(crate) fn raw_input(&self) -> &'a Payload {
        &self.visit.input
    }

    /// The state.
    pub(crate) fn state(&self) -> &'a State {
        self.machine.state(self.visit.state)
    }

    /// What a path selects.
    pub(crate) fn select(&self, path: &Path) -> Result<Selected<'_>, NotFound> {
        path.select(self)
    }

    /// What a path or an intrinsic function gives; the error is its text.
    pub(crate) fn query(&self, query: &intrinsic::Expression) -> Result<Value, String> {
        match query {
            intrinsic::Expression::Path(path) => self
                .select(path)
                .map(Selected::into_owned)
                .map_err(|missing| format!("Invalid path '{}' : {missing}", path.text())),
            intrinsic::Expression::Intrinsic(call) => call
                .evaluate(self, self.world)
                .map_err(|failure| failure.to_string()),
        }
    }

    /// Evaluates the template of a field.
    pub(crate) fn template(&self, template: &Template, field: &str) -> Result<Value, Failure> {
        match template {
            Template::JsonPath(node) => self.payload(node, field),
            Template::Jsonata(node) => {
                let mut bindings = Bindings::new();
                self.bind_all(node, &mut bindings);
                let mut location = format!("{}{field}", self.prefix);
                self.json_with_expressions(node, &bindings, &mut location)
            }
        }
    }

    fn payload(&self, node: &Node<intrinsic::Expression>, key: &str) -> Result<Value, Failure> {
        Ok(match node {
            Node::Literal(value) => value.clone(),
            Node::Query(query) => self.payload_query(query, key)?,
            Node::Object(members) => {
                let mut object = Map::with_capacity(members.len());
                for (key, node) in members {
                    object.insert(key.clone(), self.payload(node, key)?);
                }
                Value::Object(object)
            }
            Node::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|node| self.payload(node, key))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    fn payload_query(&self, query: &intrinsic::Expression, key: &str) -> Result<Value, Failure> {
        match query {
            intrinsic::Expression::Path(path) => match self.select(path) {
                Ok(selected) => Ok(selected.into_owned()),
                // An index out of range gives null here (observed on AWS).
                Err(NotFound::IndexOutOfRange { .. }) => Ok(Value::Null),
                Err(_) => Err(self.not_found(path.text(), &format!("{key}.$"))),
            },
            intrinsic::Expression::Intrinsic(call) => call
                .evaluate(self, self.world)
                .map_err(|failure| Failure::Runtime(failure.to_string())),
        }
    }

    /// AWS's text for a path that selects nothing.
    pub(crate) fn not_found(&self, path: &str, field: &str) -> Failure {
        Failure::Runtime(format!(
            "The JSONPath '{path}' specified for the field '{field}' could not be found in the \
             input '{}'",
            self.input
        ))
    }

    fn json_with_expressions(
        &self,
        node: &Node<jsonata::Expression>,
        bindings: &Bindings<'_>,
        location: &mut String,
    ) -> Result<Value, Failure> {
        Ok(match node {
            Node::Literal(value) => value.clone(),
            Node::Query(expression) => self.evaluate(expression, bindings, location)?,
            Node::Object(members) => {
                let mut object = Map::with_capacity(members.len());
                let length = location.len();
                for (key, node) in members {
                    location.push('/');
                    location.push_str(key);
                    object.insert(
                        key.clone(),
                        self.json_with_expressions(node, bindings, location)?,
                    );
                    location.truncate(length);
                }
                Value::Object(object)
            }
            Node::Array(items) => {
                let mut array = Vec::with_capacity(items.len());
                let length = location.len();
                for (index, node) in items.iter().enumerate() {
                    // Writing to a text cannot fail.
                    let _ = write!(location, "[{index}]");
                    array.push(self.json_with_expressions(node, bindings, location)?);
                    location.truncate(length);
                }
                Value::Array(array)
            }
        })
    }

    /// Evaluates a JSONata expression that stands at `location`.
    pub(crate) fn expression(
        &self,
        expression: &jsonata::Expression,
        location: &str,
    ) -> Result<Value, Failure> {
        let mut bindings = Bindings::new();
        self.bind(expression, &mut bindings);
        self.evaluate(expression, &bindings, location)
    }

    fn evaluate(
        &self,
        expression: &jsonata::Expression,
        bindings: &Bindings<'_>,
        location: &str,
    ) -> Result<Value, Failure> {
        expression.evaluate(bindings, self.world).map_err(|error| {
            Failure::Evaluation(Evaluation {
                detail: format!(
                    "The JSONata expression '{}' specified for the field '{location}' {error}",
                    expression.source()
                ),
                location: Some(location.to_owned()),
                after_entered: false,
            })
        })
    }

    fn bind_all<'s>(&'s self, node: &'s Node<jsonata::Expression>, bindings: &mut Bindings<'s>) {
        match node {
            Node::Literal(_) => {}
            Node::Query(expression) => self.bind(expression, bindings),
            Node::Object(members) => {
                for (_, node) in members {
                    self.bind_all(node, bindings);
                }
            }
            Node::Array(items) => {
                for node in items {
                    self.bind_all(node, bindings);
                }
            }
        }
    }

    /// Binds what an expression reads, and nothing else: a conversion costs time.
    fn bind<'s>(&'s self, expression: &'s jsonata::Expression, bindings: &mut Bindings<'s>) {
        let uses = expression.states_fields();
        let mut bound = std::mem::take(bindings);
        if uses.input || uses.whole {
            bound = bound.input(self.visit.input.value());
        }
        if uses.context || uses.whole {
            bound = bound.context(jsonpath::Data::context(self));
        }
        if let Some(result) = self.result {
            bound = bound.result(result);
        }
        if let Some(error_output) = self.error_output {
            bound = bound.error_output(error_output);
        }
        for name in expression.variables() {
            if let Some(value) = self.execution.variable(self.thread, name) {
                bound = bound.variable(name, value.value());
            }
        }
        *bindings = bound;
    }

    /// The failure of an expression that gave a value of the wrong type.
    pub(crate) fn unexpected(
        expression: &jsonata::Expression,
        location: &str,
        expected: &str,
        value: &Value,
    ) -> Failure {
        Failure::Evaluation(Evaluation {
            detail: format!(
                "The JSONata expression '{}' specified for the field '{location}' returned an \
                 unexpected result type. Expected '{expected}', but was '{}' for value: {value}",
                expression.source(),
                type_name(value)
            ),
            location: Some(location.to_owned()),
            after_entered: false,
        })
    }
}

/// The name of a value's type in AWS's texts.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl jsonpath::Data for Scope<'_> {
    fn input(&self) -> &Value {
        self.input
    }

    fn context(&self) -> &Value {
        if let Some(context) = self.probe.and_then(|probe| probe.around().context.as_ref()) {
            return context;
        }
        self.context.get_or_init(|| {
            context_object(
                self.machine,
                self.execution,
                self.thread,
                self.visit,
                self.token,
                self.item,
            )
        })
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.execution
            .variable(self.thread, name)
            .map(Payload::value)
    }
}
