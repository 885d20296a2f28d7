//! A state machine as it was at one time.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stepmill_asl::model::StateMachine;

/// A state machine as an execution runs it. A change of definition or role makes a new one.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The number of its document.
    pub number: u64,
    /// The number of its state machine's document: the scope of execution names.
    pub machine: u64,
    /// The state machine's ARN, without version or alias.
    pub arn: String,
    /// The state machine's name.
    pub name: String,
    /// The account it belongs to.
    pub account: String,
    /// The region it is in.
    pub region: String,
    /// Whether its executions are Express.
    pub express: bool,
    /// The role its executions run as.
    pub role_arn: String,
    /// AWS's revision id; `None` for the initial one.
    pub revision_id: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// What is logged of its executions.
    pub logging: Logging,
    /// `tracingConfiguration.enabled`
    pub tracing: bool,
    /// The definition's text, as it was sent.
    pub text: Arc<str>,
    /// The definition.
    pub definition: Arc<StateMachine>,
}

/// `loggingConfiguration`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logging {
    /// Which events are logged.
    pub level: LoggingLevel,
    /// Whether with inputs and outputs.
    pub include_execution_data: bool,
    /// The log group's ARN, which ends in `:*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_group_arn: Option<String>,
    /// Whether `destinations` was given empty, which AWS shows then (observed).
    pub empty_destinations: bool,
}

/// `loggingConfiguration.level`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LoggingLevel {
    /// Every event.
    All,
    /// Failures.
    Error,
    /// Executions that fail.
    Fatal,
    /// Nothing.
    #[default]
    Off,
}

/// What the ARN of a state machine, of a version or of an alias stands for when an execution starts.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What runs.
    pub revision: Arc<Revision>,
    /// The version's ARN and the number of its document, if one was named or an alias chose it.
    pub version: Option<(String, u64)>,
    /// The alias's ARN and the number of its document.
    pub alias: Option<(String, u64)>,
}
