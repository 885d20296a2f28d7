//! `Resource` of a Task state.

use std::fmt;
use std::sync::Arc;

/// What a Task state calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A Lambda function by its ARN.
    Lambda(Arc<str>),
    /// An activity by its ARN.
    Activity(Arc<str>),
    /// A service integration.
    Service(ServiceResource),
}

/// `arn:PARTITION:states:::[aws-sdk:]SERVICE:ACTION[.PATTERN]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceResource {
    /// The ARN as written.
    pub arn: Arc<str>,
    /// The service: `lambda`, `dynamodb`, of an AWS SDK integration `s3` (without `aws-sdk:`).
    pub service: Arc<str>,
    /// Whether it is an AWS SDK integration (`aws-sdk:`).
    pub sdk: bool,
    /// The action without the pattern's suffix: `invoke`, `startExecution`.
    pub action: Arc<str>,
    /// The integration pattern.
    pub pattern: IntegrationPattern,
}

/// How a Task state waits for a service integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntegrationPattern {
    /// For the response.
    RequestResponse,
    /// For the job to end (`.sync`).
    RunJob,
    /// For the job to end, with its output as JSON (`.sync:2`).
    RunJobJson,
    /// For the task token to come back (`.waitForTaskToken`).
    WaitForTaskToken,
}

impl IntegrationPattern {
    /// The suffix in the ARN.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::RequestResponse => "",
            Self::RunJob => ".sync",
            Self::RunJobJson => ".sync:2",
            Self::WaitForTaskToken => ".waitForTaskToken",
        }
    }
}

impl ServiceResource {
    /// `resourceType` of its history events: `lambda`, `aws-sdk:s3`.
    pub fn resource_type(&self) -> String {
        if self.sdk {
            format!("aws-sdk:{}", self.service)
        } else {
            self.service.to_string()
        }
    }

    /// `resource` of its history events: `invoke`, `startExecution.sync:2`.
    pub fn resource(&self) -> String {
        format!("{}{}", self.action, self.pattern.suffix())
    }
}

impl Resource {
    /// The ARN as written.
    pub fn arn(&self) -> &Arc<str> {
        match self {
            Self::Lambda(arn) | Self::Activity(arn) => arn,
            Self::Service(service) => &service.arn,
        }
    }

    /// Reads an ARN; `None` if it has none of the forms that a Task state may call.
    ///
    /// Region and account may be blank. Source: Step Functions Developer Guide, "Task workflow
    /// state", and "Integrating services".
    pub fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (scheme, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (_region, _account, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if scheme != "arn" || !partition.starts_with("aws") {
            return None;
        }
        match service {
            "lambda" => {
                let name = rest.strip_prefix("function:")?;
                (!name.is_empty()).then(|| Self::Lambda(arn.into()))
            }
            "states" => match rest.strip_prefix("activity:") {
                Some(name) => (!name.is_empty()).then(|| Self::Activity(arn.into())),
                None => Self::parse_service(arn, rest),
            },
            _ => None,
        }
    }

    fn parse_service(arn: &str, rest: &str) -> Option<Self> {
        let (sdk, rest) = match rest.strip_prefix("aws-sdk:") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (service, action) = rest.split_once(':')?;
        let patterns = [
            IntegrationPattern::RunJobJson,
            IntegrationPattern::RunJob,
            IntegrationPattern::WaitForTaskToken,
        ];
        let (action, pattern) = patterns
            .into_iter()
            .find_map(|pattern| Some((action.strip_suffix(pattern.suffix())?, pattern)))
            .unwrap_or((action, IntegrationPattern::RequestResponse));
        let word = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        (word(service) && word(action)).then(|| {
            Self::Service(ServiceResource {
                arn: arn.into(),
                service: service.into(),
                sdk,
                action: action.into(),
                pattern,
            })
        })
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.arn())
    }
}
