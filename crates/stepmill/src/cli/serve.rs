//! What `stepmill serve` and `stepmill store` are told.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Subcommand, ValueEnum};
use stepmill::integrations::project::{
    Account, Days, Host, InterruptedTasks, LogFormat, LogLevel, Region, StorePlace,
};

/// Serve the AWS Step Functions API
///
/// PROJECT is a directory with a stepmill.toml, a directory with definitions (.asl.json or
/// .asl.yaml), a definition, a CloudFormation template (JSON), or a cloud assembly (cdk.out). Its
/// state machines are created, or updated if they have changed, and its functions can be called.
/// Without PROJECT, the current directory is one if it has a stepmill.toml.
///
/// Ctrl-C stops the server when what runs has ended, a second Ctrl-C at once. What is stored goes on
/// when the server is started again.
///
/// An option goes before its environment variable, and that before the stepmill.toml.
#[derive(Debug, Args)]
#[command(after_help = SERVE_HELP)]
pub(crate) struct ServeArgs {
    /// What to serve besides the API
    pub(crate) project: Option<PathBuf>,
    /// The settings [default: the project's stepmill.toml]
    #[arg(long, value_name = "FILE", env = "STEPMILL_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// The address to listen on; others than the loopback interface's need [auth] or --no-auth
    /// [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", env = "STEPMILL_HOST")]
    pub(crate) host: Option<Host>,
    /// The port to listen on; 0 for a free one [default: 8083]
    #[arg(short, long, env = "STEPMILL_PORT")]
    pub(crate) port: Option<u16>,
    /// The directory where everything is kept, or "memory" to keep nothing [default: .stepmill in
    /// the project or the current directory]
    #[arg(long, value_name = "DIR|memory", env = "STEPMILL_STORE")]
    pub(crate) store: Option<StorePlace>,
    /// Answer tasks of executions started on ARN#TEST_CASE from a mock configuration in the format
    /// of Step Functions Local; it may change while the server runs [also: SFN_MOCK_CONFIG]
    #[arg(long, value_name = "FILE", env = "STEPMILL_MOCK")]
    pub(crate) mock: Option<PathBuf>,
    /// The test case of executions that name none, of state machines that have it
    #[arg(long, value_name = "NAME", env = "STEPMILL_TEST_CASE")]
    pub(crate) test_case: Option<String>,
    /// Call AWS as the state machine's role, assumed with the credentials that there are
    #[arg(long, env = "STEPMILL_ASSUME_ROLES", value_parser = FalseyValueParser::new())]
    pub(crate) assume_roles: bool,
    /// Write the server's address to FILE once it listens
    #[arg(long, value_name = "FILE", env = "STEPMILL_READY_FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Seconds for what runs when the server is told to stop [default: 10]
    #[arg(long, value_name = "SECONDS", env = "STEPMILL_GRACE")]
    pub(crate) grace: Option<u64>,
    /// How to write the log [default: text]
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        env = "STEPMILL_LOG_FORMAT",
        help_heading = "Observing"
    )]
    pub(crate) log_format: Option<Format>,
    /// What the log tells [default: info]
    #[arg(
        long,
        value_enum,
        value_name = "LEVEL",
        env = "STEPMILL_LOG_LEVEL",
        help_heading = "Observing"
    )]
    pub(crate) log_level: Option<Level>,
    #[command(flatten)]
    pub(crate) observing: ObservingArgs,
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Logs of executions, events, metrics.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Observing")]
pub(crate) struct ObservingArgs {
    /// Keep the log groups of state machines as files in a directory
    #[arg(long, value_name = "DIR", env = "STEPMILL_LOGS_DIRECTORY")]
    pub(crate) logs_directory: Option<PathBuf>,
    /// Write the log groups of state machines to standard output
    #[arg(
        long,
        env = "STEPMILL_LOGS_STDOUT",
        value_parser = FalseyValueParser::new()
    )]
    pub(crate) logs_stdout: bool,
    /// Write the log groups of state machines to CloudWatch Logs, where AWS is for tasks, too
    #[arg(
        long,
        env = "STEPMILL_LOGS_CLOUDWATCH",
        value_parser = FalseyValueParser::new()
    )]
    pub(crate) logs_cloudwatch: bool,
    /// MiB of log events that may wait to be written; more are lost [default: 64]
    #[arg(long, value_name = "MIB", env = "STEPMILL_LOGS_QUEUE_MIB")]
    pub(crate) logs_queue_mib: Option<u32>,
    /// Send status events to this endpoint of EventBridge
    #[arg(long, value_name = "URL", env = "STEPMILL_EVENTS_ENDPOINT")]
    pub(crate) events_endpoint: Option<String>,
    /// The event bus that gets them, by name or ARN [default: default]
    #[arg(long, value_name = "NAME", env = "STEPMILL_EVENTS_BUS")]
    pub(crate) events_bus: Option<String>,
    /// Send traces to this OTLP collector
    #[arg(long, value_name = "URL", env = "STEPMILL_TRACES_ENDPOINT")]
    pub(crate) traces_endpoint: Option<String>,
    /// What the server is called in traces [default: stepmill]
    #[arg(long, value_name = "NAME", env = "STEPMILL_TRACES_SERVICE_NAME")]
    pub(crate) traces_service_name: Option<String>,
    /// State machines that metrics tell apart, and functions, and so on [default: 1000]
    #[arg(long, value_name = "N", env = "STEPMILL_METRICS_MAX_SERIES")]
    pub(crate) metrics_max_series: Option<u32>,
}

