//! What the project file says about `stepmill serve`. Everything is optional.
//!
//! ```toml
//! [server]
//! host = "127.0.0.1"          # other addresses need [auth]
//! port = 8083                 # 0: a free one
//! account = "000000000000"    # of callers whose credential does not name one
//! region = "us-east-1"        # the same
//! grace = 10                  # seconds for what runs when the server is told to stop
//! ready_file = "ready"        # gets the server's address once it listens
//! log_format = "text"         # or "json"
//! log_level = "info"          # error, warn, info, debug, trace
//!
//! [store]
//! path = ".stepmill"          # a directory, or "memory"
//!
//! [auth]
//! keys = [{ id = "AKIA…", secret = "…", account = "000000000000" }]
//! disabled = false            # true: anybody may call
//!
//! [aws]                       # where tasks call AWS, beside AWS's own variables and files
//! region = "us-east-1"        # of all calls; else that of the state machine
//! endpoint = "http://…"       # of all services
//! endpoints = { sqs = "…" }   # of single ones, by their names in resource ARNs
//! profile = "dev"             # of the config and credentials files
//! assume_roles = false        # true: calls are made as the state machine's role
//! poll_ms = 1000              # between questions for the end of a job; else as AWS asks
//!
//! [http]                      # servers that tasks name: HTTP endpoints, API Gateway, Kubernetes
//! allow = ["localhost:3000", "10.0.0.0/8"]    # though no public addresses; also without TLS
//! ca_bundle = "ca.pem"        # authorities to believe instead of the machine's
//!
//! [http.connections.crm]      # an EventBridge connection by its name; `env:NAME` is a variable
//! basic = { username = "me", password = "env:CRM_PASSWORD" }
//! # api_key = { name = "X-Api-Key", value = "env:CRM_KEY" }
//! # oauth = { endpoint = "https://…", client_id = "…", client_secret = "env:…", body = { scope = "…" } }
//! headers = { X-Team = "blue" }    # added to each request; also query and body
//!
//! [logs]                      # where the log groups of state machines are
//! directory = "logs"          # a file for each
//! stdout = false              # or standard output
//! cloudwatch = false          # or CloudWatch Logs, where [aws] says that AWS is
//! queue_mib = 64              # of log events that wait to be written; more are lost
//!
//! [events]                    # status events
//! endpoint = "http://…"       # of EventBridge
//! event_bus = "default"
//!
//! [traces]
//! endpoint = "http://…"       # of an OTLP collector
//! service_name = "stepmill"
//!
//! [metrics]
//! max_series = 1000           # state machines that are told apart, and functions, and so on
//!
//! [limits]                    # how many there may be; the defaults are AWS's quotas
//! open_executions = 1000000
//! activity_workers = 1000     # that wait for one activity
//! state_machines = 100000
//! activities = 100000
//! versions = 1000             # of a state machine
//! aliases = 100               # of a state machine
//! tags = 50                   # of a resource
//! connections = 16384
//!
//! [recovery]
//! interrupted = "rerun"       # or "fail": tasks that ran when the process ended
//!
//! [retention]
//! days = 90                   # closed executions; or "forever"
//!
//! [mock]
//! file = "mock.json"          # a mock configuration of Step Functions Local
//! test_case = "HappyPath"     # of executions that name none
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::http::HttpSettings;

/// All settings of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `[server]`
    pub server: ServerSettings,
    /// `[store]`
    pub store: StoreSettings,
    /// `[auth]`
    pub auth: AuthSettings,
    /// `[aws]`
    pub aws: AwsSettings,
    /// `[http]`
    pub http: HttpSettings,
    /// `[logs]`
    pub logs: LogSettings,
    /// `[events]`
    pub events: EventSettings,
    /// `[traces]`
    pub traces: TraceSettings,
    /// `[metrics]`
    pub metrics: MetricSettings,
    /// `[limits]`
    pub limits: LimitSettings,
    /// `[recovery]`
    pub recovery: RecoverySettings,
    /// `[retention]`
    pub retention: RetentionSettings,
    /// `[mock]`
    pub mock: MockSettings,
}

