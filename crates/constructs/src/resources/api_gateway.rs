//! REST and HTTP APIs of API Gateway.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value as Json, json};

use crate::core::{CfnResource, Output, Problem, Scope, content_hash};
use crate::iam::{Principal, Role};
use crate::tasks::HttpMethod;
use crate::value::{Name, Object, Pseudo, Text, Value};

/// The stage that a REST API is deployed to.
const STAGE: &str = "prod";

/// A REST API, made in the stack or imported.
///
/// An API that is made is deployed to the stage `prod` with all methods that it has in the end; it must have one.
#[derive(Clone, Debug)]
pub struct RestApi {
    scope: Scope,
    id: Text,
    root_id: Option<Text>,
    resource: Option<CfnResource>,
    deployment: Option<Deployment>,
}

/// The deployment of an API that is made in the stack.
#[derive(Clone, Debug)]
struct Deployment {
    resource: CfnResource,
    /// What is deployed: the deployment is made anew whenever it changes.
    deployed: Rc<RefCell<Vec<Value>>>,
}

impl RestApi {
    /// An API, deployed, with a role with which API Gateway writes logs.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource =
            CfnResource::new(&place, "Resource", "AWS::ApiGateway::RestApi").property("Name", id);
        let account = logging(&place, &resource);
        let deployment = Deployment::new(&place, &resource);
        let stage = format!("DeploymentStage.{STAGE}");
        let stage = CfnResource::new(&place.child(&stage), "Resource", "AWS::ApiGateway::Stage")
            .property("RestApiId", resource.reference())
            .property("DeploymentId", deployment.resource.reference())
            .property("StageName", STAGE);
        stage.depends_on(account.scope());
        let api = Self {
            id: resource.reference(),
            root_id: Some(resource.attribute("RootResourceId")),
            scope: place.clone(),
            resource: Some(resource),
            deployment: Some(deployment),
        };
        let url = [
            Text::from("https://"),
            api.endpoint(),
            "/".into(),
            stage.reference(),
            "/".into(),
        ];
        Output::new(&place, "Endpoint", Text::concat(url));
        api
    }

    /// An API that exists already. Paths cannot be added to it.
    pub fn from_rest_api_id(scope: &Scope, id: &str, rest_api_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            id: rest_api_id.into(),
            root_id: None,
            resource: None,
            deployment: None,
        }
    }

    /// An API that exists already, by its id and that of its path `/`.
    pub fn from_rest_api_attributes(
        scope: &Scope,
        id: &str,
        rest_api_id: impl Into<Text>,
        root_resource_id: impl Into<Text>,
    ) -> Self {
        Self {
            root_id: Some(root_resource_id.into()),
            ..Self::from_rest_api_id(scope, id, rest_api_id)
        }
    }

    /// Sets a property of the resource: `("Description", "orders")`; nothing for an imported API.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its id.
    pub fn rest_api_id(&self) -> Text {
        self.id.clone()
    }

    /// The host that it answers at.
    pub(crate) fn endpoint(&self) -> Text {
        endpoint(&self.scope, &self.id)
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Its path `/`.
    pub fn root(&self) -> ApiResource {
        if self.root_id.is_none() {
            let message = "root is not configured when imported using `fromRestApiId()`. \
                           Use `fromRestApiAttributes()` API instead.";
            self.scope.report(Problem::property("root", message));
        }
        ApiResource {
            place: self.scope.clone(),
            id: self.root_id.clone().unwrap_or_default(),
            api: self.clone(),
        }
    }

    /// Makes a resource part of what is deployed.
    fn deploy(&self, resource: &CfnResource, deployed: Value) {
        if let Some(deployment) = &self.deployment {
            deployment.resource.depends_on(resource.scope());
            deployment.deployed.borrow_mut().push(deployed);
        }
    }
}

/// A path of a REST API.
#[derive(Clone, Debug)]
pub struct ApiResource {
    place: Scope,
    id: Text,
    api: RestApi,
}

impl ApiResource {
    /// The path below this one: `orders`, or `{id}` for any.
    pub fn add_resource(&self, path_part: &str) -> Self {
        let place = self.place.child(path_part);
        let resource = CfnResource::new(&place, "Resource", "AWS::ApiGateway::Resource")
            .property("ParentId", &self.id)
            .property("PathPart", path_part)
            .property("RestApiId", self.api.rest_api_id());
        let deployed = crate::object! {
            "restApiId": self.api.rest_api_id(),
            "parentId": &self.id,
            "pathPart": path_part,
        };
        self.api
            .deploy(&resource, crate::object! {"resource": deployed});
        Self {
            place,
            id: resource.reference(),
            api: self.api.clone(),
        }
    }

    /// Answers a method at this path without a backend.
    pub fn add_method(&self, method: HttpMethod) {
        self.add_integrated_method(method, crate::object! {"Type": "MOCK"});
    }

