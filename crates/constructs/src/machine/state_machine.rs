//! State machines.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::definition::DefinitionBody;
use super::encryption::EncryptionConfiguration;
use super::logs::LogOptions;
use super::said::{Body, Said};
use crate::core::{Asset, CfnResource, Duration, Feature, Problem, RemovalPolicy, Scope};
use crate::iam::{Grantable, PolicyDocument, Principal, Role, Statement};
use crate::policy;
use crate::resources::Key;
use crate::states::{Chain, Chainable, Pass, QueryLanguage, StateGraph};
use crate::value::{Object, Text, Value};

const MAX_NAME: usize = 80;

/// A workflow as AWS runs it, made in the stack or imported.
///
/// It is a handle: clones are the same machine. What its tasks need is allowed to its role.
#[derive(Clone, Debug)]
pub struct StateMachine {
    scope: Scope,
    arn: Text,
    made: Option<Made>,
}

/// What only a machine of the stack has.
#[derive(Clone)]
struct Made {
    resource: CfnResource,
    role: Role,
    said: Rc<Said>,
}

/// Which kind of workflow it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateMachineType {
    /// Durable, for up to a year.
    Standard,
    /// Fast, for up to five minutes; its steps may be done twice.
    Express,
}

impl StateMachine {
    /// A machine that starts with the start of a chain, or has another [`DefinitionBody`], and a role of its own.
    pub fn new(scope: &Scope, id: &str, definition_body: impl Into<DefinitionBody>) -> Self {
        let place = scope.child(id);
        let principal = match place.has(Feature::Version2) {
            true => Principal::service("states.amazonaws.com")
                .when(
                    "ArnLike",
                    "aws:SourceArn",
                    place.arn("states", "stateMachine:*"),
                )
                .when("StringEquals", "aws:SourceAccount", place.account()),
            false => Principal::regional_service(&place, "states"),
        };
        let role = Role::new(&place, "Role", principal);
        Self::at(place, definition_body.into(), role)
    }

    /// A machine whose tasks act with a given role. What they need is allowed to it.
    pub fn with_role(
        scope: &Scope,
        id: &str,
        definition_body: impl Into<DefinitionBody>,
        role: &Role,
    ) -> Self {
        Self::at(scope.child(id), definition_body.into(), role.clone())
    }

    fn at(place: Scope, definition_body: DefinitionBody, role: Role) -> Self {
        let version_2 = place.has(Feature::Version2);
        let body = match definition_body {
            DefinitionBody::Chainable(chain) => {
                let description = match version_2 {
                    true => "State Machine definition".to_owned(),
                    false => format!("State Machine {} definition", place.id()),
                };
                Body::Graph(StateGraph::new(own(&place, chain), description))
            }
            DefinitionBody::String(text) => Body::Text(text),
            DefinitionBody::File(path) => {
                let asset = Asset::new(&place, "DefinitionBody", path);
                Body::Published(crate::object! {
                    "Bucket": asset.s3_bucket_name(),
                    "Key": asset.s3_object_key(),
                })
            }
        };
        let said = Rc::new(Said {
            body,
            version_2,
            machine_arns: place.arn("states", "stateMachine:"),
            log_arns: place.arn("logs", "*"),
            name: RefCell::default(),
            timeout: Cell::default(),
            comment: RefCell::default(),
            query_language: Cell::default(),
            logs: RefCell::default(),
            tracing: Cell::default(),
            key: RefCell::default(),
        });
        let (written, published) = (said.clone(), said.clone());
        let resource = CfnResource::new(&place, "Resource", "AWS::StepFunctions::StateMachine")
            .property("RoleArn", role.role_arn())
            .lazy_property("DefinitionString", move || written.definition_string())
            .lazy_property("DefinitionS3Location", move || published.location());
        if version_2 {
            resource.removal_policy(RemovalPolicy::Destroy);
        }
        resource.depends_on(role.scope());
        let needed = said.clone();
        role.add_to_policy_later(move || needed.statements());
        if let Body::Graph(graph) = &said.body
            && let Some(labels) = graph.map_run_labels()
        {
            let runs = policy::map_runs(&place, &resource.reference(), &labels);
            let place = place.child("DistributedMapPolicy");
            role.attach_inline_policy(&place, &PolicyDocument::of(runs));
        }
        let (checked, reports) = (said.clone(), place.place());
        place.check(move || {
            if let Body::Graph(graph) = &checked.body {
                graph.check(&reports);
            }
            checked.problems()
        });
        Self {
            scope: place,
            arn: resource.reference(),
            made: Some(Made {
                resource,
                role,
                said,
            }),
        }
    }

