//! Where containers write their logs.

use crate::core::Scope;
use crate::iam::Role;
use crate::resources::LogGroup;
use crate::value::{Object, Text, Value};

/// Writes a container's output to CloudWatch Logs.
#[derive(Debug, Clone)]
#[must_use]
pub struct AwsLogDriver {
    stream_prefix: Text,
    log_group: Option<LogGroup>,
    log_retention: Option<u32>,
    datetime_format: Option<String>,
    multiline_pattern: Option<String>,
    mode: Option<&'static str>,
}

impl AwsLogDriver {
    /// Into streams whose names begin with a prefix, of a log group that is made for the container.
    pub fn new(stream_prefix: impl Into<Text>) -> Self {
        Self {
            stream_prefix: stream_prefix.into(),
            log_group: None,
            log_retention: None,
            datetime_format: None,
            multiline_pattern: None,
            mode: None,
        }
    }

    /// Into another log group.
    pub fn log_group(mut self, group: &LogGroup) -> Self {
        self.log_group = Some(group.clone());
        self
    }

    /// How many days the log group that is made keeps what is written; for ever unless said.
    pub fn log_retention(mut self, days: u32) -> Self {
        self.log_retention = Some(days);
        self
    }

    /// How the time looks with which every message begins, as in Python's `strftime`.
    pub fn datetime_format(mut self, format: impl Into<String>) -> Self {
        self.datetime_format = Some(format.into());
        self
    }

    /// A regular expression for how every message begins.
    pub fn multiline_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.multiline_pattern = Some(pattern.into());
        self
    }

    /// Lets the container go on when its logs cannot be written, instead of waiting.
    pub fn non_blocking(mut self) -> Self {
        self.mode = Some("non-blocking");
        self
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<&'static str> {
        (self.log_group.is_some() && self.log_retention.is_some())
            .then_some("Cannot specify both `logGroup` and `logRetentionDays`.")
    }

    /// The configuration of a container; its execution role is allowed to write.
    pub(super) fn bind(&self, container: &Scope, execution_role: &Role) -> Value {
        let group = self
            .log_group
            .clone()
            .unwrap_or_else(|| LogGroup::new(container, "LogGroup").retention(self.log_retention));
        group.grant_write(execution_role);
        let mut options = Object::new();
        let mut option = |key: &str, value: Option<Text>| {
            if let Some(value) = value {
                options.insert(key.to_owned(), value.into());
            }
        };
        option("awslogs-group", Some(group.log_group_name()));
        option("awslogs-stream-prefix", Some(self.stream_prefix.clone()));
        option("awslogs-region", Some(container.region()));
        option(
            "awslogs-datetime-format",
            self.datetime_format.as_ref().map(Text::from),
        );
        option(
            "awslogs-multiline-pattern",
            self.multiline_pattern.as_ref().map(Text::from),
        );
        option("mode", self.mode.map(Text::from));
        crate::object! {"LogDriver": "awslogs", "Options": options}
    }
}
