//! What the role of any definition must be allowed, however the definition was written.

use stepmill_asl::model::{Resource, ServiceResource};

use super::{Template, map_resource, map_runs, rows, statements};
use crate::core::Scope;
use crate::iam::Statement;
use crate::template::ResourceTypes;
use crate::value::{JsonPath, Part, Text, Value};

/// The least that a machine's role must be allowed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RolePolicy {
    /// The statements, each once, in the order of the states.
    pub statements: Vec<Needed>,
    /// What the definition does not say.
    pub unknown: Vec<Unknown>,
}

/// A statement and the states that need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Needed {
    /// The statement.
    pub statement: Statement,
    /// The names of the states.
    pub states: Vec<String>,
}

/// Something that is only known when the workflow runs, or to the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name of the state.
    pub state: String,
    /// What is not known.
    pub what: String,
}

/// What the role of a definition must be allowed. The definition may have references to resources of the types;
/// account and region are the scope's.
pub fn of_definition(scope: &Scope, definition: &Value, types: &ResourceTypes) -> RolePolicy {
    let mut derivation = Derivation {
        scope,
        types,
        policy: RolePolicy::default(),
    };
    derivation.graph(definition);
    derivation.policy
}

/// A policy while it is derived from a definition.
struct Derivation<'a> {
    scope: &'a Scope,
    types: &'a ResourceTypes,
    policy: RolePolicy,
}

impl Derivation<'_> {
    fn graph(&mut self, graph: &Value) {
        for (name, state) in graph
            .get("States")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            self.state(name, state);
        }
    }

    fn state(&mut self, name: &str, state: &Value) {
        match literal(state, "Type") {
            Some("Task") => self.task(name, state),
            Some("Parallel") => {
                if let Some(Value::List(branches)) = state.get("Branches") {
                    for branch in branches {
                        self.graph(branch);
                    }
                }
            }
            Some("Map") => {
                let inner = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
                self.map(name, state);
                if let Some(inner) = inner {
                    self.graph(inner);
                    let config = inner.get("ProcessorConfig");
                    if config.and_then(|config| literal(config, "Mode")) == Some("DISTRIBUTED") {
                        self.map_runs(name, literal(state, "Label").unwrap_or("*"));
                    }
                }
            }
            _ => {}
        }
    }

    /// What a Map state reads its items from and writes its results to.
    fn map(&mut self, name: &str, state: &Value) {
        for member in ["ResultWriter", "ItemReader"] {
            let Some(member) = state.get(member) else {
                continue;
            };
            let Some(Resource::Service(resource)) = resource(member) else {
                continue;
            };
            let resource = format!("{}:{}", resource.service, resource.action);
            for statement in map_resource(self.scope, &resource, &parameters(member), &[]) {
                self.needs(name, statement);
            }
        }
    }

    /// The map runs of a machine whose name is not known.
    fn map_runs(&mut self, name: &str, label: &str) {
        let any = self.scope.arn("states", "stateMachine:*");
        for statement in map_runs(self.scope, &any, &[label.into()]) {
            self.needs(name, statement);
        }
        self.unknown(
            name,
            "the name of the state machine: narrow what its map runs need down from *",
        );
    }

    fn task(&mut self, name: &str, state: &Value) {
        let Some(Value::Text(resource)) = state.get("Resource") else {
            return self.unknown(name, "the task has no Resource");
        };
        let parameters = parameters(state);
        match read(resource) {
            Some(Resource::Service(service)) => self.service(name, &service, &parameters),
            Some(Resource::Lambda(_)) => self.function(name, resource),
            Some(Resource::Activity(_)) => {}
            None if self.is_activity(resource) => {}
            // What else has an ARN that CloudFormation fills in is a function, a version or an alias.
            None if resource
                .parts()
                .iter()
                .any(|part| matches!(part, Part::Token(_))) =>
            {
                self.function(name, resource);
            }
            None => self.unknown(
                name,
                "the task's Resource is no ARN that Step Functions knows",
            ),
        }
        if let Some(credentials) = state.get("Credentials") {
            let template = Template {
                scope: self.scope,
                parameters: &with_paths(credentials),
                known: &[],
            };
            self.needs(
                name,
                Statement::allow(["sts:AssumeRole"], template.all(&["{RoleArn}".to_owned()])),
            );
        }
    }

    fn service(&mut self, name: &str, service: &ServiceResource, parameters: &Value) {
        let full_name = match service.sdk {
            true => format!("aws-sdk:{}", service.service),
            false => service.service.to_string(),
        };
        let rows = rows(&full_name, &service.action, service.pattern);
        if service.sdk && rows.is_none() {
            let action = stepmill_catalog::iam_action(&service.service, &service.action);
            self.unknown(
                name,
                &format!("which resources {action} is about: narrow the statement down from *"),
            );
            return self.needs(name, Statement::allow([action], ["*"]));
        }
        let Some(rows) = rows else {
            let what = format!(
                "{}:{} is no integration that is known",
                service.service, service.action
            );
            return self.unknown(name, &what);
        };
        let template = Template {
            scope: self.scope,
            parameters,
            known: &[],
        };
        for row in rows.iter().filter(|row| row.resources.is_empty()) {
            if let Some(on) = &row.note {
                let actions = row.actions.join(", ");
                self.unknown(name, &format!("on what {actions} is needed: {on}"));
            }
        }
        for statement in statements(rows, &template) {
            self.needs(name, statement);
        }
    }

    fn is_activity(&self, resource: &Text) -> bool {
        let kind = resource
            .as_token()
            .and_then(|token| self.types.of_token(token));
        kind == Some("AWS::StepFunctions::Activity")
    }

    fn function(&mut self, name: &str, arn: &Text) {
        let row = stepmill_catalog::catalog().arns.get("lambda");
        let template = Template {
            scope: self.scope,
            parameters: &crate::object! {"Resource": arn},
            known: &[],
        };
        for statement in statements(row.map_or(&[], |row| &row.iam), &template) {
            self.needs(name, statement);
        }
    }

    fn needs(&mut self, state: &str, statement: Statement) {
        match self
            .policy
            .statements
            .iter_mut()
            .find(|needed| needed.statement == statement)
        {
            Some(needed) if needed.states.iter().any(|known| known == state) => {}
            Some(needed) => needed.states.push(state.to_owned()),
            None => self.policy.statements.push(Needed {
                statement,
                states: vec![state.to_owned()],
            }),
        }
    }

    fn unknown(&mut self, state: &str, what: &str) {
        let unknown = Unknown {
            state: state.to_owned(),
            what: what.to_owned(),
        };
        if !self.policy.unknown.contains(&unknown) {
            self.policy.unknown.push(unknown);
        }
    }
}