    /// A machine that exists already, by its ARN.
    pub fn from_state_machine_arn(scope: &Scope, id: &str, arn: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            arn: arn.into(),
            made: None,
        }
    }

    /// A machine of the stack's account and region that exists already, by its name.
    pub fn from_state_machine_name(scope: &Scope, id: &str, name: impl Into<Text>) -> Self {
        let arn = scope.arn("states", Text::from("stateMachine:").then(name));
        Self::from_state_machine_arn(scope, id, arn)
    }

    /// What was said of it, to say more; for an imported machine that is a mistake.
    fn say(&self, property: &'static str, say: impl FnOnce(&Made)) {
        if let Some(made) = &self.made {
            return say(made);
        }
        let message = format!("'{property}' cannot be said of an imported state machine.");
        self.scope.report(Problem::property(property, message));
    }

    /// Its name, of at most 80 characters; CloudFormation makes one unless said.
    pub fn state_machine_name(self, name: impl Into<Text>) -> Self {
        let name = name.into();
        if let Some(problem) = name.as_literal().and_then(wrong_name) {
            self.scope.report(problem);
        }
        self.say("state_machine_name", |made| {
            made.said.name.replace(Some(name.clone()));
            made.resource.set("StateMachineName", name);
        });
        self
    }

    /// Standard, unless said.
    pub fn state_machine_type(self, kind: StateMachineType) -> Self {
        let name = match kind {
            StateMachineType::Standard => "STANDARD",
            StateMachineType::Express => "EXPRESS",
        };
        self.property("StateMachineType", name)
    }

    /// Sets a property of the resource: `("Tags", tags)`.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        self.say("property", |made| made.resource.set(name, value));
        self
    }

    /// How long an execution may take, in whole seconds.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.say("timeout", |made| made.said.timeout.set(Some(timeout)));
        self
    }

    /// A comment for people who read the definition.
    pub fn comment(self, comment: impl Into<String>) -> Self {
        self.say("comment", |made| {
            made.said.comment.replace(Some(comment.into()));
        });
        self
    }

    /// The language of expressions in its states, unless a state says otherwise.
    pub fn query_language(self, language: QueryLanguage) -> Self {
        self.say("query_language", |made| {
            made.said.query_language.set(Some(language));
        });
        self
    }

    /// Values that CloudFormation puts into the definition in place of `${NAME}`.
    pub fn definition_substitutions<K: Into<String>, V: Into<Text>>(
        self,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let values = values.into_iter();
        let values: Object = values
            .map(|(name, value)| (name.into(), Value::Text(value.into())))
            .collect();
        self.property("DefinitionSubstitutions", Value::Object(values))
    }

    /// What of executions is logged, and where; nothing unless said.
    pub fn logs(self, logs: LogOptions) -> Self {
        if let Some(problem) = logs.problem() {
            self.scope.report(problem);
        }
        self.say("logs", |made| {
            made.resource.set("LoggingConfiguration", logs.value());
            made.said.logs.replace(Some(logs));
        });
        self
    }

    /// Whether executions are traced by X-Ray.
    pub fn tracing_enabled(self, enabled: bool) -> Self {
        self.say("tracing_enabled", |made| {
            made.said.tracing.set(enabled);
            if enabled || made.said.version_2 {
                let tracing = crate::object! {"Enabled": enabled};
                made.resource.set("TracingConfiguration", tracing);
            }
        });
        self
    }

    /// By which key executions and the definition are encrypted. A key of the author's is allowed to its role.
    pub fn encryption_configuration(self, encryption: impl Into<EncryptionConfiguration>) -> Self {
        let encryption = encryption.into();
        if let Some(problem) = encryption.problem() {
            self.scope.report(problem);
        }
        self.say("encryption_configuration", |made| {
            made.resource
                .set("EncryptionConfiguration", encryption.value());
            let key = encryption.key();
            made.said.key.replace(key.map(Key::key_arn));
            if let Some(key) = key {
                let said = made.said.clone();
                key.add_to_resource_policy_later(move || {
                    let delivery = Principal::service("delivery.logs.amazonaws.com");
                    let decrypt = Statement::allow(["kms:Decrypt*"], ["*"]).principal(delivery);
                    said.logs_are_encrypted()
                        .then_some(decrypt)
                        .into_iter()
                        .collect()
                });
            }
        });
        self
    }

    /// What happens to it when it leaves the stack; it is deleted unless said.
    pub fn removal_policy(self, policy: RemovalPolicy) -> Self {
        self.say("removal_policy", |made| {
            made.resource.removal_policy(policy);
        });
        self
    }

    /// Its ARN.
    pub fn state_machine_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name, as CloudFormation knows it.
    pub fn state_machine_name_text(&self) -> Text {
        match &self.made {
            Some(made) => made.resource.attribute("Name"),
            None => self.name_in_arn(),
        }
    }

    /// The id of its current revision; none for an imported machine.
    pub fn state_machine_revision_id(&self) -> Option<Text> {
        let made = self.made.as_ref()?;
        Some(made.resource.attribute("StateMachineRevisionId"))
    }

    /// The role that its tasks act with; none for an imported machine.
    pub fn role(&self) -> Option<&Role> {
        self.made.as_ref().map(|made| &made.role)
    }

    /// Allows its role more.
    pub fn add_to_role_policy(&self, statement: Statement) {
        self.add_to_principal_policy(statement);
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The definition, with tokens where something is only known at deployment; none for an imported machine and for one
    /// whose definition is in a file.
    pub fn definition(&self) -> Option<Value> {
        self.made.as_ref()?.said.definition()
    }
}

/// A chain, if its states are of the app that the machine is of. Those of another have no place in its template.
fn own(place: &Scope, chain: Chain) -> Chain {
    if chain.start_state().is_of(&place.states()) {
        return chain;
    }
    let id = chain.start_state().id();
    let message = format!("State '{id}' belongs to another app");
    place.report(Problem::graph(message, [id]));
    Pass::new(place, "Definition").into_chain()
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

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Made")
            .field("resource", &self.resource)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Grantable for StateMachine {
    fn grant_role(&self) -> Option<Role> {
        self.role().cloned()
    }

    /// For an imported machine, whose role is not known, it is left to the author, with a warning.
    fn add_to_principal_policy(&self, statement: Statement) -> bool {
        if let Some(role) = self.role() {
            return role.add_to_policy(statement);
        }
        let message = format!("Add statement to this resource's role: {statement:?}");
        self.scope.warn(Problem::property("role", message));
        true
    }
}
