//! How a client is set up: by hand, or by AWS's variables and files.

mod environment;
mod profiles;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use environment::Environment;
pub(crate) use profiles::{Profiles, Section};

use crate::credentials::Provider;
use crate::error::ConfigError;
use crate::secret::{Secret, without_password};

/// How a client is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The region where calls go that name none.
    pub region: Option<String>,
    /// The endpoint of all services that have no other here; none for AWS's own.
    pub endpoint: Option<String>,
    /// Endpoints of single services, by the service's name (`stepfunctions`) or by its id in small
    /// letters with underscores (`sfn`).
    pub endpoints: HashMap<String, String>,
    /// Who calls.
    pub credentials: Provider,
    /// Tokens of services that take one, by the name in signatures with underscores (`bedrock`).
    pub tokens: HashMap<String, Secret>,
    /// Whether to use endpoints that conform to FIPS 140.
    pub fips: bool,
    /// Whether to use endpoints that answer over IPv6, too.
    pub dual_stack: bool,
    /// How often a call is tried, at most.
    pub attempts: u32,
    /// What the pauses between attempts grow from: the longest before the second.
    pub backoff: Duration,
    /// How many requests an endpoint is sent at once.
    pub concurrency: usize,
    /// The longest body of an answer, in bytes.
    pub response_bytes: usize,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long an attempt may take in all.
    pub timeout: Duration,
    /// The proxies.
    pub proxy: Proxy,
    /// A file of certificate authorities in PEM, believed instead of the machine's.
    pub ca_bundle: Option<PathBuf>,
}

/// Proxies that requests pass.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxy {
    /// The proxy of `http` endpoints.
    pub http: Option<String>,
    /// The proxy of `https` endpoints, which sees no content.
    pub https: Option<String>,
    /// Hosts, domains and networks that are reached without, separated by commas.
    pub none_for: Option<String>,
}

impl fmt::Debug for Proxy {
    /// Without the passwords that the URLs may have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("http", &self.http.as_deref().map(without_password))
            .field("https", &self.https.as_deref().map(without_password))
            .field("none_for", &self.none_for)
            .finish()
    }
}

impl Default for Config {
    /// No region, no credentials, AWS's endpoints, three attempts.
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            endpoints: HashMap::new(),
            credentials: Provider::none(),
            tokens: HashMap::new(),
            fips: false,
            dual_stack: false,
            attempts: 3,
            backoff: Duration::from_secs(1),
            concurrency: 128,
            response_bytes: 16 << 20,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(70),
            proxy: Proxy::default(),
            ca_bundle: None,
        }
    }
}

impl Config {
    /// What AWS's variables and files say: region, endpoints, credentials and the rest.
    ///
    /// Credentials are looked for when they are first needed, not here. Source: AWS SDKs and Tools
    /// Reference Guide, "Settings reference".
    pub fn of(environment: &Environment) -> Result<Self, ConfigError> {
        let profiles = Profiles::read(environment)?;
        let chosen = environment.profile();
        let profile = profiles.profile(&chosen);
        if profile.is_none() && environment.names_profile() {
            return Err(ConfigError::NoProfile {
                profile: chosen.clone(),
            });
        }
        let setting = |variable: &str, key: &str| {
            let value = environment.get(variable).map(str::to_owned);
            value.or_else(|| profile?.get(key).map(str::to_owned))
        };
        let flag = |variable: &str, key: &str| {
            setting(variable, key).is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        let region = setting("AWS_REGION", "region");
        let region = region.or_else(|| environment.get("AWS_DEFAULT_REGION").map(str::to_owned));
        let defaults = Self::default();
        let attempts = setting("AWS_MAX_ATTEMPTS", "max_attempts");
        let attempts = match attempts {
            None => defaults.attempts,
            Some(text) => text.parse().map_err(|_| ConfigError::NoNumber {
                setting: "AWS_MAX_ATTEMPTS or max_attempts",
                value: text,
            })?,
        };
        let ignored = flag(
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "ignore_configured_endpoint_urls",
        );
        let mut endpoint = setting("AWS_ENDPOINT_URL", "endpoint_url");
        let mut endpoints = HashMap::new();
        if ignored {
            endpoint = None;
        } else {
            endpoints.extend(profiles.endpoints(profile));
            // A variable for all services counts before the file's endpoint for one.
            if environment.get("AWS_ENDPOINT_URL").is_some() {
                endpoints.clear();
            }
            endpoints.extend(environment.with_prefix("AWS_ENDPOINT_URL_"));
        }
        let tokens = environment.with_prefix("AWS_BEARER_TOKEN_");
        let tokens = tokens.map(|(name, token)| (name, Secret::from(token)));
        let bundle = setting("AWS_CA_BUNDLE", "ca_bundle");
        Ok(Self {
            region,
            endpoint,
            endpoints,
            credentials: Provider::chain(environment.clone()),
            tokens: tokens.collect(),
            fips: flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            dual_stack: flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
            attempts,
            proxy: Proxy {
                http: environment.either("HTTP_PROXY", "http_proxy"),
                https: environment.either("HTTPS_PROXY", "https_proxy"),
                none_for: environment.either("NO_PROXY", "no_proxy"),
            },
            ca_bundle: bundle.map(PathBuf::from),
            ..defaults
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, file).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let path = (
            "AWS_CONFIG_FILE".to_owned(),
            path.to_string_lossy().into_owned(),
        );
        Config::of(&Environment::new(variables.chain([path]), None))
    }

    const FILE: &str = "
[default]
region = eu-west-1
[profile dev]
region = eu-north-1
endpoint_url = http://all
services = local
max_attempts = 7
[services local]
cloudwatch_logs =
  endpoint_url = http://logs
";

    #[test]
    fn variables_count_before_files() {
        let config = of(&[], FILE).unwrap();
        assert_eq!(config.region.as_deref(), Some("eu-west-1"));
        assert_eq!((config.endpoint, config.attempts), (None, 3));

        let config = of(&[("AWS_PROFILE", "dev"), ("AWS_REGION", "us-east-2")], FILE).unwrap();
        assert_eq!(config.region.as_deref(), Some("us-east-2"));
        assert_eq!(config.endpoint.as_deref(), Some("http://all"));
        assert_eq!(config.endpoints["cloudwatch_logs"], "http://logs");
        assert_eq!(config.attempts, 7);

        let variables = [
            ("AWS_PROFILE", "dev"),
            ("AWS_ENDPOINT_URL", "http://here"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://there"),
            ("AWS_BEARER_TOKEN_BEDROCK", "t0ken"),
            ("HTTPS_PROXY", "http://user:pa55@proxy"),
        ];
        let config = of(&variables, FILE).unwrap();
        assert_eq!(config.endpoint.as_deref(), Some("http://here"));
        assert_eq!(config.endpoints.len(), 1);
        assert_eq!(config.endpoints["dynamodb"], "http://there");
        let shown = format!("{config:?}");
        assert!(
            !shown.contains("t0ken") && !shown.contains("pa55"),
            "{shown}"
        );
        assert!(shown.contains("***@proxy"), "{shown}");

        let ignored = [
            ("AWS_PROFILE", "dev"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ];
        let config = of(&ignored, FILE).unwrap();
        assert!(config.endpoint.is_none() && config.endpoints.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = of(&[("AWS_PROFILE", "prod")], FILE).unwrap_err();
        assert!(error.to_string().contains("prod"), "{error}");
        let error = of(&[("AWS_MAX_ATTEMPTS", "many")], FILE).unwrap_err();
        assert!(error.to_string().contains("many"), "{error}");
    }
}