/// A member that is a literal text.
fn literal<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value.get(name)? {
        Value::Text(text) => text.as_literal(),
        _ => None,
    }
}

/// The parameters of a Task, or of what a Map state reads or writes, with their paths.
fn parameters(of: &Value) -> Value {
    let parameters = of.get("Parameters").or_else(|| of.get("Arguments"));
    parameters.map(with_paths).unwrap_or_default()
}

/// The `Resource` of what a Map state reads or writes.
fn resource(of: &Value) -> Option<Resource> {
    match of.get("Resource")? {
        Value::Text(resource) => read(resource),
        _ => None,
    }
}

/// A Task's `Resource` as the language reads it: its partition may be a token.
fn read(resource: &Text) -> Option<Resource> {
    match resource.parts() {
        [Part::Literal(arn)] => Resource::parse(arn),
        [Part::Literal(start), Part::Token(_), Part::Literal(rest)] if start == "arn:" => {
            Resource::parse(&format!("arn:aws{rest}"))
        }
        _ => None,
    }
}

/// A payload template with its `.$` members as paths again.
fn with_paths(template: &Value) -> Value {
    match template {
        Value::Object(members) => {
            let members =
                members
                    .iter()
                    .map(|(name, value)| match (name.strip_suffix(".$"), value) {
                        (Some(name), Value::Text(path)) => (name.into(), path_of(path)),
                        _ => (name.clone(), with_paths(value)),
                    });
            Value::Object(members.collect())
        }
        Value::List(items) => Value::List(items.iter().map(with_paths).collect()),
        other => other.clone(),
    }
}

fn path_of(text: &Text) -> Value {
    text.as_literal().map_or_else(
        || Value::Text(text.clone()),
        |path| JsonPath::from(path).into(),
    )
}
