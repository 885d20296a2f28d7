//! Where the logs of a job go.

use crate::core::Scope;
use crate::iam::{Role, Statement};
use crate::resources::{Bucket, LogGroup};
use crate::value::{Text, Value};

/// Where the logs of a job go.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Monitoring {
    log_bucket: Option<Bucket>,
    log_group: Option<LogGroup>,
    log_stream_name_prefix: Option<Text>,
    logging: bool,
    persistent_app_ui: Option<bool>,
}

impl Monitoring {
    /// Nowhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bucket that logs go to.
    pub fn log_bucket(mut self, bucket: &Bucket) -> Self {
        self.log_bucket = Some(bucket.clone());
        self
    }

    /// The log group that logs go to.
    pub fn log_group(mut self, group: &LogGroup) -> Self {
        self.log_group = Some(group.clone());
        self
    }

    /// What the names of log streams begin with.
    pub fn log_stream_name_prefix(mut self, prefix: impl Into<Text>) -> Self {
        self.log_stream_name_prefix = Some(prefix.into());
        self
    }

    /// Whether logs go to a bucket and a log group that are made unless given.
    pub fn logging(mut self, logging: bool) -> Self {
        self.logging = logging;
        self
    }

    /// Whether the application's user interface can be looked at when the job has ended; it can unless said.
    pub fn persistent_app_ui(mut self, persistent: bool) -> Self {
        self.persistent_app_ui = Some(persistent);
        self
    }

    /// With the bucket and the log group that it asks for.
    pub(super) fn made_in(mut self, scope: &Scope) -> Self {
        if self.logging {
            self.log_group
                .get_or_insert_with(|| LogGroup::new(scope, "Monitoring Log Group"));
            self.log_bucket
                .get_or_insert_with(|| Bucket::new(scope, "Monitoring Bucket"));
        }
        self
    }

    /// Allows a job's role to write logs.
    pub(super) fn grant(&self, role: &Role) {
        if let Some(bucket) = &self.log_bucket {
            bucket.grant_read_write(role, "*");
        }
        if let Some(group) = &self.log_group {
            group.grant_write(role);
            group.grant(role, &["logs:DescribeLogStreams"]);
        }
    }

    /// It in a task's parameters.
    pub(super) fn to_value(&self) -> Value {
        let logs = self.log_group.as_ref().map(|group| {
            let prefix = self.log_stream_name_prefix.clone();
            Value::object([
                ("LogGroupName", Some(group.log_group_name().into())),
                ("LogStreamNamePrefix", prefix.map(Value::from)),
            ])
        });
        let bucket = self.log_bucket.as_ref();
        let bucket = bucket.map(|bucket| crate::object! {"LogUri": bucket.s3_url_for_object("")});
        let interface = match self.persistent_app_ui {
            Some(false) => "DISABLED",
            _ => "ENABLED",
        };
        Value::object([
            ("CloudWatchMonitoringConfiguration", logs),
            ("PersistentAppUI", Some(interface.into())),
            ("S3MonitoringConfiguration", bucket),
        ])
    }
}

/// What every job must be allowed to find its log group.
pub(super) fn describe_log_groups(scope: &Scope) -> Statement {
    let groups = match scope.has(crate::core::Feature::Version2) {
        true => scope.arn("logs", "*"),
        false => "arn:aws:logs:*:*:*".into(),
    };
    Statement::allow(["logs:DescribeLogGroups"], [groups])
}
