//! What a Task does at run time: AWS services, servers that it names itself, local Lambda functions,
//! mocks, and the project file that declares functions.

mod api_gateway;
mod aws;
pub mod call;
mod eks;
mod endpoints;
mod evaluate;
mod failure;
mod http_task;
mod invoke;
pub mod lambda;
mod metadata;
pub mod mock;
mod nested;
mod pace;
mod parameters;
pub mod project;
mod step_functions;

pub use aws::Aws;
pub use call::{Call, Outcome, Progress, StopError};
pub use endpoints::Endpoints;
pub use nested::{Child, EndedExecution, Executions, Refusal, StartedExecution};
pub use step_functions::StepFunctions;
pub use stepmill_aws_client::{Client as AwsClient, Environment as AwsEnvironment};

use std::sync::Arc;

use stepmill_asl::model::Resource;

use invoke::Invoked;

/// What tasks can call.
#[derive(Default)]
pub struct Integrations {
    aws: Option<Aws>,
    endpoints: Option<Endpoints>,
    lambda: Option<Arc<lambda::Host>>,
    events: Option<Arc<dyn lambda::Events>>,
    executions: Option<Arc<dyn Executions>>,
    step_functions: Option<Arc<dyn StepFunctions>>,
}

impl Integrations {
    /// Nothing: every task is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// With AWS services.
    #[must_use]
    pub fn with_aws(mut self, aws: Aws) -> Self {
        self.aws = Some(aws);
        self
    }

    /// With servers that tasks name themselves: API Gateway, HTTP endpoints, Kubernetes.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = Some(endpoints);
        self
    }

    /// With local Lambda functions.
    #[must_use]
    pub fn with_lambda(mut self, lambda: Arc<lambda::Host>) -> Self {
        self.lambda = Some(lambda);
        self
    }

    /// With somebody who keeps the events of the local Lambda functions.
    #[must_use]
    pub fn with_events(mut self, events: Arc<dyn lambda::Events>) -> Self {
        self.events = Some(events);
        self
    }

    /// With executions that tasks can start.
    #[must_use]
    pub fn with_executions(mut self, executions: Arc<dyn Executions>) -> Self {
        self.executions = Some(executions);
        self
    }

    /// With the Step Functions API, for `aws-sdk:sfn` tasks.
    #[must_use]
    pub fn with_step_functions(mut self, api: Arc<dyn StepFunctions>) -> Self {
        self.step_functions = Some(api);
        self
    }

    /// The local Lambda functions.
    pub fn lambda(&self) -> Option<&lambda::Host> {
        self.lambda.as_deref()
    }

    /// Makes a call. Dropping the future ends the waiting for its outcome; what has begun outside goes
    /// on, and may be taken up again with `call.submitted`, or ended by [`Integrations::stop`].
    pub async fn run(&self, call: &Call, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
        if let Some(outcome) = call
            .mocks
            .as_ref()
            .and_then(|mocks| mocks.answer(call, progress))
        {
            return outcome;
        }
        match &call.resource {
            Resource::Lambda(_) => self.invoke(call).await,
            Resource::Service(service) if invoke::is_invoke(service) => self.invoke(call).await,
            Resource::Service(service) if nested::is_start(service) => match &self.executions {
                Some(executions) => nested::start(&**executions, service, call, progress).await,
                None => Outcome::Impossible(format!(
                    "There are no state machines that {} could start: run `stepmill serve`, or \
                     mock the state '{}' (--mock FILE --test-case NAME).",
                    call.resource, call.state
                )),
            },
            Resource::Service(service) if endpoints::are_named(service) => match &self.endpoints {
                Some(endpoints) => {
                    let aws = self.aws.as_ref();
                    endpoints.run(service, call, aws, progress).await
                }
                None => nobody(call),
            },
            Resource::Service(service) => match (&self.step_functions, &self.aws) {
                // This server is its own Step Functions, unless it is told of another.
                (Some(api), aws)
                    if step_functions::is_action(service)
                        && !aws
                            .as_ref()
                            .is_some_and(|aws| aws.has_endpoint(&service.service)) =>
                {
                    step_functions::run(&**api, service, call).await
                }
                (_, Some(aws)) => aws.run(service, call, progress).await,
                (_, None) => nobody(call),
            },
            Resource::Activity(_) => nobody(call),
        }
    }

    /// Ends what a task has started, `call.submitted`, and waits for no longer: an execution, or a job
    /// of a kind that AWS ends, too.
    pub async fn stop(&self, call: &Call) -> Result<(), StopError> {
        match (&call.resource, &self.executions, &self.aws) {
            (Resource::Service(service), Some(executions), _) if nested::is_start(service) => {
                nested::stop(&**executions, call).await
            }
            // A job of a Kubernetes cluster is left as it is.
            (Resource::Service(service), _, Some(aws)) if !endpoints::are_named(service) => {
                aws.stop(service, call).await
            }
            _ => Ok(()),
        }
    }

    /// Calls a function: one of this process, or else of AWS.
    async fn invoke(&self, call: &Call) -> Outcome {
        let local = match (&self.lambda, &call.resource) {
            (Some(host), Resource::Lambda(arn)) => Some(invoke::function(host, arn, call).await),
            (Some(host), _) => Some(invoke::service(host, self.events.as_deref(), call).await),
            (None, _) => None,
        };
        let aws = self.aws.as_ref().filter(|aws| aws.is_configured("lambda"));
        match (local, aws) {
            (Some(Invoked::Answered(outcome)), _) | (Some(Invoked::Unknown(outcome)), None) => {
                outcome
            }
            (Some(Invoked::Unknown(outcome)), Some(aws)) => match aws.invoke(call).await {
                Invoked::Answered(outcome) => outcome,
                Invoked::Unknown(_) => outcome,
            },
            (None, Some(aws)) => aws.invoke(call).await.outcome(),
            (None, None) => no_functions(call),
        }
    }
}

/// Whether a call that is made again, after a crash, is known to be the same call.
pub fn can_be_repeated(resource: &Resource) -> bool {
    matches!(resource, Resource::Service(service)
        if nested::is_start(service) || aws::can_be_repeated(service))
}

fn nobody(call: &Call) -> Outcome {
    Outcome::Impossible(format!(
        "Nobody is here to do {}: mock the state '{}' (--mock FILE --test-case NAME).",
        call.resource, call.state
    ))
}

fn no_functions(call: &Call) -> Outcome {
    Outcome::Impossible(format!(
        "There are no Lambda functions to call {} on: run a directory with a stepmill.toml that \
         declares [lambda.functions.NAME], set up AWS (AWS_REGION and credentials, or [aws] in the \
         stepmill.toml), or mock the state '{}' (--mock FILE --test-case NAME).",
        call.resource, call.state
    ))
}