/// `[server]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// The address to listen on.
    pub host: Option<Host>,
    /// The port to listen on; 0 for a free one.
    pub port: Option<u16>,
    /// The account of callers whose credential does not name one.
    pub account: Option<Account>,
    /// The region of such callers.
    pub region: Option<Region>,
    /// Seconds for what runs when the server is told to stop.
    pub grace: Option<u64>,
    /// A file that gets the server's address once it listens.
    pub ready_file: Option<PathBuf>,
    /// How the log is written.
    pub log_format: Option<LogFormat>,
    /// What the log tells.
    pub log_level: Option<LogLevel>,
}

/// `[store]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Where everything is kept.
    pub path: Option<StorePlace>,
}

/// `[auth]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthSettings {
    /// Whether anybody may call, keys or not.
    pub disabled: Option<bool>,
    /// The keys that requests are signed with.
    pub keys: Option<Vec<Key>>,
}

/// `[aws]`: where tasks call AWS services, and as whom, beside AWS's own variables and files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AwsSettings {
    /// The region of all calls, instead of the state machine's.
    pub region: Option<Region>,
    /// The endpoint of all services that have no other here.
    pub endpoint: Option<Endpoint>,
    /// The endpoints of single services. One for `sfn` sends `aws-sdk:sfn` there, too, which this
    /// server answers otherwise.
    pub endpoints: BTreeMap<AwsService, Endpoint>,
    /// The profile of AWS's config and credentials files.
    pub profile: Option<String>,
    /// Milliseconds between questions for the end of a job (`.sync`), instead of AWS's intervals.
    pub poll_ms: Option<NonZeroU32>,
    /// Whether calls are made as the state machine's role, assumed with the credentials that there are, as AWS makes
    /// them; otherwise they are made with these credentials.
    pub assume_roles: Option<bool>,
}

/// `[logs]`: where the log groups of state machines are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// A directory with a file for each log group.
    pub directory: Option<PathBuf>,
    /// Whether log events go to standard output.
    pub stdout: Option<bool>,
    /// Whether log events go to CloudWatch Logs.
    pub cloudwatch: Option<bool>,
    /// MiB of log events that may wait to be written.
    pub queue_mib: Option<u32>,
}

/// `[events]`: where status events go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventSettings {
    /// The endpoint of EventBridge.
    pub endpoint: Option<String>,
    /// The event bus, by name or ARN.
    pub event_bus: Option<String>,
}

/// `[traces]`: where traces go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceSettings {
    /// The endpoint of an OTLP collector.
    pub endpoint: Option<String>,
    /// What the server is called in traces.
    pub service_name: Option<String>,
}

/// `[metrics]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricSettings {
    /// State machines that are told apart, at most; and as many functions, and so on.
    pub max_series: Option<u32>,
}

/// `[limits]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// Running Standard executions.
    pub open_executions: Option<u32>,
    /// Workers that wait for tasks of one activity.
    pub activity_workers: Option<u32>,
    /// State machines of an account in a region.
    pub state_machines: Option<u32>,
    /// Activities of an account in a region.
    pub activities: Option<u32>,
    /// Versions of a state machine.
    pub versions: Option<u32>,
    /// Aliases of a state machine.
    pub aliases: Option<u32>,
    /// Tags of a resource.
    pub tags: Option<u32>,
    /// Connections at once.
    pub connections: Option<u32>,
}

/// `[recovery]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecoverySettings {
    /// What becomes of tasks that ran when the process ended.
    pub interrupted: Option<InterruptedTasks>,
}

/// `[retention]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// How long closed executions are kept.
    pub days: Option<Days>,
}

/// `[mock]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MockSettings {
    /// A mock configuration of Step Functions Local.
    pub file: Option<PathBuf>,
    /// The test case of executions that name none, of state machines that have it.
    pub test_case: Option<String>,
}

