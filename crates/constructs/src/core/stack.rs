//! Stacks: what is deployed together.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::app::{App, AppInner};
use super::environment::Environment;
use super::error::{Errors, Place, Problem};
use super::logical_id;
use super::resource::ResourceBody;
use super::scope::{Node, Scope};
use crate::iam;
use crate::value::{References, Resolver, Text, Token, Value};

/// Which stack of its app it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StackId(usize);

impl StackId {
    pub(super) fn index(self) -> usize {
        self.0
    }
}

/// A stack: resources that are deployed together.
///
/// It is a handle, and the root of its constructs: a `&Stack` is taken wherever a `&Scope` is wanted.
#[derive(Clone, Debug)]
pub struct Stack {
    scope: Scope,
}

/// A stack's template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The stack's name.
    pub stack: String,
    /// Where it is deployed to.
    pub environment: Environment,
    /// The template as CloudFormation reads it.
    pub body: Json,
}

pub(super) struct StackInner {
    pub(super) id: StackId,
    pub(super) name: String,
    pub(super) environment: Environment,
    pub(super) root: Rc<Node>,
    pub(super) resources: RefCell<IndexMap<String, ResourceBody>>,
    parameters: RefCell<IndexMap<String, Value>>,
    outputs: RefCell<IndexMap<String, Value>>,
    principals: RefCell<Vec<String>>,
    exports: RefCell<IndexMap<String, Json>>,
    checks: RefCell<Vec<(Place, Check)>>,
}

/// What is asked at synthesis of a construct.
type Check = Rc<dyn Fn() -> Vec<Problem>>;

impl Stack {
    /// A stack for whatever account and region it is deployed to.
    pub fn new(app: &App, name: &str) -> Self {
        Self::with_environment(app, name, Environment::default())
    }

    /// A stack for an account and region.
    pub fn with_environment(app: &App, name: &str, environment: Environment) -> Self {
        let mut stacks = app.inner.stacks.borrow_mut();
        let inner = Rc::new(StackInner {
            id: StackId(stacks.len()),
            name: name.to_owned(),
            environment,
            root: Rc::default(),
            resources: RefCell::default(),
            parameters: RefCell::default(),
            outputs: RefCell::default(),
            principals: RefCell::default(),
            exports: RefCell::default(),
            checks: RefCell::default(),
        });
        stacks.push(inner.clone());
        let scope = Scope::root(app.inner.clone(), inner);
        if stacks.iter().filter(|stack| stack.name == name).count() > 1 {
            scope.report(Problem::Tree(format!(
                "There is already a stack with name '{name}'"
            )));
        }
        Self { scope }
    }

    /// A parameter of the template, with its properties: `{"Type": "String"}`.
    pub fn parameter(&self, name: &str, properties: impl Into<Value>) -> Text {
        self.scope.parameter(name, properties)
    }

    /// Writes a value out where people and other programs read it.
    pub fn output(&self, name: &str, value: impl Into<Value>) {
        let value = Value::object([("Value", Some(value.into()))]);
        self.scope
            .stack
            .outputs
            .borrow_mut()
            .insert(name.to_owned(), value);
    }

    /// Which stack of its app it is, for references to what is in it.
    pub fn id_in_app(&self) -> StackId {
        self.scope.stack_id()
    }
}

impl Deref for Stack {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

impl Scope {
    /// The template of the stack that it is in.
    pub fn template(&self) -> Result<Template, Errors> {
        let template = self.stack.template(&self.app);
        self.app.outcome(template)
    }

    /// A parameter of the stack's template under a logical id.
    pub(crate) fn parameter(&self, id: &str, properties: impl Into<Value>) -> Text {
        self.stack
            .parameters
            .borrow_mut()
            .insert(id.to_owned(), properties.into());
        Token::Ref(self.stack.id, id.into()).into()
    }
}

impl StackInner {
    /// Notes that the template needs a service's principal for each region.
    pub(super) fn map_principal(&self, service: &str) {
        let mut principals = self.principals.borrow_mut();
        if !principals.iter().any(|known| known == service) {
            principals.push(service.to_owned());
        }
    }

    pub(super) fn check(&self, place: Place, check: impl Fn() -> Vec<Problem> + 'static) {
        self.checks.borrow_mut().push((place, Rc::new(check)));
    }

    pub(super) fn template(&self, app: &AppInner) -> Template {
        for (place, check) in self.checks.borrow().iter() {
            for problem in check() {
                place.report(problem);
            }
        }
        let resolver = Resolver {
            references: &From { app, stack: self },
        };
        let mut body = Map::new();
        let resources = self.resources.borrow();
        let resources = resources
            .iter()
            .filter(|(_, resource)| resource.is_present())
            .map(|(id, resource)| (id.clone(), resource.render(&resolver, self)));
        section(&mut body, "Resources", resources);
        let values = |section: &RefCell<IndexMap<String, Value>>| -> Vec<(String, Json)> {
            let section = section.borrow();
            section
                .iter()
                .filter_map(|(id, value)| Some((id.clone(), resolver.value(value)?)))
                .collect()
        };
        section(&mut body, "Parameters", values(&self.parameters));
        let exports = self.exports.borrow();
        let exports = exports
            .iter()
            .map(|(id, export)| (id.clone(), export.clone()));
        section(
            &mut body,
            "Outputs",
            values(&self.outputs).into_iter().chain(exports),
        );
        let services = self.principals.borrow();
        if !services.is_empty() {
            body.insert(
                "Mappings".to_owned(),
                json!({iam::PRINCIPAL_MAP: iam::principal_map(&services)}),
            );
        }
        Template {
            stack: self.name.clone(),
            environment: self.environment.clone(),
            body: Json::Object(body),
        }
    }

    /// Lets other stacks read a resource or an attribute; the name to import it by.
    fn export(&self, logical_id: &str, attribute: Option<&str>) -> String {
        let value = match attribute {
            None => json!({"Ref": logical_id}),
            Some(attribute) => json!({"Fn::GetAtt": [logical_id, attribute]}),
        };
        let id = logical_id::logical_id(["Exports", &format!("Output{value}")]);
        let name = format!("{}:{id}", self.name);
        let export = json!({"Value": value, "Export": {"Name": name}});
        self.exports.borrow_mut().insert(id, export);
        name
    }
}

fn section(
    body: &mut Map<String, Json>,
    name: &str,
    members: impl IntoIterator<Item = (String, Json)>,
) {
    let members: Map<String, Json> = members.into_iter().collect();
    if !members.is_empty() {
        body.insert(name.to_owned(), Json::Object(members));
    }
}

/// References as read from a stack.
struct From<'a> {
    app: &'a AppInner,
    stack: &'a StackInner,
}

impl References for From<'_> {
    fn reference(&self, stack: StackId, logical_id: &str, attribute: Option<&str>) -> Json {
        match (self.app.stack(stack), attribute) {
            (Some(other), _) if other.id != self.stack.id => {
                json!({"Fn::ImportValue": other.export(logical_id, attribute)})
            }
            (_, None) => json!({"Ref": logical_id}),
            (_, Some(attribute)) => json!({"Fn::GetAtt": [logical_id, attribute]}),
        }
    }
}
