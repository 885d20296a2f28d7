//! EventBridge connections: how to log in at an HTTPS endpoint.

use crate::core::{CfnResource, Scope};
use crate::tasks::HttpMethod;
use crate::value::{Object, Text, Value};

/// How to log in at an HTTPS endpoint, made in the stack or imported.
#[derive(Clone, Debug)]
pub struct Connection {
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
    secret_arn: Text,
}

/// How a connection logs in. Secrets should be references to where they are kept, not texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    kind: &'static str,
    parameters: (&'static str, Value),
}

impl Authorization {
    /// By a header with a key: `("X-Api-Key", secret)`.
    pub fn api_key(name: impl Into<Text>, value: impl Into<Text>) -> Self {
        let key = crate::object! {"ApiKeyName": name.into(), "ApiKeyValue": value.into()};
        Self {
            kind: "API_KEY",
            parameters: ("ApiKeyAuthParameters", key),
        }
    }

    /// By a name and a password.
    pub fn basic(username: impl Into<Text>, password: impl Into<Text>) -> Self {
        let user = crate::object! {"Username": username.into(), "Password": password.into()};
        Self {
            kind: "BASIC",
            parameters: ("BasicAuthParameters", user),
        }
    }

    /// By a token, which an endpoint gives for a client's id and secret.
    pub fn oauth(
        authorization_endpoint: impl Into<Text>,
        http_method: HttpMethod,
        client_id: impl Into<Text>,
        client_secret: impl Into<Text>,
    ) -> Self {
        let client =
            crate::object! {"ClientID": client_id.into(), "ClientSecret": client_secret.into()};
        let oauth = crate::object! {
            "AuthorizationEndpoint": authorization_endpoint.into(),
            "ClientParameters": client,
            "HttpMethod": http_method,
            "OAuthHttpParameters": Object::new(),
        };
        Self {
            kind: "OAUTH_CLIENT_CREDENTIALS",
            parameters: ("OAuthParameters", oauth),
        }
    }

    /// What the request for the token has besides, as `AWS::Events::Connection` describes its `OAuthHttpParameters`;
    /// nothing for other ways to log in.
    #[must_use]
    pub fn oauth_http_parameters(mut self, parameters: impl Into<Value>) -> Self {
        if let ("OAuthParameters", Value::Object(oauth)) = &mut self.parameters {
            oauth.insert("OAuthHttpParameters".to_owned(), parameters.into());
        }
        self
    }
}

impl Connection {
    /// A connection. CloudFormation makes its name unless said.
    pub fn new(scope: &Scope, id: &str, authorization: Authorization) -> Self {
        let (name, parameters) = authorization.parameters;
        let parameters = Object::from_iter([(name.to_owned(), parameters)]);
        let place = scope.child(id);
        let resource = CfnResource::new(&place, "Connection", "AWS::Events::Connection")
            .property("AuthorizationType", authorization.kind)
            .property("AuthParameters", parameters);
        Self {
            arn: resource.attribute("Arn"),
            name: resource.reference(),
            secret_arn: resource.attribute("SecretArn"),
            resource: Some(resource),
        }
    }

    /// A connection that exists already, with the ARN of the secret that it keeps.
    pub fn from_connection_attributes(
        scope: &Scope,
        id: &str,
        connection_arn: impl Into<Text>,
        connection_name: impl Into<Text>,
        connection_secret_arn: impl Into<Text>,
    ) -> Self {
        scope.child(id);
        Self {
            resource: None,
            arn: connection_arn.into(),
            name: connection_name.into(),
            secret_arn: connection_secret_arn.into(),
        }
    }

    /// Sets a property of the resource: `("Name", "orders")`; nothing for an imported connection.
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource {
            resource.set(name, value);
        }
        self
    }

    /// What every request has besides, as `AWS::Events::Connection` describes its `InvocationHttpParameters`; nothing for
    /// an imported connection.
    pub fn invocation_http_parameters(self, parameters: impl Into<Value>) -> Self {
        if let Some(resource) = &self.resource
            && let Some(Value::Object(mut members)) = resource.get("AuthParameters")
        {
            members.insert("InvocationHttpParameters".to_owned(), parameters.into());
            resource.set("AuthParameters", members);
        }
        self
    }

    /// Its ARN.
    pub fn connection_arn(&self) -> Text {
        self.arn.clone()
    }

    /// Its name.
    pub fn connection_name(&self) -> Text {
        self.name.clone()
    }

    /// The ARN of the secret that it keeps.
    pub fn connection_secret_arn(&self) -> Text {
        self.secret_arn.clone()
    }
}