impl Settings {
    /// With its paths relative to `root` instead of the file.
    pub(super) fn below(mut self, root: &Path) -> Self {
        let paths = [
            &mut self.server.ready_file,
            &mut self.http.ca_bundle,
            &mut self.mock.file,
            &mut self.logs.directory,
        ];
        for path in paths.into_iter().flatten() {
            *path = root.join(&*path);
        }
        if let Some(StorePlace::Directory(path)) = &mut self.store.path {
            *path = root.join(&*path);
        }
        self
    }
}

/// An address to listen on: an IP address, or `localhost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host(pub IpAddr);

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "localhost" {
            return Ok(Self(Ipv4Addr::LOCALHOST.into()));
        }
        let address = text.parse().map_err(|_| {
            format!("'{text}' is no IP address such as 127.0.0.1, 0.0.0.0 or ::1, nor localhost")
        })?;
        Ok(Self(address))
    }
}

/// An account: 12 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(pub String);

impl FromStr for Account {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("'{text}' is no account: 12 digits"))
    }
}

/// A region, as it stands in ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region(pub String);

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if (1..=32).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("'{text}' is no region such as us-east-1"))
    }
}

/// A service of AWS, by its name in resource ARNs: `dynamodb`, `eventbridge` or `events`; or
/// `execute-api`, which is the APIs of API Gateway.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AwsService(pub String);

impl FromStr for AwsService {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if stepmill_catalog::model(text).is_some() || stepmill_catalog::is_signed_as(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "'{text}' is no service of AWS that tasks can call, by its name in resource ARNs such \
             as sqs or dynamodb; nor execute-api, which is the APIs of API Gateway"
        ))
    }
}

/// Where a service is: an `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(pub String);

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let host = text
            .strip_prefix("http://")
            .or(text.strip_prefix("https://"));
        match host {
            Some(host) if !host.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(format!("'{text}' is no URL such as http://127.0.0.1:5000")),
        }
    }
}

/// Where everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In memory: nothing outlives the process.
    Memory,
    /// In this directory.
    Directory(PathBuf),
}

impl FromStr for StorePlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("name a directory, or memory".to_owned()),
            "memory" => Ok(Self::Memory),
            path => Ok(Self::Directory(path.into())),
        }
    }
}

/// A key that requests are signed with.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The account whose resources it gives access to; the server's, if none is named.
    pub account: Option<Account>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl FromStr for Key {
    type Err = String;

    /// Reads `ID:SECRET` or `ID:SECRET:ACCOUNT`. What is wrong is said without the secret.
    fn from_str(text: &str) -> Result<Self, String> {
        let (id, secret, account) = match text.split(':').collect::<Vec<_>>()[..] {
            [id, secret] => (id, secret, None),
            [id, secret, account] => {
                let account = account.parse();
                let account = account.map_err(|_| "its account is not 12 digits".to_owned())?;
                (id, secret, Some(account))
            }
            _ => return Err("it is not ID:SECRET or ID:SECRET:ACCOUNT".to_owned()),
        };
        if id.is_empty() || secret.is_empty() {
            return Err("it lacks its id or its secret".to_owned());
        }
        Ok(Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            account,
        })
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// What the log tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// What may go wrong, too.
    Warn,
    /// What is of note, too.
    #[default]
    Info,
    /// Every request, too.
    Debug,
    /// Everything.
    Trace,
}

/// What becomes of tasks that ran when the process ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterruptedTasks {
    /// They run again.
    #[default]
    Rerun,
    /// They fail with `States.TaskFailed`.
    Fail,
}

/// How long closed executions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// So many days.
    Number(u32),
    /// As long as the store is.
    Forever,
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let days = text.parse().ok().filter(|days| *days > 0);
        days.map(Self::Number)
            .ok_or_else(|| format!("'{text}' is neither a number of days, at least 1, nor forever"))
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of days, or \"forever\"")]
        enum Raw {
            Number(u32),
            Text(String),
        }
        let text = match Raw::deserialize(deserializer)? {
            Raw::Number(number) => number.to_string(),
            Raw::Text(text) => text,
        };
        text.parse().map_err(D::Error::custom)
    }
}

/// Reads these as the texts that command lines and variables give.
macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

from_text!(Host, Account, Region, AwsService, Endpoint, StorePlace);
