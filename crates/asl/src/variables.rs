//! Which variables the states of a machine read.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::intrinsic;
use crate::jsonata;
use crate::jsonpath::{Path, Root};
use crate::model::{
    Condition, Data, Dynamic, ErrorHandling, Items, Map, Operand, Operator, ProcessorMode,
    Selection, State, StateKind, StateMachine, Wait,
};
use crate::template::{Node, Template};

/// The states that read variables, with the names they read: sorted, without `$`, each once.
///
/// States of all nesting levels stand side by side under their own names. This is what
/// `DescribeStateMachine` answers as `variableReferences` (observed on AWS).
pub fn variable_references(machine: &StateMachine) -> IndexMap<String, Vec<String>> {
    let mut references = IndexMap::new();
    for state in &machine.states {
        let mut reads = Reads::default();
        reads.state(state);
        if !reads.0.is_empty() {
            references.insert(state.name.to_string(), reads.0.into_iter().collect());
        }
    }
    references
}

#[derive(Default)]
struct Reads(BTreeSet<String>);

impl Reads {
    fn state(&mut self, state: &State) {
        match &state.data {
            Data::JsonPath(data) => {
                for selection in [&data.input_path, &data.output_path] {
                    if let Selection::Path(path) = selection {
                        self.path(path);
                    }
                }
                self.template(data.parameters.as_ref());
                self.template(data.result_selector.as_ref());
            }
            Data::Jsonata(data) => {
                self.template(data.arguments.as_ref());
                self.template(data.output.as_ref());
            }
        }
        self.template(state.assign.as_ref());
        if let Some(errors) = state.error_handling() {
            self.errors(errors);
        }
        match &state.kind {
            StateKind::Pass { .. } | StateKind::Succeed | StateKind::Parallel(_) => {}
            StateKind::Task(task) => {
                self.dynamic(task.timeout_seconds.as_ref());
                self.dynamic(task.heartbeat_seconds.as_ref());
                self.template(task.credentials.as_ref());
            }
            StateKind::Choice(choice) => {
                for rule in &choice.rules {
                    self.condition(&rule.condition);
                    self.template(rule.assign.as_ref());
                    self.template(rule.output.as_ref());
                }
            }
            StateKind::Wait(Wait::Seconds(seconds)) => self.dynamic(Some(seconds)),
            StateKind::Wait(Wait::Timestamp(timestamp)) => self.dynamic(Some(timestamp)),
            StateKind::Fail(fail) => {
                self.dynamic(fail.error.as_ref());
                self.dynamic(fail.cause.as_ref());
            }
            StateKind::Map(map) => self.map(map),
        }
    }

    fn errors(&mut self, errors: &ErrorHandling) {
        for catcher in &errors.catch {
            self.template(catcher.assign.as_ref());
            self.template(catcher.output.as_ref());
        }
    }

    fn map(&mut self, map: &Map) {
        match &map.items {
            Items::Input => {}
            Items::Path(path) => self.path(path),
            Items::Template(template) => self.template(Some(template)),
        }
        self.template(map.item_selector.as_ref());
        self.dynamic(map.max_concurrency.as_ref());
        self.dynamic(map.tolerated_failure_percentage.as_ref());
        self.dynamic(map.tolerated_failure_count.as_ref());
        let ProcessorMode::Distributed(distributed) = &map.mode else {
            return;
        };
        if let Some(reader) = &distributed.item_reader {
            self.template(reader.arguments.as_ref());
            self.dynamic(reader.config.max_items.as_ref());
        }
        if let Some(batcher) = &distributed.item_batcher {
            self.template(batcher.batch_input.as_ref());
            self.dynamic(batcher.max_items_per_batch.as_ref());
            self.dynamic(batcher.max_input_bytes_per_batch.as_ref());
        }
        if let Some(writer) = &distributed.result_writer {
            self.template(writer.arguments.as_ref());
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Jsonata(condition) => self.dynamic(Some(condition)),
            Condition::And(conditions) | Condition::Or(conditions) => {
                for condition in conditions {
                    self.condition(condition);
                }
            }
            Condition::Not(condition) => self.condition(condition),
            Condition::Comparison(comparison) => {
                self.path(&comparison.variable);
                match &comparison.operator {
                    Operator::BooleanEquals(operand) => self.operand(operand),
                    Operator::Numeric(_, operand) => self.operand(operand),
                    Operator::String(_, operand) => self.operand(operand),
                    Operator::Timestamp(_, operand) => self.operand(operand),
                    Operator::StringMatches(_) | Operator::IsPresent(_) | Operator::Is(..) => {}
                }
            }
        }
    }

    fn operand<T>(&mut self, operand: &Operand<T>) {
        if let Operand::Path(path) = operand {
            self.path(path);
        }
    }

    fn dynamic<T>(&mut self, value: Option<&Dynamic<T>>) {
        match value {
            None | Some(Dynamic::Literal(_)) => {}
            Some(Dynamic::Query(query)) => self.query(query),
            Some(Dynamic::Expression(expression)) => self.expression(expression),
        }
    }

    fn template(&mut self, template: Option<&Template>) {
        match template {
            None => {}
            Some(Template::JsonPath(node)) => self.node(node, &Self::query),
            Some(Template::Jsonata(node)) => self.node(node, &Self::expression),
        }
    }

    fn node<Q>(&mut self, node: &Node<Q>, read: &impl Fn(&mut Self, &Q)) {
        match node {
            Node::Literal(_) => {}
            Node::Query(query) => read(self, query),
            Node::Array(items) => items.iter().for_each(|item| self.node(item, read)),
            Node::Object(members) => {
                for (_, member) in members {
                    self.node(member, read);
                }
            }
        }
    }

    fn query(&mut self, query: &intrinsic::Expression) {
        for path in query.paths() {
            self.path(path);
        }
    }

    fn expression(&mut self, expression: &jsonata::Expression) {
        self.0.extend(expression.variables().iter().cloned());
    }

    fn path(&mut self, path: &Path) {
        if let Root::Variable(name) = &path.root {
            self.0.insert(name.clone());
        }
    }
}
