//! What the verbs are told that speak to a server.

use clap::Args;
use clap::builder::FalseyValueParser;
use stepmill::integrations::project::Region;

const ENDPOINT_HELP: &str = "Where the server is";

/// The server, and how to answer.
#[derive(Debug, Args)]
#[command(next_help_heading = ENDPOINT_HELP)]
pub(crate) struct EndpointArgs {
    /// The server's address [also: AWS_ENDPOINT_URL_SFN] [default: http://127.0.0.1:8083]
    #[arg(long, value_name = "URL", env = "STEPMILL_ENDPOINT")]
    pub(crate) endpoint: Option<String>,
    /// The region [also: AWS_REGION, AWS_DEFAULT_REGION] [default: us-east-1]
    #[arg(long, env = "STEPMILL_REGION")]
    pub(crate) region: Option<Region>,
    /// Print the server's answer as JSON
    #[arg(long, env = "STEPMILL_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,
}

/// Start an execution on a server
///
/// MACHINE is a name, or the ARN of a state machine, a version or an alias; #TEST_CASE may follow
/// where the server has mocks. The execution's ARN goes to standard output; with --wait, its output
/// does. An Express state machine is run to its end by --wait.
#[derive(Debug, Args)]
#[command(after_help = START_HELP)]
pub(crate) struct StartArgs {
    /// The state machine
    pub(crate) machine: String,
    /// The execution's input: JSON, @FILE, or - for standard input [default: {}]
    #[arg(
        short,
        long,
        value_name = "JSON|@FILE|-",
        env = "STEPMILL_INPUT",
        allow_hyphen_values = true
    )]
    pub(crate) input: Option<String>,
    /// The execution's name [default: a UUID]
    #[arg(long, env = "STEPMILL_NAME")]
    pub(crate) name: Option<String>,
    /// Wait until it has ended
    #[arg(short, long, env = "STEPMILL_WAIT", value_parser = FalseyValueParser::new())]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const START_HELP: &str = "\
Examples:
  stepmill start order --input '{\"id\": 7}' --wait
  stepmill start order --name order-7 --input @order.json

Exit codes:
  0  the execution is started; with --wait, it succeeded
  1  with --wait: it failed, timed out or was stopped
  2  the server refused, or cannot be reached";

/// List state machines or executions of a server
#[derive(Debug, Args)]
#[command(after_help = LIST_HELP)]
pub(crate) struct ListArgs {
    /// List the executions of this state machine: a name or an ARN
    pub(crate) machine: Option<String>,
    /// Only executions that have this status, such as RUNNING
    #[arg(long, env = "STEPMILL_STATUS", requires = "machine")]
    pub(crate) status: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, env = "STEPMILL_MOST",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) most: u32,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const LIST_HELP: &str = "\
Examples:
  stepmill list
  stepmill list order --status FAILED

Exit codes:
  0  the list is on standard output
  2  the server refused, or cannot be reached";

/// Describe a state machine or an execution of a server
///
/// NAME is an ARN, a state machine's name, or MACHINE:EXECUTION.
#[derive(Debug, Args)]
#[command(after_help = DESCRIBE_HELP)]
pub(crate) struct DescribeArgs {
    /// What to describe
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const DESCRIBE_HELP: &str = "\
Examples:
  stepmill describe order
  stepmill describe order:order-7
  stepmill describe arn:aws:states:us-east-1:000000000000:execution:order:order-7 --json

Exit codes:
  0  the description is on standard output
  2  the server refused, or cannot be reached";

/// Show the history of an execution on a server
#[derive(Debug, Args)]
#[command(after_help = HISTORY_HELP)]
pub(crate) struct HistoryArgs {
    /// The execution: its ARN, or MACHINE:EXECUTION
    pub(crate) execution: String,
    /// Begin with the latest event
    #[arg(long, env = "STEPMILL_REVERSE", value_parser = FalseyValueParser::new(),
          conflicts_with = "follow")]
    pub(crate) reverse: bool,
    /// Go on until the execution has ended
    #[arg(short, long, env = "STEPMILL_FOLLOW", value_parser = FalseyValueParser::new())]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const HISTORY_HELP: &str = "\
Examples:
  stepmill history order:order-7
  stepmill history order:order-7 --follow
  stepmill history order:order-7 --json | jq '.events[].type'

Exit codes:
  0  the history is on standard output; with --follow, the execution succeeded
  1  with --follow: the execution failed, timed out or was stopped
  2  the server refused, or cannot be reached";

/// Stop an execution on a server
#[derive(Debug, Args)]
#[command(after_help = STOP_HELP)]
pub(crate) struct StopArgs {
    /// The execution: its ARN, or MACHINE:EXECUTION
    pub(crate) execution: String,
    /// The error that it ends with
    #[arg(long, env = "STEPMILL_ERROR")]
    pub(crate) error: Option<String>,
    /// The cause that it ends with
    #[arg(long, env = "STEPMILL_CAUSE")]
    pub(crate) cause: Option<String>,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const STOP_HELP: &str = "\
Examples:
  stepmill stop order:order-7 --cause 'the customer went away'

Exit codes:
  0  the execution is stopped
  2  the server refused, or cannot be reached";

/// Take up an execution on a server that ended without success
#[derive(Debug, Args)]
#[command(after_help = REDRIVE_HELP)]
pub(crate) struct RedriveArgs {
    /// The execution: its ARN, or MACHINE:EXECUTION
    pub(crate) execution: String,
    /// Wait until it has ended
    #[arg(short, long, env = "STEPMILL_WAIT", value_parser = FalseyValueParser::new())]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) server: EndpointArgs,
}

const REDRIVE_HELP: &str = "\
Examples:
  stepmill redrive order:order-7 --wait

Exit codes:
  0  the execution runs again; with --wait, it succeeded
  1  with --wait: it failed, timed out or was stopped
  2  the server refused, or cannot be reached";
