//! States as they stand in a definition.
//!
//! Members come in the CDK's order.

use super::graph::GraphId;
use super::options::QueryLanguage;
use super::retry::{Catch, JitterType, Retry, catches_all, named};
use super::state::{Kind, Node, StateIndex, States};
use super::task::{TaskDefinition, Timeout};
use crate::core::{Duration, Problem};
use crate::value::{
    FieldUtils, JsonPath, Name, Object, Value, jsonata_template, payload_template, well_formed,
};

/// How the graph of a machine is written.
pub(crate) struct Rendering<'a> {
    pub(crate) states: &'a States,
    /// The language of the whole machine.
    pub(crate) query_language: QueryLanguage,
}

/// A state's members, to which those that have a value are added.
#[derive(Default)]
pub(super) struct Members(pub(super) Object);

impl Members {
    pub(super) fn add(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name, value.into());
        }
    }
}

impl Rendering<'_> {
    /// A graph: `StartAt` and `States`.
    pub(crate) fn graph(&self, graph: GraphId) -> Object {
        let (start, members) = self.states.start_and_members(graph);
        let states = members.iter().map(|index| {
            let node = self.states.node(*index);
            (node.state_id(), Value::Object(self.state(&node)))
        });
        let states: Object = states.collect();
        let mut members = Members::default();
        members.add("StartAt", Some(self.state_id(start)));
        members.add("States", Some(states));
        members.0
    }

    pub(super) fn state_id(&self, index: StateIndex) -> Name {
        self.states.node(index).state_id()
    }

    fn state(&self, node: &Node) -> Object {
        let mut members = Members(Object::with_capacity(8));
        self.query_language(node, &mut members);
        match &node.kind {
            Kind::Task(task) => {
                self.next_or_end(node, &mut members);
                self.retry_catch(node, &mut members);
                start(node, "Task", &mut members);
                self.task(node, task, &mut members);
            }
            Kind::Pass { result } => {
                start(node, "Pass", &mut members);
                self.only_if(node, QueryLanguage::JsonPath, "result", result.is_some());
                members.add("Result", self.literal(node, "result", result.as_ref()));
                self.result_options(node, &mut members);
                self.input_output(node, &mut members);
                self.next_or_end(node, &mut members);
            }
            Kind::Choice(choice) => {
                start(node, "Choice", &mut members);
                self.input_output(node, &mut members);
                self.choices(node, choice, &mut members);
            }
            Kind::Wait(time) => {
                start(node, "Wait", &mut members);
                self.wait_time(node, time, &mut members);
                self.input_output(node, &mut members);
                self.next_or_end(node, &mut members);
            }
            Kind::Succeed => {
                start(node, "Succeed", &mut members);
                self.input_output(node, &mut members);
            }
            Kind::Fail(failure) => {
                start(node, "Fail", &mut members);
                self.failure(node, failure, &mut members);
            }
            Kind::Parallel { branches } => {
                start(node, "Parallel", &mut members);
                self.next_or_end(node, &mut members);
                self.input_output(node, &mut members);
                self.result_options(node, &mut members);
                self.retry_catch(node, &mut members);
                let branches: Vec<Object> =
                    branches.iter().map(|graph| self.graph(*graph)).collect();
                members.add("Branches", Some(branches));
            }
            Kind::Map(map) => {
                start(node, "Map", &mut members);
                self.next_or_end(node, &mut members);
                self.input_output(node, &mut members);
                self.result_options(node, &mut members);
                self.retry_catch(node, &mut members);
                self.map(node, map, &mut members);
            }
            Kind::Custom(state_json) => self.custom(node, state_json, &mut members),
        }
        members.0
    }

    fn task(&self, node: &Node, task: &TaskDefinition, members: &mut Members) {
        let options = &node.options;
        self.timeout(
            node,
            "TimeoutSeconds",
            "timeout",
            options.timeout.as_ref(),
            members,
        );
        self.timeout(
            node,
            "HeartbeatSeconds",
            "heartbeat",
            options.heartbeat.as_ref(),
            members,
        );
        self.input_output(node, members);
        self.result_options(node, members);
        if let Some(credentials) = &options.credentials {
            let credentials = crate::object! {"RoleArn": &credentials.role_arn};
            members.add(
                "Credentials",
                self.template(node, "credentials", Some(&credentials)),
            );
        }
        members.add("Resource", Some(&task.resource));
        let name = match self.language(node) {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        members.add(
            name,
            self.template(node, "parameters", task.parameters.as_ref()),
        );
    }

    fn timeout(
        &self,
        node: &Node,
        name: &str,
        property: &'static str,
        timeout: Option<&Timeout>,
        members: &mut Members,
    ) {
        match timeout {
            None => {}
            Some(Timeout::Duration(duration)) => members.add(name, Some(duration.to_seconds())),
            Some(Timeout::At(path)) => {
                self.path(node, &format!("{name}Path"), property, Some(path), members);
            }
            Some(Timeout::Jsonata(expression)) => {
                self.expression(node, name, property, expression, members);
            }
        }
    }

    /// A state's own language, where it is not the machine's.
    fn query_language(&self, node: &Node, members: &mut Members) {
        match (self.query_language, node.options.query_language) {
            (QueryLanguage::Jsonata, Some(QueryLanguage::JsonPath)) => {
                let message = "'queryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
                node.place.report(Problem::property(
                    "query_language",
                    format!("{message} {}", node.place.path),
                ));
            }
            (QueryLanguage::JsonPath, Some(language @ QueryLanguage::Jsonata)) => {
                members.add("QueryLanguage", Some(language.name()));
            }
            _ => {}
        }
    }

    pub(super) fn language(&self, node: &Node) -> QueryLanguage {
        node.options.query_language.unwrap_or(self.query_language)
    }

    /// Reports a property that a state's language does not have.
    pub(super) fn only_in(&self, node: &Node, language: QueryLanguage, property: &'static str) {
        let own = self.language(node);
        if own != language {
            let message = format!(
                "'{property}' can only be used where the query language is {}, but it is {}",
                language.name(),
                own.name()
            );
            node.place.report(Problem::property(property, message));
        }
    }

    pub(super) fn only_if(
        &self,
        node: &Node,
        language: QueryLanguage,
        property: &'static str,
        given: bool,
    ) {
        if given {
            self.only_in(node, language, property);
        }
    }

    /// A payload template that is only for states in a language.
    fn template_in(
        &self,
        node: &Node,
        language: QueryLanguage,
        property: &'static str,
        value: Option<&Value>,
    ) -> Option<Value> {
        self.only_if(node, language, property, value.is_some());
        self.template(node, property, value)
    }

    pub(super) fn next_or_end(&self, node: &Node, members: &mut Members) {
        match node.next {
            Some(next) => members.add("Next", Some(self.state_id(next))),
            None => members.add("End", Some(true)),
        }
    }

    pub(super) fn retry_catch(&self, node: &Node, members: &mut Members) {
        let mut retries: Vec<&Retry> = node.retries.iter().collect();
        retries.sort_by_key(|retry| catches_all(retry.errors.as_deref()));
        let retries: Vec<Value> = retries.into_iter().map(retrier).collect();
        members.add("Retry", (!retries.is_empty()).then_some(retries));
        let mut catches: Vec<&(StateIndex, Catch)> = node.catches.iter().collect();
        catches.sort_by_key(|(_, catch)| catches_all(catch.errors.as_deref()));
        let catches: Vec<Value> = catches
            .into_iter()
            .map(|catch| self.catcher(node, catch))
            .collect();
        members.add("Catch", (!catches.is_empty()).then_some(catches));
    }

    fn catcher(&self, node: &Node, (handler, catch): &(StateIndex, Catch)) -> Value {
        let mut members = Members::default();
        members.add(
            "Output",
            self.template_in(
                node,
                QueryLanguage::Jsonata,
                "outputs",
                catch.outputs.as_ref(),
            ),
        );
        members.add(
            "Assign",
            self.template(node, "assign", catch.assign.as_ref()),
        );
        members.add("ErrorEquals", Some(named(catch.errors.as_deref())));
        self.path(
            node,
            "ResultPath",
            "result_path",
            catch.result_path.as_ref(),
            &mut members,
        );
        members.add("Next", Some(self.state_id(*handler)));
        members.0.into()
    }

    fn input_output(&self, node: &Node, members: &mut Members) {
        let options = &node.options;
        self.path(
            node,
            "InputPath",
            "input_path",
            options.input_path.as_ref(),
            members,
        );
        members.add(
            "Parameters",
            self.template_in(
                node,
                QueryLanguage::JsonPath,
                "parameters",
                options.parameters.as_ref(),
            ),
        );
        self.path(
            node,
            "OutputPath",
            "output_path",
            options.output_path.as_ref(),
            members,
        );
        members.add(
            "Arguments",
            self.template_in(
                node,
                QueryLanguage::Jsonata,
                "arguments",
                options.arguments.as_ref(),
            ),
        );
        members.add(
            "Output",
            self.template_in(
                node,
                QueryLanguage::Jsonata,
                "outputs",
                options.outputs.as_ref(),
            ),
        );
        members.add(
            "Assign",
            self.template(node, "assign", options.assign.as_ref()),
        );
    }

    fn result_options(&self, node: &Node, members: &mut Members) {
        let options = &node.options;
        self.path(
            node,
            "ResultPath",
            "result_path",
            options.result_path.as_ref(),
            members,
        );
        members.add(
            "ResultSelector",
            self.template_in(
                node,
                QueryLanguage::JsonPath,
                "result_selector",
                options.result_selector.as_ref(),
            ),
        );
    }

    /// A value with what it takes from the workflow's data, in the state's language.
    pub(super) fn template(
        &self,
        node: &Node,
        property: &'static str,
        value: Option<&Value>,
    ) -> Option<Value> {
        let value = value?;
        let rendered = match self.language(node) {
            QueryLanguage::Jsonata => jsonata_template(value),
            QueryLanguage::JsonPath => payload_template(value),
        };
        if let (QueryLanguage::JsonPath, Some(path)) = (self.language(node), value.as_path()) {
            let message = format!(
                "'{property}' cannot be a path as a whole: write an object with a member that is {path}"
            );
            node.place.report(Problem::property(property, message));
        }
        rendered
            .map_err(|problem| {
                let problem = Problem::property(property, problem.to_string());
                node.place.report(problem);
            })
            .ok()
    }

    /// A value that in JSONPath takes nothing from the workflow's data; in JSONata it can be an expression.
    pub(super) fn literal(
        &self,
        node: &Node,
        property: &'static str,
        value: Option<&Value>,
    ) -> Option<Value> {
        let value = value?;
        if self.language(node) == QueryLanguage::Jsonata {
            return self.template(node, property, Some(value));
        }
        let paths = FieldUtils::find_referenced_paths(value);
        if !paths.is_empty() {
            let message = format!(
                "'{property}' is taken as it stands, so that it cannot refer to {}",
                paths.join(", ")
            );
            node.place.report(Problem::property(property, message));
        }
        Some(value.clone())
    }

    /// A JSONata expression. JSONata only.
    pub(super) fn expression(
        &self,
        node: &Node,
        name: &str,
        property: &'static str,
        expression: &str,
        members: &mut Members,
    ) {
        self.only_in(node, QueryLanguage::Jsonata, property);
        if !(expression.starts_with("{%") && expression.ends_with("%}")) {
            let message = format!(
                "JSONata expression must start with '{{%' and end with '%}}', got '{expression}'"
            );
            node.place.report(Problem::property(property, message));
        }
        members.add(name, Some(expression));
    }

    /// A path that stands as it is: null where everything is thrown away. JSONPath only.
    pub(super) fn path(
        &self,
        node: &Node,
        name: &str,
        property: &'static str,
        path: Option<&JsonPath>,
        members: &mut Members,
    ) {
        let Some(path) = path else { return };
        if *path == JsonPath::DISCARD {
            self.only_in(node, QueryLanguage::JsonPath, property);
            return members.add(name, Some(Value::Null));
        }
        if !path.expression().starts_with('$') {
            let message = format!("Expected JSON path to start with '$', got: {path}");
            return node.place.report(Problem::property(property, message));
        }
        self.path_or_call(node, name, property, Some(path), members);
    }

    /// A path or a call of an intrinsic function that stands as it is. JSONPath only.
    pub(super) fn path_or_call(
        &self,
        node: &Node,
        name: &str,
        property: &'static str,
        path: Option<&JsonPath>,
        members: &mut Members,
    ) {
        let Some(path) = path else { return };
        self.only_in(node, QueryLanguage::JsonPath, property);
        if let Err(problem) = well_formed(path) {
            node.place
                .report(Problem::property(property, problem.to_string()));
        }
        members.add(name, Some(path.expression()));
    }
}

/// What all states but tasks begin with.
fn start(node: &Node, kind: &str, members: &mut Members) {
    members.add("Type", Some(kind));
    members.add("Comment", node.options.comment.clone());
}

/// A number that is not written if it is 0, which means the same.
pub(super) fn whole_number(number: Option<u32>) -> Option<Value> {
    number.filter(|number| *number > 0).map(Value::from)
}

fn retrier(retry: &Retry) -> Value {
    let mut members = Members::default();
    members.add("ErrorEquals", Some(named(retry.errors.as_deref())));
    members.add("IntervalSeconds", retry.interval.map(Duration::to_seconds));
    members.add("MaxAttempts", retry.max_attempts);
    members.add("BackoffRate", retry.backoff_rate);
    members.add("MaxDelaySeconds", retry.max_delay.map(Duration::to_seconds));
    members.add("JitterStrategy", retry.jitter.map(JitterType::name));
    members.0.into()
}
