//! Stacks: what is deployed together.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::app::{App, AppInner};
use super::asset::AssetFile;
use super::environment::Environment;
use super::error::{ConstructError, ConstructErrors, Place, Problem};
use super::logical_id;
use super::resource::ResourceBody;
use super::scope::{Node, Scope};
use super::synthesizer::Sections;
use crate::iam::{self, DetachedRole};
use crate::value::{References, Resolver, Text, Token, Value, function};

/// The longest logical id that CloudFormation takes.
const MAX_LOGICAL_ID: usize = 255;

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
    pub(super) outputs: RefCell<IndexMap<String, Value>>,
    principals: RefCell<Vec<String>>,
    exports: RefCell<IndexMap<String, Json>>,
    /// The roles of functions that the stack has once, by the functions' ids.
    pub(super) singletons: RefCell<HashMap<String, DetachedRole>>,
    /// Resources whose logical id ends with a hash of another's properties.
    pub(super) named_by_content: RefCell<Vec<NamedByContent>>,
    /// Such resources' logical ids in the template, by those that tokens have.
    pub(super) renamed: RefCell<HashMap<String, String>>,
    /// By hash.
    pub(super) assets: RefCell<IndexMap<String, AssetFile>>,
    /// The stacks that are deployed before it.
    pub(super) dependencies: RefCell<BTreeSet<StackId>>,
    checks: RefCell<Vec<(Place, Check)>>,
}

/// A resource whose logical id ends with a hash of another, so that it is replaced when that one changes.
pub(super) struct NamedByContent {
    /// The resource's logical id without the hash.
    pub(super) id: String,
    /// The other's logical id.
    pub(super) content: String,
    /// The hash of the other as it stands in the template.
    pub(super) hash: ContentHash,
}