/// Who may call.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Access")]
pub(crate) struct AccessArgs {
    /// Demand requests signed with one of these keys, separated by commas; better given by the
    /// environment or the stepmill.toml, which other users of the machine do not see
    #[arg(
        long = "auth-key",
        value_name = "ID:SECRET[:ACCOUNT]",
        env = "STEPMILL_AUTH_KEYS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    // Read later: an error of the command line would show the secret.
    pub(crate) auth_keys: Vec<String>,
    /// Let anybody call who reaches the port, whatever the stepmill.toml says
    #[arg(
        long,
        env = "STEPMILL_NO_AUTH",
        value_parser = FalseyValueParser::new(),
        conflicts_with = "auth_keys"
    )]
    pub(crate) no_auth: bool,
    /// The account of callers whose credential does not name one [default: 000000000000]
    #[arg(long, env = "STEPMILL_ACCOUNT")]
    pub(crate) account: Option<Account>,
    /// The region of callers whose credential does not name one [default: us-east-1]
    #[arg(long, env = "STEPMILL_REGION")]
    pub(crate) region: Option<Region>,
}

/// How many there may be of what, and what becomes of what is left.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Limits and keeping")]
pub(crate) struct LimitArgs {
    /// What becomes of tasks that ran when the process ended [default: rerun]
    #[arg(long, value_enum, value_name = "HOW", env = "STEPMILL_INTERRUPTED")]
    pub(crate) interrupted: Option<Interrupted>,
    /// Days that closed executions are kept, or "forever" [default: 90]
    #[arg(long, value_name = "DAYS|forever", env = "STEPMILL_RETENTION_DAYS")]
    pub(crate) retention_days: Option<Days>,
    /// Running Standard executions [default: 1000000]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_OPEN_EXECUTIONS")]
    pub(crate) max_open_executions: Option<u32>,
    /// Workers that wait for tasks of one activity [default: 1000]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_ACTIVITY_WORKERS")]
    pub(crate) max_activity_workers: Option<u32>,
    /// State machines of an account in a region [default: 100000]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_STATE_MACHINES")]
    pub(crate) max_state_machines: Option<u32>,
    /// Activities of an account in a region [default: 100000]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_ACTIVITIES")]
    pub(crate) max_activities: Option<u32>,
    /// Versions of a state machine [default: 1000]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_VERSIONS")]
    pub(crate) max_versions: Option<u32>,
    /// Aliases of a state machine [default: 100]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_ALIASES")]
    pub(crate) max_aliases: Option<u32>,
    /// Tags of a resource [default: 50]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_TAGS")]
    pub(crate) max_tags: Option<u32>,
    /// Connections at once [default: 16384]
    #[arg(long, value_name = "N", env = "STEPMILL_MAX_CONNECTIONS")]
    pub(crate) max_connections: Option<u32>,
}

/// How to write the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for people
    Text,
    /// A JSON object a line
    Json,
}

impl From<Format> for LogFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

/// What the log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// What went wrong
    Error,
    /// What may go wrong, too
    Warn,
    /// What is of note, too
    Info,
    /// Every request, too
    Debug,
    /// Everything
    Trace,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warn => Self::Warn,
            Level::Info => Self::Info,
            Level::Debug => Self::Debug,
            Level::Trace => Self::Trace,
        }
    }
}

/// What becomes of tasks that ran when the process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Interrupted {
    /// They run again
    Rerun,
    /// They fail with States.TaskFailed
    Fail,
}

impl From<Interrupted> for InterruptedTasks {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Rerun => Self::Rerun,
            Interrupted::Fail => Self::Fail,
        }
    }
}

const SERVE_HELP: &str = "\
Examples:
  stepmill serve
  stepmill serve examples/order-pipeline --port 0 --store memory
  STEPMILL_AUTH_KEYS=AKIAEXAMPLE:secret stepmill serve --host 0.0.0.0 --log-format json

Pages: /health, /ready (503 with a reason until it is), /metrics (Prometheus)

Exit codes:
  0  the server was told to stop, and did
  2  it could not start: the project, the settings, the port or the store; the reason is on
     standard error";

/// Look after a store
#[derive(Debug, Args)]
#[command(after_help = STORE_HELP)]
pub(crate) struct StoreArgs {
    #[command(subcommand)]
    pub(crate) verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    Check(CheckArgs),
}

/// Look through a store for damage, without changing it
///
/// No server may have it open.
#[derive(Debug, Args)]
#[command(after_help = STORE_HELP)]
pub(crate) struct CheckArgs {
    /// The store's directory, or its file
    #[arg(default_value = ".stepmill")]
    pub(crate) path: PathBuf,
    /// Print one JSON object with everything found
    #[arg(long, env = "STEPMILL_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,
}

const STORE_HELP: &str = "\
Examples:
  stepmill store check
  stepmill store check /var/lib/stepmill --json

Exit codes:
  0  the store is whole
  1  it is damaged
  2  there is no store, or it is in use";
