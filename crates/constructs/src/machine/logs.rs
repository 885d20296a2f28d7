//! What of executions is logged.

use crate::core::Problem;
use crate::iam::Statement;
use crate::resources::LogGroup;
use crate::value::{Text, Value};

/// What of executions is logged, and where.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct LogOptions {
    destination: Option<Text>,
    include_execution_data: Option<bool>,
    level: LogLevel,
}

/// Which events of executions are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// None.
    Off,
    /// All.
    All,
    /// Errors.
    #[default]
    Error,
    /// Errors that end executions.
    Fatal,
}

impl LogLevel {
    fn name(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::All => "ALL",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

impl LogOptions {
    /// Where logs are written to. It is needed unless nothing is logged.
    pub fn destination(mut self, group: &LogGroup) -> Self {
        self.destination = Some(group.log_group_arn());
        self
    }

    /// Whether inputs, outputs and the like are logged as well.
    pub fn include_execution_data(mut self, include: bool) -> Self {
        self.include_execution_data = Some(include);
        self
    }

    /// Which events are logged; errors unless said.
    pub fn level(mut self, level: LogLevel) -> Self {
        self.level = level;
        self
    }

    pub(super) fn is_on(&self) -> bool {
        self.level != LogLevel::Off
    }

    pub(super) fn problem(&self) -> Option<Problem> {
        (self.is_on() && self.destination.is_none()).then(|| {
            let message = "Logs destination is required when level is not OFF.";
            Problem::property("logs", message)
        })
    }

    /// `LoggingConfiguration` of a machine.
    pub(super) fn value(&self) -> Value {
        let destination = self.destination.as_ref().map(|arn| {
            let group = crate::object! {"LogGroupArn": arn};
            Value::List(vec![crate::object! {"CloudWatchLogsLogGroup": group}])
        });
        Value::object([
            ("Destinations", destination),
            (
                "IncludeExecutionData",
                self.include_execution_data.map(Value::from),
            ),
            ("Level", Some(self.level.name().into())),
        ])
    }

    /// What a machine that logs must be allowed. Source: "Logging using CloudWatch Logs" of the Step Functions guide.
    pub(super) fn statement(&self) -> Option<Statement> {
        let actions = [
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
        ];
        let logs = self.destination.is_some();
        logs.then(|| Statement::allow(actions, ["*"]))
    }
}