/// Makes a hash of what stands in the template.
type ContentHash = Rc<dyn Fn(&Json, Resolve<'_>) -> String>;

/// Makes a value into the JSON of the template.
pub(crate) type Resolve<'a> = &'a dyn Fn(&Value) -> Option<Json>;

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
            singletons: RefCell::default(),
            named_by_content: RefCell::default(),
            renamed: RefCell::default(),
            assets: RefCell::default(),
            dependencies: RefCell::default(),
        });
        stacks.push(inner.clone());
        let scope = Scope::root(app.inner.clone(), inner);
        if stacks.iter().filter(|stack| stack.name == name).count() > 1 {
            scope.report(Problem::Tree(format!(
                "There is already a stack with name '{name}'"
            )));
        }
        if !is_stack_name(name) {
            scope.report(Problem::Tree(format!(
                "Stack name must match the regular expression: /^[A-Za-z][A-Za-z0-9-]*$/, got '{name}'"
            )));
        }
        Self { scope }
    }

    /// Lets another stack be deployed before this one, whether or not this one takes anything from it.
    pub fn add_dependency(&self, other: &Self) {
        let mut dependencies = self.scope.stack.dependencies.borrow_mut();
        dependencies.insert(other.scope.stack.id);
    }

    /// A parameter of the template, with its properties: `{"Type": "String"}`.
    pub fn parameter(&self, name: &str, properties: impl Into<Value>) -> Text {
        self.scope.parameter(name, properties)
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
    pub fn template(&self) -> Result<Template, ConstructErrors> {
        // The others say what they take from this one.
        let mut templates = self.app.render();
        let template = templates.swap_remove(self.stack.id.index());
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
    /// Notes an asset that is published with the stack.
    pub(super) fn publish(&self, asset: AssetFile) {
        let hash = asset.hash.clone();
        self.assets.borrow_mut().insert(hash, asset);
    }

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

    /// Finds out the logical ids that end with a hash.
    pub(super) fn name_by_content(&self, app: &AppInner) {
        let resolver = Resolver {
            references: &From { app, stack: self },
        };
        for NamedByContent { id, content, hash } in self.named_by_content.borrow().iter() {
            let resources = self.resources.borrow();
            let Some(resource) = resources.get(content) else {
                continue;
            };
            let hash = hash(&resource.render(&resolver, self), &|value| {
                resolver.value(value)
            });
            let kept = id.len().saturating_sub(MAX_LOGICAL_ID - hash.len());
            let name = format!("{}{hash}", &id[kept..]);
            self.renamed.borrow_mut().insert(id.clone(), name);
        }
    }

    /// A resource's logical id in the template.
    pub(super) fn final_id(&self, id: &str) -> String {
        let renamed = self.renamed.borrow();
        renamed.get(id).map_or(id, String::as_str).to_owned()
    }

    /// The template without what is only known when all stacks are rendered.
    pub(super) fn render(&self, app: &AppInner) -> Map<String, Json> {
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
            .map(|(id, resource)| (self.final_id(id), resource.render(&resolver, self)));
        section(&mut body, "Resources", resources);
        let values = |section: &RefCell<IndexMap<String, Value>>| -> Vec<(String, Json)> {
            let section = section.borrow();
            section
                .iter()
                .filter_map(|(id, value)| Some((id.clone(), resolver.value(value)?)))
                .collect()
        };
        section(&mut body, "Parameters", values(&self.parameters));
        section(&mut body, "Outputs", values(&self.outputs));
        let services = self.principals.borrow();
        if !services.is_empty() {
            body.insert(
                "Mappings".to_owned(),
                json!({iam::PRINCIPAL_MAP: iam::principal_map(&services)}),
            );
        }
        body
    }

    /// The template, with what other stacks take from it and what its deployment checks.
    pub(super) fn finish(&self, app: &AppInner, mut body: Map<String, Json>) -> Template {
        let exports = self.exports.borrow();
        let exports = exports
            .iter()
            .map(|(id, export)| (id.clone(), export.clone()));
        section(&mut body, "Outputs", exports);
        if let Some(Sections { parameter, rule }) = app.synthesizer().sections() {
            section(
                &mut body,
                "Parameters",
                [(parameter.0.to_owned(), parameter.1)],
            );
            section(&mut body, "Rules", [(rule.0.to_owned(), rule.1)]);
        }
        Template {
            stack: self.name.clone(),
            environment: self.environment.clone(),
            body: Json::Object(body),
        }
    }

    /// The resources' logical ids by the constructs' paths.
    pub(super) fn logical_ids(&self) -> Vec<(String, String)> {
        let resources = self.resources.borrow();
        let ids = resources
            .iter()
            .map(|(id, resource)| (resource.path().to_owned(), self.final_id(id)));
        ids.collect()
    }

    /// A resource or its attribute as the stack itself reads it.
    fn reference(&self, logical_id: &str, attribute: Option<&str>) -> Json {
        let id = self.final_id(logical_id);
        match attribute {
            None => function("Ref", id),
            Some(attribute) => {
                function("Fn::GetAtt", Json::Array(vec![id.into(), attribute.into()]))
            }
        }
    }

    /// Lets other stacks read a resource or an attribute; the name to import it by.
    fn export(&self, logical_id: &str, attribute: Option<&str>) -> String {
        let value = self.reference(logical_id, attribute);
        let id = logical_id::logical_id(["Exports", &format!("Output{value}")]);
        let name = format!("{}:{id}", self.name);
        let export = json!({"Value": value, "Export": {"Name": name}});
        self.exports.borrow_mut().insert(id, export);
        name
    }
}

/// Adds members to a section of a template; one without members is left out.
fn section(
    body: &mut Map<String, Json>,
    name: &str,
    members: impl IntoIterator<Item = (String, Json)>,
) {
    let mut members = members.into_iter().peekable();
    if members.peek().is_none() {
        return;
    }
    let section = body.entry(name).or_insert_with(|| Json::Object(Map::new()));
    if let Json::Object(section) = section {
        section.extend(members);
    }
}

/// Whether CloudFormation takes a stack's name.
fn is_stack_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// References as read from a stack.
struct From<'a> {
    app: &'a AppInner,
    stack: &'a StackInner,
}

impl References for From<'_> {
    fn reference(&self, stack: StackId, logical_id: &str, attribute: Option<&str>) -> Json {
        if stack == self.stack.id {
            return self.stack.reference(logical_id, attribute);
        }
        match self.app.stack(stack) {
            Some(other) => {
                self.check_environment(&other);
                self.stack.dependencies.borrow_mut().insert(other.id);
                json!({"Fn::ImportValue": other.export(logical_id, attribute)})
            }
            None => self.stack.reference(logical_id, attribute),
        }
    }
}

impl From<'_> {
    /// Reports what CloudFormation cannot import: what is elsewhere.
    fn check_environment(&self, other: &StackInner) {
        if other.environment != self.stack.environment {
            let message = format!(
                "Stack \"{}\" cannot consume a cross reference from stack \"{}\". Cross stack references are only \
                 supported for stacks deployed to the same environment or between nested stacks and their parent stack",
                self.stack.name, other.name
            );
            self.app.reports.add(ConstructError {
                path: self.stack.name.clone(),
                problem: Problem::Tree(message),
            });
        }
    }
}
