//! `[http]`: how tasks reach servers that they name themselves.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use stepmill_aws_client::{Environment, Secret};

/// `[http]`: HTTP endpoints, API Gateway and Kubernetes, as tasks name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Where tasks may connect though it is no public address, or without TLS.
    pub allow: Vec<Allowed>,
    /// A file of certificate authorities in PEM, believed instead of the machine's.
    pub ca_bundle: Option<PathBuf>,
    /// Connections of EventBridge by their names: these are not asked for at AWS.
    pub connections: BTreeMap<String, ConnectionSettings>,
}

/// Where tasks may connect: `localhost:3000`, `10.0.0.0/8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A host as URLs name it, whatever its addresses, and a port.
    Host(String, u16),
    /// Every port of a network's addresses.
    Network(IpNet),
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        let wrong = || {
            format!(
                "'{text}' is neither a host and a port such as localhost:3000 nor a network such as \
                 10.0.0.0/8"
            )
        };
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let fits = match bare {
            Some(bare) => bare.parse::<IpAddr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(legal),
        };
        match fits {
            true => Ok(Self::Host(bare.unwrap_or(host).to_ascii_lowercase(), port)),
            false => Err(wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for Allowed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A text that is shown to nobody; `env:NAME` is that of a variable.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Secret);

impl Hidden {
    /// The text; an error that names the variable, if that is not set.
    pub(crate) fn reveal(&self, environment: &Environment) -> Result<Secret, String> {
        let Some(name) = self.0.expose().strip_prefix("env:") else {
            return Ok(self.0.clone());
        };
        match environment.get(name) {
            Some(value) => Ok(value.into()),
            None => Err(format!("the variable {name} is not set")),
        }
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(text.into()))
    }
}

/// `[http.connections.NAME]`: how a task shows who it is, and what is added to its requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawConnection")]
pub struct ConnectionSettings {
    /// How it shows who it is.
    pub authorization: AuthorizationSettings,
    /// What is added to its requests, and counts before what the task says.
    pub parameters: ParameterSettings,
}

/// How a task shows who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationSettings {
    /// By name and password.
    Basic(BasicSettings),
    /// By a header of its own.
    ApiKey(ApiKeySettings),
    /// By a token that is asked for with client credentials.
    OAuth(OAuthSettings),
}

/// A name and a password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicSettings {
    /// The name.
    pub username: Hidden,
    /// The password.
    pub password: Hidden,
}

/// A header that shows who calls.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeySettings {
    /// The header's name.
    pub name: String,
    /// Its value.
    pub value: Hidden,
}

/// Client credentials of OAuth 2.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthSettings {
    /// The URL that tokens are asked of.
    pub endpoint: String,
    /// By which method: `POST`, if nothing is said.
    #[serde(default = "post")]
    pub method: String,
    /// The client's id.
    pub client_id: Hidden,
    /// Its secret.
    pub client_secret: Hidden,
    /// Headers of the request for a token.
    #[serde(default)]
    pub headers: BTreeMap<String, Hidden>,
    /// Its query parameters.
    #[serde(default)]
    pub query: BTreeMap<String, Hidden>,
    /// More of its body: `scope`.
    #[serde(default)]
    pub body: BTreeMap<String, Hidden>,
}

fn post() -> String {
    "POST".to_owned()
}

/// What is added to requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterSettings {
    /// Headers.
    pub headers: BTreeMap<String, Hidden>,
    /// Query parameters.
    pub query: BTreeMap<String, Hidden>,
    /// Members of the body.
    pub body: BTreeMap<String, Hidden>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConnection {
    basic: Option<BasicSettings>,
    api_key: Option<ApiKeySettings>,
    oauth: Option<OAuthSettings>,
    #[serde(default)]
    headers: BTreeMap<String, Hidden>,
    #[serde(default)]
    query: BTreeMap<String, Hidden>,
    #[serde(default)]
    body: BTreeMap<String, Hidden>,
}

impl TryFrom<RawConnection> for ConnectionSettings {
    type Error = &'static str;

    fn try_from(raw: RawConnection) -> Result<Self, &'static str> {
        let authorization = match (raw.basic, raw.api_key, raw.oauth) {
            (Some(basic), None, None) => AuthorizationSettings::Basic(basic),
            (None, Some(key), None) => AuthorizationSettings::ApiKey(key),
            (None, None, Some(oauth)) => AuthorizationSettings::OAuth(oauth),
            _ => return Err("a connection has one of `basic`, `api_key` and `oauth`"),
        };
        Ok(Self {
            authorization,
            parameters: ParameterSettings {
                headers: raw.headers,
                query: raw.query,
                body: raw.body,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_hosts_with_ports_or_networks() {
        let host = |host: &str, port| Ok(Allowed::Host(host.to_owned(), port));
        assert_eq!("LocalHost:3000".parse(), host("localhost", 3000));
        assert_eq!("127.0.0.1:80".parse(), host("127.0.0.1", 80));
        assert_eq!("[::1]:80".parse(), host("::1", 80));
        for network in ["10.0.0.0/8", "fd00::/8", "::1/128"] {
            let found: Allowed = network.parse().unwrap();
            assert_eq!(found, Allowed::Network(network.parse().unwrap()));
        }
        for wrong in [
            "",
            "localhost",
            "10.0.0.1",
            "::1",
            "a:b",
            "a b:1",
            "x:70000",
            "http://a:1",
            "[a]:1",
            "10.0.0.0/40",
        ] {
            assert!(wrong.parse::<Allowed>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn connections_have_one_way_and_show_no_secret() {
        let text = "
            [connections.a]
            basic = { username = 'me', password = 'pa55' }
            headers = { X-Team = 'env:TEAM' }
            [connections.b]
            oauth = { endpoint = 'https://t', client_id = 'id', client_secret = 's3cret' }
        ";
        let settings: HttpSettings = toml::from_str(text).unwrap();
        let shown = format!("{settings:?}");
        assert!(
            !shown.contains("pa55") && !shown.contains("s3cret"),
            "{shown}"
        );
        let team = &settings.connections["a"].parameters.headers["X-Team"];
        let environment = Environment::new([("TEAM".to_owned(), "blue".to_owned())], None);
        assert_eq!(team.reveal(&environment).unwrap().expose(), "blue");
        let none = team.reveal(&Environment::default()).unwrap_err();
        assert_eq!(none, "the variable TEAM is not set");

        for wrong in [
            "",
            "basic = { username = 'a', password = 'b' }\napi_key = { name = 'a', value = 'b' }",
        ] {
            let text = format!("[connections.a]\n{wrong}");
            let error = toml::from_str::<HttpSettings>(&text).unwrap_err();
            assert!(error.message().contains("has one of"), "{error}");
        }
    }
}
