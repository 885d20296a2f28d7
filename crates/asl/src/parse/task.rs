//! Task states.

use crate::model::{Dynamic, IntegrationPattern, QueryLanguage, Resource, StateMachineType, Task};
use crate::template::Template;

use super::checker::Checker;
use super::fields::{Field, Object, both, jsonpath};
use super::number::{Bounds, MAX_SECONDS};
use super::query::{Env, PathRule};
use super::state::Reading;

const CREDENTIALS: &[Field] = &[both("RoleArn"), jsonpath("RoleArn.$")];

impl Checker<'_> {
    /// A Task state.
    pub(crate) fn task(&mut self, reading: &Reading<'_, '_>) -> Option<Task> {
        let (object, language) = (reading.object, reading.language);
        self.required(object, &["Resource"]);
        let resource = self.resource(object);
        let mut seconds = |names| {
            let bounds = Bounds {
                least: 1,
                most: MAX_SECONDS,
            };
            self.dynamic_integer(object, names, bounds, language, PathRule::Reference)
        };
        let timeout_seconds = seconds(["TimeoutSeconds", "TimeoutSecondsPath"]);
        let heartbeat_seconds = seconds(["HeartbeatSeconds", "HeartbeatSecondsPath"]);
        if let (Some(Dynamic::Literal(timeout)), Some(Dynamic::Literal(heartbeat))) =
            (&timeout_seconds, &heartbeat_seconds)
            && heartbeat >= timeout
        {
            let message = "HeartbeatSeconds must be smaller than TimeoutSeconds";
            let help =
                format!("the task times out after {timeout} seconds; write a smaller number");
            self.bad_value(object, "HeartbeatSeconds", message, help);
        }
        let credentials = self.credentials(object, resource.as_ref(), language);
        let errors = self.error_handling(reading);
        Some(Task {
            resource: resource?,
            timeout_seconds,
            heartbeat_seconds,
            credentials,
            errors,
        })
    }

    fn resource(&mut self, object: &Object<'_>) -> Option<Resource> {
        let arn = self.text(object, "Resource")?;
        if !arn.starts_with("arn:") {
            let message = "Value is not a valid resource ARN";
            let help = if arn.contains("${") {
                "substitute the placeholder by an ARN before the definition is used"
            } else {
                "write a Lambda function's ARN, an activity's ARN or arn:aws:states:::SERVICE:ACTION"
            };
            self.bad_value(object, "Resource", message, help);
            return None;
        }
        let resource = Resource::parse(arn);
        let known = match &resource {
            Some(Resource::Service(service)) => (self.services)(service),
            Some(_) => true,
            None => false,
        };
        if !known {
            let message = format!(
                "The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
            );
            let help = match &resource {
                Some(Resource::Service(service)) => format!(
                    "there is no integration {}:{}; check the service, the action and the pattern behind it",
                    service.resource_type(),
                    service.resource()
                ),
                _ => "write a Lambda function's ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME), an activity's ARN or arn:aws:states:::SERVICE:ACTION".to_owned(),
            };
            self.bad_value(object, "Resource", message, help);
            return None;
        }
        let resource = resource?;
        if self.machine_type == StateMachineType::Express {
            self.express_resource(object, &resource);
        }
        Some(resource)
    }

    fn express_resource(&mut self, object: &Object<'_>, resource: &Resource) {
        let message = match resource {
            Resource::Lambda(_) => return,
            Resource::Activity(_) => "Express state machine does not support Activity ARN",
            Resource::Service(service) => match service.pattern {
                IntegrationPattern::RequestResponse => return,
                IntegrationPattern::RunJob | IntegrationPattern::RunJobJson => {
                    "Express state machine does not support '.sync' service integration"
                }
                // The blank at the end is AWS's.
                IntegrationPattern::WaitForTaskToken => {
                    "Express state machine does not support '.waitForTaskToken' service integration "
                }
            },
        };
        let help = "express workflows only request and take the response: drop the suffix, or use a standard workflow";
        self.bad_value(object, "Resource", message, help);
    }

    fn credentials(
        &mut self,
        object: &Object<'_>,
        resource: Option<&Resource>,
        language: QueryLanguage,
    ) -> Option<Template> {
        let name = "Credentials";
        let credentials = self.object_field(object, name)?;
        if matches!(resource, Some(Resource::Activity(_))) {
            let message = "The field 'Credentials' is not supported for activities";
            self.bad_value(object, name, message, "remove Credentials");
            return None;
        }
        self.known_fields(&credentials, name, CREDENTIALS, Some(language));
        if !credentials.has("RoleArn") && !credentials.has("RoleArn.$") {
            let message = "The field 'RoleArn' is required but was missing";
            let help =
                "add RoleArn with the ARN of the role to assume, or RoleArn.$ with a path to it";
            self.bad_value(object, name, message, help);
            return None;
        }
        self.template(object, name, Env::plain(language))
    }
}
