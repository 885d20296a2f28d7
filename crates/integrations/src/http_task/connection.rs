//! What a connection of EventBridge adds to a request.

use std::collections::BTreeMap;

use serde_json::Value;
use stepmill_aws_client::{Environment, Secret};

use crate::project::{AuthorizationSettings, ConnectionSettings, Hidden, OAuthSettings};

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) authorization: Authorization,
    pub(super) parameters: Parameters,
}

/// How a task shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorization {
    Basic { username: Secret, password: Secret },
    ApiKey { name: String, value: Secret },
    OAuth(OAuth),
}

/// Client credentials of OAuth 2, and where they are good for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OAuth {
    pub(super) endpoint: String,
    pub(super) method: String,
    pub(super) client_id: Secret,
    pub(super) client_secret: Secret,
    pub(super) parameters: Parameters,
}

/// Headers, query parameters and members of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) query: Vec<(String, Secret)>,
    pub(super) body: Vec<(String, Secret)>,
}

impl Connection {
    /// One of the settings, whose texts may stand in variables.
    pub(super) fn of_settings(
        settings: &ConnectionSettings,
        environment: &Environment,
    ) -> Result<Self, String> {
        let reveal = |hidden: &Hidden| hidden.reveal(environment);
        let all = |pairs: &BTreeMap<String, Hidden>| {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| Ok((name.clone(), reveal(value)?)));
            pairs.collect::<Result<Vec<_>, String>>()
        };
        let authorization = match &settings.authorization {
            AuthorizationSettings::Basic(basic) => Authorization::Basic {
                username: reveal(&basic.username)?,
                password: reveal(&basic.password)?,
            },
            AuthorizationSettings::ApiKey(key) => Authorization::ApiKey {
                name: key.name.clone(),
                value: reveal(&key.value)?,
            },
            AuthorizationSettings::OAuth(OAuthSettings {
                endpoint,
                method,
                client_id,
                client_secret,
                headers,
                query,
                body,
            }) => Authorization::OAuth(OAuth {
                endpoint: endpoint.clone(),
                method: method.clone(),
                client_id: reveal(client_id)?,
                client_secret: reveal(client_secret)?,
                parameters: Parameters {
                    headers: all(headers)?,
                    query: all(query)?,
                    body: all(body)?,
                },
            }),
        };
        let parameters = &settings.parameters;
        Ok(Self {
            authorization,
            parameters: Parameters {
                headers: all(&parameters.headers)?,
                query: all(&parameters.query)?,
                body: all(&parameters.body)?,
            },
        })
    }

    /// One of EventBridge, by what `DescribeConnection` tells of it and what its secret holds; none,
    /// if that is something else.
    pub(super) fn of_aws(described: &Value, secret: &Value) -> Option<Self> {
        let kind = described.get("AuthorizationType")?.as_str()?;
        let authorization = match kind {
            "BASIC" => Authorization::Basic {
                username: hidden(secret, "Username")?,
                password: hidden(secret, "Password")?,
            },
            "API_KEY" => Authorization::ApiKey {
                name: get(secret, "ApiKeyName")?.as_str()?.to_owned(),
                value: hidden(secret, "ApiKeyValue")?,
            },
            "OAUTH_CLIENT_CREDENTIALS" => {
                let told = described.pointer("/AuthParameters/OAuthParameters");
                let either = |name: &str| {
                    let told = || get(told?, name);
                    get(secret, name).or_else(told)?.as_str().map(str::to_owned)
                };
                let client = get(secret, "ClientParameters").unwrap_or(secret);
                Authorization::OAuth(OAuth {
                    endpoint: either("AuthorizationEndpoint")?,
                    method: either("HttpMethod").unwrap_or_else(|| "POST".to_owned()),
                    client_id: hidden(client, "ClientID")?,
                    client_secret: hidden(client, "ClientSecret")?,
                    parameters: Parameters::of_aws(get(secret, "OAuthHttpParameters")),
                })
            }
            _ => return None,
        };
        Some(Self {
            authorization,
            parameters: Parameters::of_aws(get(secret, "InvocationHttpParameters")),
        })
    }
}

impl Parameters {
    fn of_aws(value: Option<&Value>) -> Self {
        let list = |name: &str| {
            let items = value.and_then(|value| get(value, name)?.as_array());
            let items = items.into_iter().flatten().filter_map(|item| {
                let name = get(item, "Key")?.as_str()?.to_owned();
                Some((name, hidden(item, "Value")?))
            });
            items.collect()
        };
        Self {
            headers: list("HeaderParameters"),
            query: list("QueryStringParameters"),
            body: list("BodyParameters"),
        }
    }
}

/// A member by its name in the API: secrets have `api_key_name` for `ApiKeyName`.
fn get<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let letters = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let wanted = letters(name);
    let mut members = value.as_object()?.iter();
    let (_, value) = members.find(|(name, _)| letters(name) == wanted)?;
    Some(value)
}

fn hidden(value: &Value, name: &str) -> Option<Secret> {
    get(value, name)?.as_str().map(Secret::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_aws(kind: &str, secret: &Value) -> Option<Connection> {
        Connection::of_aws(&json!({ "AuthorizationType": kind }), secret)
    }

    #[test]
    fn secrets_are_read_as_eventbridge_writes_them() {
        let parameters = json!({ "header_parameters": [
            { "key": "X-A", "value": "1", "is_value_secret": false },
        ] });
        let secret = json!({
            "client_id": "id", "client_secret": "s3cret",
            "authorization_endpoint": "https://t", "http_method": "POST",
            "oauth_http_parameters": {
                "body_parameters": [{ "key": "scope", "value": "all" }],
            },
            "invocation_http_parameters": parameters,
        });
        let connection = of_aws("OAUTH_CLIENT_CREDENTIALS", &secret).unwrap();
        let shown = format!("{connection:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(connection.parameters.headers, [("X-A".into(), "1".into())]);
        let Authorization::OAuth(oauth) = connection.authorization else {
            panic!();
        };
        assert_eq!((&*oauth.endpoint, &*oauth.method), ("https://t", "POST"));
        assert_eq!(oauth.client_secret.expose(), "s3cret");
        assert_eq!(oauth.parameters.body, [("scope".into(), "all".into())]);

        let basic = of_aws("BASIC", &json!({ "username": "me", "password": "x" }));
        assert_eq!(
            basic.unwrap().authorization,
            Authorization::Basic {
                username: "me".into(),
                password: "x".into()
            }
        );
        let key = of_aws(
            "API_KEY",
            &json!({ "api_key_name": "n", "api_key_value": "v" }),
        );
        assert_eq!(
            key.unwrap().authorization,
            Authorization::ApiKey {
                name: "n".to_owned(),
                value: "v".into()
            }
        );
        for (kind, secret) in [
            ("BASIC", json!({ "username": "me" })),
            ("API_KEY", json!([])),
            ("DIGEST", json!({})),
        ] {
            assert_eq!(of_aws(kind, &secret), None);
        }
    }
}
