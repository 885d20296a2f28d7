//! State machines.

use std::cell::Cell;
use std::rc::Rc;

use crate::core::{CfnResource, Duration, Problem, Scope};
use crate::iam::{Grantable, PolicyDocument, Principal, Role, Statement};
use crate::policy;
use crate::states::{Chainable, GraphId, QueryLanguage, Rendering, States};
use crate::value::{Lazy, Object, Text, Value};

const MAX_NAME: usize = 80;

/// A workflow as AWS runs it.
///
/// It is a handle: clones are the same machine. What its tasks need is allowed to its role.
#[derive(Clone)]
pub struct StateMachine {
    resource: CfnResource,
    scope: Scope,
    definition: Rc<Definition>,
    role: Role,
}

/// Which kind of workflow it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateMachineType {
    /// Durable, for up to a year.
    Standard,
    /// Fast, for up to five minutes; its steps may be done twice.
    Express,
}

/// What a machine's definition is written from. It knows no place, so that the resource can own it.
struct Definition {
    states: Rc<States>,
    graph: GraphId,
    timeout: Cell<Option<Duration>>,
    query_language: Cell<Option<QueryLanguage>>,
}

impl StateMachine {
    /// A machine that starts with the start of a chain.
    pub fn new(scope: &Scope, id: &str, definition: impl Chainable) -> Self {
        let place = scope.child(id);
        let principal = Principal::regional_service(&place, "states");
        let role = Role::new(&place, "Role", principal);
        Self::with_role(place, id, definition, role)
    }

    fn with_role(place: Scope, id: &str, definition: impl Chainable, role: Role) -> Self {
        let chain = definition.into_chain();
        let states = place.states();
        let graph = states.graph(&chain, format!("State Machine {id} definition"));
        states.check(graph, &place.place());
        let definition = Rc::new(Definition {
            states,
            graph,
            timeout: Cell::default(),
            query_language: Cell::default(),
        });
        let written = definition.clone();
        let resource = CfnResource::new(&place, "Resource", "AWS::StepFunctions::StateMachine")
            .property("RoleArn", role.role_arn())
            .property(
                "DefinitionString",
                Value::JsonText(Lazy::new(move || Some(written.value()))),
            );
        resource.depends_on(role.scope());
        for statement in definition.states.statements(graph) {
            role.add_to_policy(statement);
        }
        if let Some(labels) = definition.states.map_run_labels(graph) {
            let runs = policy::map_runs(&place, &resource.reference(), &labels);
            let place = place.child("DistributedMapPolicy");
            role.attach_inline_policy(&place, &PolicyDocument::of(runs));
        }
        Self {
            resource,
            scope: place,
            definition,
            role,
        }
    }

    /// Its name; CloudFormation makes one unless said.
    #[must_use]
    pub fn state_machine_name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if let Some(problem) = name.as_literal().and_then(wrong_name) {
            self.scope.report(problem);
        }
        self.resource.set("StateMachineName", name);
        self
    }

    /// Standard, unless said.
    #[must_use]
    pub fn state_machine_type(self, kind: StateMachineType) -> Self {
        let name = match kind {
            StateMachineType::Standard => "STANDARD",
            StateMachineType::Express => "EXPRESS",
        };
        self.resource.set("StateMachineType", name);
        self
    }

    /// How long an execution may take, in whole seconds.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.definition.timeout.set(Some(timeout));
        self
    }

    /// The language of expressions in its states, unless a state says otherwise.
    #[must_use]
    pub fn query_language(self, language: QueryLanguage) -> Self {
        self.definition.query_language.set(Some(language));
        self
    }

    /// Its ARN.
    pub fn state_machine_arn(&self) -> Text {
        self.resource.reference()
    }

    /// Its name.
    pub fn state_machine_name_text(&self) -> Text {
        self.resource.attribute("Name")
    }

    /// The role that its tasks act with.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// Allows its role more.
    pub fn add_to_role_policy(&self, statement: Statement) {
        self.role.add_to_policy(statement);
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The definition, with tokens where something is only known at deployment.
    pub fn definition(&self) -> Value {
        self.definition.value()
    }
}

impl Definition {
    fn value(&self) -> Value {
        let language = self.query_language.get();
        let rendering = Rendering {
            states: &self.states,
            query_language: language.unwrap_or_default(),
        };
        let mut members = Object::new();
        if let Some(language) = language {
            members.insert("QueryLanguage".to_owned(), language.name().into());
        }
        members.extend(rendering.graph(self.graph));
        if let Some(timeout) = self.timeout.get() {
            members.insert("TimeoutSeconds".to_owned(), timeout.to_seconds().into());
        }
        Value::Object(members)
    }
}

fn wrong_name(name: &str) -> Option<Problem> {
    if name.is_empty() || name.len() > MAX_NAME {
        let message =
            format!("State Machine name must be between 1 and 80 characters. Received: {name}");
        return Some(Problem::property("state_machine_name", message));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+!@.()-=_'".contains(c);
    if !name.chars().all(allowed) {
        let message =
            format!(r#"State Machine name must match "^[a-z0-9+!@.()-=_']+$/i". Received: {name}"#);
        return Some(Problem::property("state_machine_name", message));
    }
    None
}

impl Grantable for StateMachine {
    fn grant_role(&self) -> Option<Role> {
        Some(self.role.clone())
    }
}
