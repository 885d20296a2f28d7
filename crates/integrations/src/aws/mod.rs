//! AWS services, called by their APIs: where, and as whom.
//!
//! ```text
//! task ─ action ─► API action ─ special ─► parameters ─ request ─► service
//! result ◄─ request ── response ◄───────────────────────────────────┘
//! ```
//!
//! What an integration is stands in the catalog; [`special`] has those that are more than renamed
//! calls.

mod action;
mod error;
mod job;
mod lambda;
mod request;
mod special;
mod template;

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use stepmill_asl::model::{IntegrationPattern, ServiceResource};
use stepmill_aws_client::{Client, Config, Environment, Provider, Role, Service};
use stepmill_catalog as catalog;

use crate::call::{Call, Outcome, Progress, StopError};
use crate::invoke::Invoked;
use crate::project::AwsSettings;

use action::Action;
pub(crate) use error::unsigned;
use request::Request;

/// The name of sessions of roles, which accounts' logs show.
const SESSION: &str = "stepmill";
/// Roles whose credentials are kept at once.
const MAX_ROLES: usize = 1_000;

/// How AWS services are called. Nothing is looked for before the first call.
pub struct Aws {
    settings: AwsSettings,
    environment: Environment,
    /// Whether calls go to the environment's region rather than to the state machine's.
    own_region: bool,
    /// The client, or why there is none.
    client: OnceLock<Result<Set, String>>,
    /// Of roles, by those that are assumed one after the other.
    roles: Mutex<HashMap<Vec<String>, Provider>>,
}

/// Who makes a call, by what and where.
pub(crate) struct Caller {
    pub(crate) client: Client,
    /// The role of the task's `Credentials`, if it has any.
    pub(crate) credentials: Option<Provider>,
    pub(crate) region: String,
}

/// A client, and who calls by it from where.
struct Set {
    client: Client,
    region: Option<String>,
    credentials: Provider,
}

impl Aws {
    /// With settings, and with AWS's variables and files for what they do not say.
    pub fn new(settings: AwsSettings, environment: Environment) -> Self {
        let environment = match &settings.profile {
            Some(profile) => environment.with_profile(profile),
            None => environment,
        };
        Self {
            settings,
            environment,
            own_region: false,
            client: OnceLock::new(),
            roles: Mutex::default(),
        }
    }

    /// With settings, and with the variables and files of this process's user.
    pub fn of_process(settings: AwsSettings) -> Self {
        Self::new(settings, Environment::of_process())
    }

    /// Calls go to the region that AWS's variables or files name, if they do, and not to the state
    /// machine's: for executions that are nowhere in particular.
    #[must_use]
    pub fn in_own_region(mut self) -> Self {
        self.own_region = true;
        self
    }

    /// The client that tasks' calls are made by, for calls of others; or why there is none. Calls go
    /// to `region` unless the settings or AWS's variables and files say another.
    pub fn client(&self, region: &str) -> Result<Client, String> {
        let set = self.client.get_or_init(|| self.open(region));
        let set = set.as_ref().map_err(Clone::clone)?;
        Ok(set.client.clone())
    }

    /// Whether anything says how a service of AWS is to be called, by its names in resource ARNs.
    pub(crate) fn is_configured(&self, service: &str) -> bool {
        self.settings.endpoint.is_some()
            || self.has_endpoint(service)
            || self.settings.region.is_some()
            || self.settings.profile.is_some()
            || self.environment.mentions_aws()
    }

    /// Whether all that is said of AWS are endpoints: emulators, then, and no machine of AWS's.
    fn is_emulated(&self) -> bool {
        let AwsSettings {
            region, profile, ..
        } = &self.settings;
        region.is_none() && profile.is_none() && !self.environment.mentions_aws()
    }

    /// Whether the settings have an endpoint for the service, by its names in resource ARNs.
    pub(crate) fn has_endpoint(&self, service: &str) -> bool {
        let model = catalog::model(service);
        let mut named = self.settings.endpoints.keys();
        named.any(|name| catalog::model(&name.0) == model)
    }

