//! What a Task does at run time: local Lambda functions, mocks, and the project file that declares
//! functions.

pub mod call;
mod invoke;
pub mod lambda;
mod metadata;
pub mod mock;
mod nested;
pub mod project;
mod step_functions;

pub use call::{Call, Outcome, Progress};
pub use nested::{EndedExecution, Executions, Refusal, StartedExecution};
pub use step_functions::StepFunctions;

use std::sync::Arc;

use stepmill_asl::model::Resource;

/// What tasks can call.
#[derive(Default)]
pub struct Integrations {
    lambda: Option<Arc<lambda::Host>>,
    executions: Option<Arc<dyn Executions>>,
    step_functions: Option<Arc<dyn StepFunctions>>,
}

impl Integrations {
    /// Nothing: every task is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// With local Lambda functions.
    #[must_use]
    pub fn with_lambda(mut self, lambda: Arc<lambda::Host>) -> Self {
        self.lambda = Some(lambda);
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

    /// Makes a call. Dropping the future stops what can be stopped.
    pub async fn run(&self, call: &Call, progress: &(dyn Fn(Progress) + Sync)) -> Outcome {
        if let Some(outcome) = call
            .mocks
            .as_ref()
            .and_then(|mocks| mocks.answer(call, progress))
        {
            return outcome;
        }
        match &call.resource {
            Resource::Lambda(arn) => match &self.lambda {
                Some(host) => invoke::function(host, arn, call).await,
                None => no_functions(call),
            },
            Resource::Service(service) if invoke::is_invoke(service) => match &self.lambda {
                Some(host) => invoke::service(host, call).await,
                None => no_functions(call),
            },
            Resource::Service(service) if nested::is_start(service) => match &self.executions {
                Some(executions) => nested::start(&**executions, service, call, progress).await,
                None => Outcome::Impossible(format!(
                    "There are no state machines that {} could start: run `stepmill serve`, or \
                     mock the state '{}' (--mock FILE --test-case NAME).",
                    call.resource, call.state
                )),
            },
            Resource::Service(service) if step_functions::is_action(service) => {
                match &self.step_functions {
                    Some(api) => step_functions::run(&**api, service, call).await,
                    None => Outcome::Impossible(format!(
                        "There is no Step Functions API for {}: run `stepmill serve`, or mock the \
                         state '{}' (--mock FILE --test-case NAME).",
                        call.resource, call.state
                    )),
                }
            }
            Resource::Service(_) | Resource::Activity(_) => Outcome::Impossible(format!(
                "Stepmill cannot call {} yet: declare a local Lambda function for it, or mock the \
                 state '{}' (--mock FILE --test-case NAME).",
                call.resource, call.state
            )),
        }
    }
}

/// Whether a call that is made again, after a crash, is known to be the same call.
pub fn can_be_repeated(resource: &Resource) -> bool {
    matches!(resource, Resource::Service(service) if nested::is_start(service))
}

fn no_functions(call: &Call) -> Outcome {
    Outcome::Impossible(format!(
        "There are no Lambda functions to call {} on: run a directory with a stepmill.toml that \
         declares [lambda.functions.NAME], or mock the state '{}' (--mock FILE --test-case NAME).",
        call.resource, call.state
    ))
}
