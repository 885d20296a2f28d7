//! `loggingConfiguration`: what is given, and what is kept of it.

use std::future::Future;
use std::pin::Pin;

use crate::error::{Code, Error};
use crate::machines::revision::{Logging, LoggingLevel};

/// The log groups that state machines can log to, by their ARNs without `:*`.
pub trait LogGroups: Send + Sync {
    /// Whether one exists.
    fn exists<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;

    /// A state machine was created that logs to one.
    fn taken<'a>(&'a self, arn: &'a str) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// `loggingConfiguration` as a request gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoggingConfiguration {
    /// `level`; OFF if absent.
    pub level: Option<LoggingLevel>,
    /// `includeExecutionData`; false if absent.
    pub include_execution_data: Option<bool>,
    /// `destinations`: of each its `cloudWatchLogsLogGroup.logGroupArn`.
    pub destinations: Option<Vec<Option<String>>>,
}

impl LoggingConfiguration {
    /// Checks it; a level other than OFF needs exactly one destination. Texts observed on AWS.
    pub(crate) async fn accept(self, groups: Option<&dyn LogGroups>) -> Result<Logging, Error> {
        let level = self.level.unwrap_or_default();
        let given = self.destinations.as_deref().unwrap_or_default();
        let log_group_arn = match given {
            [] if level == LoggingLevel::Off => None,
            [Some(arn)] => Some(arn.clone()),
            _ => return Err(invalid("Must specify exactly one Log Destination.")),
        };
        if let Some(arn) = &log_group_arn {
            let Some(group) = arn.strip_suffix(":*") else {
                return Err(invalid(
                    "Log Group ARN must be provided with '*' qualifier.",
                ));
            };
            let found = is_log_group(group)
                && match groups {
                    Some(groups) => groups.exists(group).await,
                    None => true,
                };
            if !found {
                return Err(invalid("Log Destination not found."));
            }
        }
        Ok(Logging {
            level,
            include_execution_data: self.include_execution_data.unwrap_or_default(),
            empty_destinations: self.destinations.is_some() && log_group_arn.is_none(),
            log_group_arn,
        })
    }
}

impl Logging {
    /// Whether both log the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.level == other.level
            && self.include_execution_data == other.include_execution_data
            && self.log_group_arn == other.log_group_arn
    }
}

fn is_log_group(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    matches!(
        parts[..],
        ["arn", partition, "logs", region, account, "log-group", name]
            if !partition.is_empty() && !region.is_empty() && !account.is_empty()
                && !name.is_empty() && !name.contains(':')
    )
}

fn invalid(detail: &str) -> Error {
    Error::new(
        Code::InvalidLoggingConfiguration,
        format!("Invalid Logging Configuration: {detail}"),
    )
}
