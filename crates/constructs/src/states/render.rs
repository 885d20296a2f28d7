//! States as they stand in a definition.
//!
//! Members come in the CDK's order.

use super::graph::GraphId;
use super::options::QueryLanguage;
use super::retry::{Catch, JitterStrategy, Retry, catches_all, named};
use super::state::{Kind, Node, StateIndex, States};
use super::task::{TaskDefinition, Timeout};
use crate::core::{Duration, Problem};
use crate::value::{JsonPath, Object, Value, payload_template};

/// How the graph of a machine is written.
pub(crate) struct Rendering<'a> {
    pub(crate) states: &'a States,
    /// The language of the whole machine.
    pub(crate) query_language: QueryLanguage,
}

/// A state's members, to which those that have a value are added.
#[derive(Default)]
struct Members(Object);

impl Members {
    fn add(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
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

    fn state_id(&self, index: StateIndex) -> String {
        self.states.node(index).state_id()
    }

    fn state(&self, node: &Node) -> Object {
        let mut members = Members::default();
        self.query_language(node, &mut members);
        match &node.kind {
            Kind::Pass { result } => {
                members.add("Type", Some("Pass"));
                members.add("Comment", node.options.comment.clone());
                members.add("Result", result.clone());
                self.result_options(node, &mut members);
                self.input_output(node, &mut members);
                self.next_or_end(node, &mut members);
            }
            Kind::Task(task) => {
                self.next_or_end(node, &mut members);
                self.retry_catch(node, &mut members);
                members.add("Type", Some("Task"));
                members.add("Comment", node.options.comment.clone());
                self.task(node, task, &mut members);
            }
            Kind::Succeed => {
                members.add("Type", Some("Succeed"));
                members.add("Comment", node.options.comment.clone());
                self.input_output(node, &mut members);
            }
        }
        members.0
    }

    fn task(&self, node: &Node, task: &TaskDefinition, members: &mut Members) {
        timeout("TimeoutSeconds", node.options.timeout.as_ref(), members);
        timeout("HeartbeatSeconds", node.options.heartbeat.as_ref(), members);
        self.input_output(node, members);
        self.result_options(node, members);
        if let Some(credentials) = &node.options.credentials {
            members.add(
                "Credentials",
                self.template(
                    node,
                    Some(&crate::object! {"RoleArn": &credentials.role_arn}),
                ),
            );
        }
        members.add("Resource", Some(&task.resource));
        let name = match self.language(node) {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        members.add(name, self.template(node, task.parameters.as_ref()));
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

    fn language(&self, node: &Node) -> QueryLanguage {
        node.options.query_language.unwrap_or(self.query_language)
    }

    fn next_or_end(&self, node: &Node, members: &mut Members) {
        match node.next {
            Some(next) => members.add("Next", Some(self.state_id(next))),
            None => members.add("End", Some(true)),
        }
    }

    fn retry_catch(&self, node: &Node, members: &mut Members) {
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
        members.add("Output", catch.outputs.clone());
        members.add("Assign", self.template(node, catch.assign.as_ref()));
        members.add("ErrorEquals", Some(named(catch.errors.as_deref())));
        members.add("ResultPath", path(node, catch.result_path.as_ref()));
        members.add("Next", Some(self.state_id(*handler)));
        members.0.into()
    }

    fn input_output(&self, node: &Node, members: &mut Members) {
        members.add("InputPath", path(node, node.options.input_path.as_ref()));
        members.add(
            "Parameters",
            self.template(node, node.options.parameters.as_ref()),
        );
        members.add("OutputPath", path(node, node.options.output_path.as_ref()));
        members.add("Arguments", node.options.arguments.clone());
        members.add("Output", node.options.outputs.clone());
        members.add("Assign", self.template(node, node.options.assign.as_ref()));
    }

    fn result_options(&self, node: &Node, members: &mut Members) {
        members.add("ResultPath", path(node, node.options.result_path.as_ref()));
        members.add(
            "ResultSelector",
            self.template(node, node.options.result_selector.as_ref()),
        );
    }

    /// A payload template in the state's language.
    fn template(&self, node: &Node, value: Option<&Value>) -> Option<Value> {
        let value = value?;
        match self.language(node) {
            QueryLanguage::Jsonata => Some(value.clone()),
            QueryLanguage::JsonPath => match payload_template(value) {
                Ok(template) => Some(template),
                Err(problem) => {
                    node.place
                        .report(Problem::property("parameters", problem.to_string()));
                    None
                }
            },
        }
    }
}

fn retrier(retry: &Retry) -> Value {
    let mut members = Members::default();
    members.add("ErrorEquals", Some(named(retry.errors.as_deref())));
    members.add("IntervalSeconds", retry.interval.map(Duration::to_seconds));
    members.add("MaxAttempts", retry.max_attempts);
    members.add("BackoffRate", retry.backoff_rate);
    members.add("MaxDelaySeconds", retry.max_delay.map(Duration::to_seconds));
    members.add("JitterStrategy", retry.jitter.map(JitterStrategy::name));
    members.0.into()
}

fn timeout(name: &str, timeout: Option<&Timeout>, members: &mut Members) {
    match timeout {
        None => {}
        Some(Timeout::Duration(duration)) => members.add(name, Some(duration.to_seconds())),
        Some(Timeout::At(path)) => members.add(&format!("{name}Path"), Some(path.as_str())),
    }
}

/// A path that stands as it is: null where everything is thrown away.
fn path(node: &Node, path: Option<&JsonPath>) -> Option<Value> {
    let path = path?;
    if *path == JsonPath::DISCARD {
        return Some(Value::Null);
    }
    if !path.expression().starts_with('$') {
        let message = format!("Expected JSON path to start with '$', got: {path}");
        node.place.report(Problem::property("path", message));
    }
    Some(path.expression().into())
}