    /// Makes a task's call.
    pub(crate) async fn run(
        &self,
        resource: &ServiceResource,
        call: &Call,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Outcome {
        let request = match self.request(resource, call) {
            Ok(request) => request,
            Err(outcome) => return outcome,
        };
        match resource.pattern {
            IntegrationPattern::RequestResponse => match special::run(&request).await {
                Ok(result) => Outcome::Succeeded(result.to_string()),
                Err(outcome) => outcome,
            },
            IntegrationPattern::WaitForTaskToken => match special::run(&request).await {
                Ok(response) => Outcome::Submitted(response.to_string()),
                Err(outcome) => outcome,
            },
            IntegrationPattern::RunJob | IntegrationPattern::RunJobJson => {
                job::run(&request, self.interval(), progress).await
            }
        }
    }

    /// Ends the job that a task has started and waits for no longer, if AWS ends such jobs.
    pub(crate) async fn stop(
        &self,
        resource: &ServiceResource,
        call: &Call,
    ) -> Result<(), StopError> {
        match self.request(resource, call) {
            Ok(request) => job::stop(&request).await,
            Err(outcome) => Err(StopError::lasting(format!("{outcome:?}"))),
        }
    }

    /// The time between questions for the end of a job, where the settings say it.
    pub(crate) fn interval(&self) -> Option<Duration> {
        let poll = self.settings.poll_ms?;
        Some(Duration::from_millis(u64::from(poll.get())))
    }

    /// Calls a function that is not one of this process, by `lambda:invoke` or its ARN.
    pub(crate) async fn invoke(&self, call: &Call) -> Invoked {
        let (resource, parameters) = match lambda::invocation(call) {
            Ok(invocation) => invocation,
            Err(outcome) => return Invoked::Answered(outcome),
        };
        match self.request(&resource, call) {
            Ok(request) => lambda::invoke(&request, parameters).await,
            Err(outcome) => Invoked::Answered(outcome),
        }
    }

    fn request<'a>(
        &self,
        resource: &'a ServiceResource,
        call: &'a Call,
    ) -> Result<Request<'a>, Outcome> {
        let action = Action::of(resource)?;
        Ok(Request {
            caller: self.caller(&resource.service, call)?,
            resource,
            action,
            call,
        })
    }

    /// Who makes a task's call of a service, by its name in resource ARNs, by what and where.
    pub(crate) fn caller(&self, service: &str, call: &Call) -> Result<Caller, Outcome> {
        if !self.is_configured(service) {
            return Err(unconfigured(service, call));
        }
        let set = self.client.get_or_init(|| self.open(call.region()));
        let set = set.as_ref().map_err(|text| {
            Outcome::Impossible(format!("{} cannot be called: {text}", call.resource))
        })?;
        let own = set.region.as_deref().filter(|_| self.own_region);
        let region = self.settings.region.as_ref().map(|region| &*region.0);
        Ok(Caller {
            client: set.client.clone(),
            credentials: self.credentials(call, set),
            region: region.or(own).unwrap_or(call.region()).to_owned(),
        })
    }

    /// `region` is that of roles if nothing else says one.
    fn open(&self, region: &str) -> Result<Set, String> {
        let environment = match self.is_emulated() {
            true => self.environment.clone().without_instance_metadata(),
            false => self.environment.clone(),
        };
        let mut config = Config::of(&environment).map_err(|error| error.to_string())?;
        let own = config.region.clone();
        let set = self.settings.region.as_ref().map(|region| region.0.clone());
        config.region = set.or(config.region).or(Some(region.to_owned()));
        if let Some(endpoint) = &self.settings.endpoint {
            // What the file says counts before variables, as a whole.
            config.endpoint = Some(endpoint.0.clone());
            config.endpoints.clear();
        }
        for (service, endpoint) in &self.settings.endpoints {
            let model = catalog::model(&service.0).unwrap_or(&service.0);
            config
                .endpoints
                .insert(model.to_owned(), endpoint.0.clone());
        }
        Ok(Set {
            region: own,
            credentials: config.credentials.clone(),
            client: Client::new(config),
        })
    }

    /// As whom a task's call is made: as the role of its `Credentials`, which the state machine's role assumes
    /// (Developer Guide, "Accessing resources in other AWS accounts").
    fn credentials(&self, call: &Call, set: &Set) -> Option<Provider> {
        let own = self.settings.assume_roles == Some(true);
        let own = own.then_some(&call.execution_role_arn);
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        if roles.len() >= MAX_ROLES {
            roles.clear();
        }
        let mut assumed = Vec::new();
        let mut caller: Option<Provider> = None;
        for role in own.into_iter().chain(&call.role_arn) {
            assumed.push(role.clone());
            let known = roles.entry(assumed.clone()).or_insert_with(|| {
                let caller = caller.unwrap_or_else(|| set.credentials.clone());
                Provider::role(Role::new(role, SESSION), caller)
            });
            caller = Some(known.clone());
        }
        caller
    }
}

/// Whether a call that is made again is the same call for the service: it takes a token for that.
pub(crate) fn can_be_repeated(resource: &ServiceResource) -> bool {
    let Ok(action) = Action::of(resource) else {
        return false;
    };
    let service = Service::named(action.model);
    service.is_some_and(|service| {
        let operation = service.operation(&action.operation);
        operation.is_some_and(|operation| operation.takes_token(&service))
    })
}

pub(crate) fn unconfigured(service: &str, call: &Call) -> Outcome {
    Outcome::Impossible(format!(
        "Nothing says how AWS is to be called for {}: set AWS_REGION and credentials \
         (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE), or an endpoint \
         (AWS_ENDPOINT_URL, or [aws] endpoint = \"URL\" or endpoints = {{ {} = \"URL\" }} in the \
         stepmill.toml); or mock the state '{}' (--mock FILE --test-case NAME).",
        call.resource, service, call.state
    ))
}
