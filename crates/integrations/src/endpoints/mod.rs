//! Servers that tasks name themselves: API Gateway, HTTP endpoints, Kubernetes.
//!
//! ```text
//! task ─ parameters ─► request ─ guard: addresses ─► server
//! result ◄─ message ── answer ◄──────────────────────┘
//! ```
//!
//! What an integration sends is its own module's; what they have in common, and the way to the
//! server, is here.

mod guard;
mod message;
mod task;

use std::sync::OnceLock;

use http::Uri;
use stepmill_asl::model::{IntegrationPattern, ServiceResource};
use stepmill_aws_client::{AddressFilter, Config, Environment, Trust, Web};
use stepmill_catalog as catalog;

use crate::aws::Aws;
use crate::call::{Call, Outcome, Progress};
use crate::http_task::Tokens;
use crate::project::HttpSettings;
use crate::{api_gateway, eks, http_task};

pub(crate) use message::{encoded, headers, parsed, path, query, result, set_secret, with_query};
pub(crate) use task::Task;

/// How tasks reach servers that they name themselves. Nothing is looked for before the first call.
pub struct Endpoints {
    pub(crate) settings: HttpSettings,
    pub(crate) environment: Environment,
    /// OAuth's tokens.
    pub(crate) tokens: Tokens,
    /// The clients, or why there are none.
    set: OnceLock<Result<Set, String>>,
}

/// The ways to servers.
struct Set {
    config: Config,
    filter: AddressFilter,
    /// To what tasks name.
    guarded: Web,
    /// To what the settings name.
    configured: Web,
}

impl Endpoints {
    /// With settings, and with the proxies and certificate authorities of the environment.
    pub fn new(settings: HttpSettings, environment: Environment) -> Self {
        Self {
            settings,
            environment,
            tokens: Tokens::default(),
            set: OnceLock::new(),
        }
    }

    /// With settings, and with the variables and files of this process's user.
    pub fn of_process(settings: HttpSettings) -> Self {
        Self::new(settings, Environment::of_process())
    }

    /// Makes a task's call.
    pub(crate) async fn run(
        &self,
        resource: &ServiceResource,
        call: &Call,
        aws: Option<&Aws>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Outcome {
        let task = match Task::of(resource, call) {
            Ok(task) => task,
            Err(outcome) => return outcome,
        };
        let result = match (&*resource.service, &*resource.action) {
            ("apigateway", _) => api_gateway::invoke(&task, self, aws).await,
            ("http", _) => http_task::invoke(&task, self, aws).await,
            ("eks", "runJob") => {
                let waits = resource.pattern == IntegrationPattern::RunJob;
                eks::run_job(&task, self, aws, waits.then_some(progress)).await
            }
            _ => eks::call(&task, self, aws).await,
        };
        match (result, resource.pattern) {
            (Ok(result), IntegrationPattern::WaitForTaskToken) => {
                Outcome::Submitted(result.to_string())
            }
            (Ok(result), _) => Outcome::Succeeded(result.to_string()),
            (Err(outcome), _) => outcome,
        }
    }

    /// The way to servers that tasks name.
    pub(crate) fn guarded(&self, call: &Call) -> Result<&Web, Outcome> {
        Ok(&self.set(call)?.guarded)
    }

    /// The way to servers that the settings name.
    pub(crate) fn configured(&self, call: &Call) -> Result<&Web, Outcome> {
        Ok(&self.set(call)?.configured)
    }

    /// The way to servers that tasks name with the authority that they believe, in PEM.
    pub(crate) fn believing(&self, call: &Call, authority: Vec<u8>) -> Result<Web, Outcome> {
        let set = self.set(call)?;
        let filter = Some(set.filter.clone());
        Ok(Web::new(&set.config, Trust::Only(authority), filter))
    }

    fn set(&self, call: &Call) -> Result<&Set, Outcome> {
        let set = self.set.get_or_init(|| self.open());
        set.as_ref().map_err(|text| {
            Outcome::Impossible(format!("{} cannot be called: {text}", call.resource))
        })
    }

    fn open(&self) -> Result<Set, String> {
        let mut config = Config::of(&self.environment).map_err(|error| error.to_string())?;
        if let Some(bundle) = &self.settings.ca_bundle {
            config.ca_bundle = Some(bundle.clone());
        }
        let filter = guard::filter(self.settings.allow.clone());
        Ok(Set {
            guarded: Web::new(&config, Trust::Configured, Some(filter.clone())),
            configured: Web::new(&config, Trust::Configured, None),
            filter,
            config,
        })
    }
}

/// Whether tasks of a resource name the server that they call.
pub(crate) fn are_named(resource: &ServiceResource) -> bool {
    let row = catalog::integration(&resource.service, &resource.action);
    !resource.sdk && row.is_some_and(|row| row.http.is_some())
}

/// The port of a URL.
pub(crate) fn port(url: &Uri) -> u16 {
    url.port_u16().unwrap_or(match url.scheme_str() {
        Some("http") => 80,
        _ => 443,
    })
}
