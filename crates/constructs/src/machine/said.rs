//! What was said of a machine, and what follows from it for its definition and its role.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::logs::LogOptions;
use crate::core::{Duration, Problem};
use crate::iam::Statement;
use crate::states::{QueryLanguage, StateGraph};
use crate::value::{Lazy, Text, Value};

/// What was said of a machine. It knows no place, so that the resource's properties can own it.
pub(super) struct Said {
    pub(super) body: Body,
    pub(super) version_2: bool,
    /// The ARNs of the machines, up to their names, and of the logs of the stack's account and region.
    pub(super) machine_arns: Text,
    pub(super) log_arns: Text,
    pub(super) name: RefCell<Option<Text>>,
    pub(super) timeout: Cell<Option<Duration>>,
    pub(super) comment: RefCell<Option<String>>,
    pub(super) query_language: Cell<Option<QueryLanguage>>,
    pub(super) logs: RefCell<Option<LogOptions>>,
    pub(super) tracing: Cell<bool>,
    /// The ARN of the author's key.
    pub(super) key: RefCell<Option<Text>>,
}

/// What the definition is written from.
pub(super) enum Body {
    Graph(StateGraph),
    Text(Text),
    /// A file, by its bucket and key.
    Published(Value),
}

impl Said {
    /// The definition as a value, if it is not in a file; text stays text.
    pub(super) fn definition(&self) -> Option<Value> {
        let graph = match &self.body {
            Body::Graph(graph) => graph,
            Body::Text(text) => return Some(text.into()),
            Body::Published(_) => return None,
        };
        let language = self.query_language.get();
        let mut members = graph.members(language.unwrap_or_default());
        if let Some(timeout) = self.timeout.get() {
            members.insert("TimeoutSeconds".to_owned(), timeout.to_seconds().into());
        }
        if let Some(comment) = self.comment.borrow().as_deref() {
            members.insert("Comment".to_owned(), comment.into());
        }
        if let Some(language) = language {
            members.insert("QueryLanguage".to_owned(), language.name().into());
        }
        Some(Value::Object(members))
    }

    /// `DefinitionString`.
    pub(super) fn definition_string(self: &Rc<Self>) -> Option<Value> {
        match &self.body {
            Body::Graph(_) => {
                let said = self.clone();
                Some(Value::JsonText(Lazy::new(move || said.definition())))
            }
            Body::Text(_) | Body::Published(_) => self.definition(),
        }
    }

    /// `DefinitionS3Location`.
    pub(super) fn location(&self) -> Option<Value> {
        match &self.body {
            Body::Published(location) => Some(location.clone()),
            Body::Graph(_) | Body::Text(_) => None,
        }
    }

    /// What the role must be allowed, in the order of the CDK's version.
    pub(super) fn statements(&self) -> Vec<Statement> {
        let states = match &self.body {
            Body::Graph(graph) => graph.policy_statements(),
            Body::Text(_) | Body::Published(_) => Vec::new(),
        };
        let mut statements = Vec::new();
        if self.version_2 {
            statements.extend(states);
            statements.extend(self.encryption());
            statements.extend(self.logging());
            statements.extend(self.tracing());
        } else {
            statements.extend(self.logging());
            statements.extend(self.tracing());
            statements.extend(states);
            statements.extend(self.encryption());
        }
        statements
    }

    fn logging(&self) -> Option<Statement> {
        self.logs.borrow().as_ref()?.statement()
    }

    /// Source: "Tracing with X-Ray" of the Step Functions guide.
    fn tracing(&self) -> Option<Statement> {
        let actions = [
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
        ];
        self.tracing.get().then(|| Statement::allow(actions, ["*"]))
    }

    /// To use the author's key for the machine, and for its logs.
    fn encryption(&self) -> Vec<Statement> {
        let key = self.key.borrow();
        let Some(key) = key.as_ref() else {
            return Vec::new();
        };
        // A machine that CloudFormation names cannot be named before it is made, and its role comes first.
        let name = self.name.borrow();
        let (operator, name) = match name.as_ref() {
            Some(name) => ("StringEquals", name.clone()),
            None => ("StringLike", "*".into()),
        };
        let machine = self.machine_arns.clone().then(name);
        let context = "kms:EncryptionContext:aws:states:stateMachineArn";
        let own = Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"], [key])
            .condition(operator, context, machine);
        let logs = self.logs_are_encrypted().then(|| {
            let context = "kms:EncryptionContext:SourceArn";
            // The star is part of what CloudWatch Logs gives as the context.
            let logs = self.log_arns.clone();
            Statement::allow(["kms:GenerateDataKey"], [key]).condition(
                "StringEquals",
                context,
                logs,
            )
        });
        std::iter::once(own).chain(logs).collect()
    }

    /// Whether logs are written with the author's key.
    pub(super) fn logs_are_encrypted(&self) -> bool {
        let logs = self.logs.borrow().as_ref().is_some_and(LogOptions::is_on);
        logs && self.key.borrow().is_some()
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let in_text = |property: &'static str, is_said: bool| {
            let message = format!(
                "'{property}' cannot be said of a machine whose definition is given as text: write it there."
            );
            is_said.then(|| Problem::property(property, message))
        };
        match &self.body {
            Body::Graph(_) => Vec::new(),
            Body::Text(_) | Body::Published(_) => [
                in_text("timeout", self.timeout.get().is_some()),
                in_text("comment", self.comment.borrow().is_some()),
                in_text("query_language", self.query_language.get().is_some()),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}