    /// Answers a method at this path by a backend, described as `AWS::ApiGateway::Method` describes its `Integration`:
    /// `object! {"Type": "HTTP_PROXY", "IntegrationHttpMethod": "GET", "Uri": "https://example.com/"}`.
    pub fn add_integrated_method(&self, method: HttpMethod, integration: impl Into<Value>) {
        let integration = integration.into();
        let place = self.place.child(method.name());
        let deployed = crate::object! {
            "resourceId": &self.id,
            "restApiId": self.api.rest_api_id(),
            "httpMethod": method.name(),
            "authorizationType": "NONE",
            "integration": before_writing(&integration),
        };
        let resource = CfnResource::new(&place, "Resource", "AWS::ApiGateway::Method")
            .property("HttpMethod", method.name())
            .property("ResourceId", &self.id)
            .property("RestApiId", self.api.rest_api_id())
            .property("AuthorizationType", "NONE")
            .property("Integration", integration);
        self.api
            .deploy(&resource, crate::object! {"method": deployed});
    }
}

/// Lets API Gateway write the logs of the account's APIs.
fn logging(place: &Scope, api: &CfnResource) -> CfnResource {
    let principal = Principal::service("apigateway.amazonaws.com");
    let role = Role::new(place, "CloudWatchRole", principal);
    role.add_aws_managed_policy("service-role/AmazonAPIGatewayPushToCloudWatchLogs");
    let account = CfnResource::new(place, "Account", "AWS::ApiGateway::Account")
        .property("CloudWatchRoleArn", role.role_arn());
    account.depends_on(api.scope());
    account
}

impl Deployment {
    fn new(api: &Scope, resource: &CfnResource) -> Self {
        let deployed = Rc::new(RefCell::<Vec<Value>>::default());
        let methods = deployed.clone();
        api.check(move || {
            let is_method = |value: &Value| value.get("method").is_some();
            let message = "The REST API doesn't contain any methods";
            match methods.borrow().iter().any(is_method) {
                true => Vec::new(),
                false => vec![Problem::Tree(message.to_owned())],
            }
        });
        let place = api.child("Deployment");
        let deployment = CfnResource::new(&place, "Resource", "AWS::ApiGateway::Deployment")
            .property("RestApiId", resource.reference())
            .property(
                "Description",
                "Automatically created by the RestApi construct",
            );
        let (id, path) = (
            resource.logical_id().to_owned(),
            resource.scope().path_text(),
        );
        let methods = deployed.clone();
        deployment.name_by_content_of(resource, move |api, resolve| {
            let deployed = methods.borrow();
            let mut content: String = deployed
                .iter()
                .filter_map(resolve)
                .map(|value| value.to_string())
                .collect();
            let mut api = api.clone();
            // The CDK writes properties in alphabetical order.
            if let Some(Json::Object(properties)) = api.get_mut("Properties") {
                properties.sort_keys();
            }
            // The CDK's command line has it write paths.
            api["Metadata"] = json!({"aws:cdk:path": path});
            content += &json!({"Resources": {id.as_str(): api}}).to_string();
            content_hash(&content)
        });
        Self {
            resource: deployment,
            deployed,
        }
    }
}

/// An HTTP API, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct HttpApi {
    scope: Scope,
    id: Text,
    resource: Option<CfnResource>,
}

impl HttpApi {
    /// An API with a default stage that is deployed by itself.
    pub fn new(scope: &Scope, id: &str) -> Self {
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Resource", "AWS::ApiGatewayV2::Api")
            .property("Name", id)
            .property("ProtocolType", "HTTP");
        let stage = place.child("DefaultStage");
        CfnResource::new(&stage, "Resource", "AWS::ApiGatewayV2::Stage")
            .property("ApiId", resource.reference())
            .property("StageName", "$default")
            .property("AutoDeploy", true);
        Self {
            scope: place,
            id: resource.reference(),
            resource: Some(resource),
        }
    }

    /// An API that exists already.
    pub fn from_http_api_id(scope: &Scope, id: &str, http_api_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            id: http_api_id.into(),
            resource: None,
        }
    }

    /// Sets a property of the resource: `("Description", "orders")`; nothing for an imported API.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its id.
    pub fn api_id(&self) -> Text {
        self.id.clone()
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The host that an API of a stack answers at.
pub(crate) fn endpoint(scope: &Scope, api_id: &Text) -> Text {
    Text::concat([
        api_id.clone(),
        ".execute-api.".into(),
        scope.region(),
        ".".into(),
        Pseudo::UrlSuffix.into(),
    ])
}

/// The members of an integration in the CDK's order.
const INTEGRATION: [&str; 14] = [
    "Type",
    "Uri",
    "CacheKeyParameters",
    "CacheNamespace",
    "ContentHandling",
    "IntegrationHttpMethod",
    "RequestParameters",
    "RequestTemplates",
    "PassthroughBehavior",
    "IntegrationResponses",
    "ConnectionType",
    "ConnectionId",
    "Credentials",
    "TimeoutInMillis",
];

/// An integration as the CDK has it before it is written: its members begin in lower case.
fn before_writing(integration: &Value) -> Value {
    let Some(members) = integration.as_object() else {
        return integration.clone();
    };
    let mut members: Vec<(Name, Value)> = members.clone().into_iter().collect();
    members.sort_by_key(|(name, _)| INTEGRATION.iter().position(|known| known == name));
    let members = members.into_iter().map(|(name, value)| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_lowercase());
        (first.into_iter().chain(letters).collect::<Name>(), value)
    });
    Value::Object(members.collect::<Object>())
}
