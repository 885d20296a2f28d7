//! The command line.

mod client;
mod serve;

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use client::{
    DescribeArgs, EndpointArgs, HistoryArgs, ListArgs, RedriveArgs, StartArgs, StopArgs,
};
pub(crate) use serve::{CheckArgs, ServeArgs, StoreArgs, StoreVerb};

const EXIT_CODES: &str = "\
Exit codes:
  0  done; the execution succeeded
  1  the execution failed, timed out or was stopped
  2  the definition, the project or the command line is wrong";

/// AWS Step Functions on your machine: run, serve, check and draw state machines
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        env = "STEPMILL_COLOR"
    )]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    New(NewArgs),
    Run(RunArgs),
    Validate(ValidateArgs),
    Graph(GraphArgs),
    Policy(PolicyArgs),
    Serve(Box<ServeArgs>),
    Start(StartArgs),
    List(ListArgs),
    Describe(DescribeArgs),
    History(HistoryArgs),
    Stop(StopArgs),
    Redrive(RedriveArgs),
    Store(StoreArgs),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => {
                if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
                    set_colors(false);
                }
            }
            Self::Always => set_colors(true),
            Self::Never => set_colors(false),
        }
    }
}

fn set_colors(enabled: bool) {
    console::set_colors_enabled(enabled);
    console::set_colors_enabled_stderr(enabled);
}

/// Make a project: a workflow in Rust, a Lambda function, tests
///
/// The project synthesizes its workflow with Stepmill's constructs, runs it here by `stepmill run`, and can be
/// deployed with the AWS CDK's command line.
#[derive(Debug, Args)]
#[command(after_help = NEW_HELP)]
pub(crate) struct NewArgs {
    /// The directory to make
    pub(crate) path: PathBuf,
    /// The project's name: lower-case letters, digits and hyphens [default: the directory's]
    #[arg(long, value_name = "NAME", env = "STEPMILL_NAME")]
    pub(crate) name: Option<String>,
    /// Take Stepmill from a checkout instead of its repository
    #[arg(long, value_name = "DIRECTORY", env = "STEPMILL_CHECKOUT")]
    pub(crate) stepmill: Option<PathBuf>,
}

const NEW_HELP: &str = "\
Examples:
  stepmill new order-pipeline
  stepmill new shop/orders --name order-pipeline

Exit codes:
  0  the project was made
  2  it was not: the name is wrong, or the directory has files already";

/// Run a state machine and print its output
///
/// PATH is a definition (.asl.json or .asl.yaml), a project (a directory with a stepmill.toml), a
/// CloudFormation template (JSON), or a cloud assembly (cdk.out). Tasks call the Lambda functions of the
/// project or the assembly, or the answers of a mock configuration. The
/// output goes to standard output, everything else to standard error. Ctrl-C stops the execution,
/// a second Ctrl-C leaves at once.
#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct RunArgs {
    /// The definition, or the directory of a project
    pub(crate) path: PathBuf,
    /// The execution's input: JSON, @FILE, or - for standard input [default: the project's, or {}]
    #[arg(
        short,
        long,
        value_name = "JSON|@FILE|-",
        env = "STEPMILL_INPUT",
        allow_hyphen_values = true
    )]
    pub(crate) input: Option<String>,
    /// Run as an Express workflow, whatever the project says
    #[arg(long, env = "STEPMILL_EXPRESS", value_parser = FalseyValueParser::new())]
    pub(crate) express: bool,
    /// Do not wait: Wait states and pauses between retries take no time
    #[arg(long, env = "STEPMILL_SKIP_WAITS", value_parser = FalseyValueParser::new())]
    pub(crate) skip_waits: bool,
    /// Print one JSON object that describes how the execution ended
    #[arg(long, env = "STEPMILL_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,
    /// Write the history events to FILE, as GetExecutionHistory gives them
    #[arg(long, value_name = "FILE", env = "STEPMILL_HISTORY")]
    pub(crate) history: Option<PathBuf>,
    /// Answer tasks from a mock configuration, in the format of Step Functions Local [default: the project's]
    #[arg(long, value_name = "FILE", env = "STEPMILL_MOCK")]
    pub(crate) mock: Option<PathBuf>,
    /// The test case of the mock configuration [default: the project's]
    #[arg(long, value_name = "NAME", env = "STEPMILL_TEST_CASE")]
    pub(crate) test_case: Option<String>,
    /// The state machine's name [default: the project's, or the file's]
    #[arg(long, value_name = "NAME", env = "STEPMILL_NAME")]
    pub(crate) name: Option<String>,
    /// Which state machine of a template or cloud assembly: its name or logical id
    #[arg(long, value_name = "NAME", env = "STEPMILL_MACHINE")]
    pub(crate) machine: Option<String>,
    /// What to show while it runs
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        default_value_t,
        env = "STEPMILL_PROGRESS"
    )]
    pub(crate) progress: Progress,
}

/// What to show while an execution runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    /// A live list of states on a terminal, lines elsewhere
    #[default]
    Auto,
    /// A line for each state that ends
    Plain,
    /// Nothing, not even what functions write
    None,
}

const RUN_HELP: &str = "\
Examples:
  stepmill run order.asl.json --input '{\"id\": 7}'
  stepmill run examples/order-pipeline --input @orders.json --history history.json
  stepmill run order.asl.yaml --mock mock.json --test-case PaymentDeclined --skip-waits --json

Exit codes:
  0  the execution succeeded
  1  it failed, timed out or was stopped; error and cause are on standard error
  2  the definition, the project or the command line is wrong; nothing was run";

/// Check definitions and show what is wrong with them
///
/// Each PATH is a definition (.asl.json or .asl.yaml) or a directory with a stepmill.toml.
#[derive(Debug, Args)]
#[command(after_help = VALIDATE_HELP)]
pub(crate) struct ValidateArgs {
    /// Definitions, or directories of projects
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Check for an Express workflow, whatever the project says
    #[arg(long, env = "STEPMILL_EXPRESS", value_parser = FalseyValueParser::new())]
    pub(crate) express: bool,
    /// Print one JSON object with everything found
    #[arg(long, env = "STEPMILL_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,
}

const VALIDATE_HELP: &str = "\
Examples:
  stepmill validate order.asl.json
  stepmill validate --json workflows/*.asl.yaml

Exit codes:
  0  all definitions are valid; there may be warnings
  2  at least one is not, or cannot be read";

/// Print the least that a state machine's role must be allowed
///
/// PATH is a definition (.asl.json or .asl.yaml), a project, a CloudFormation template (JSON) or a cloud
/// assembly (cdk.out). The policy goes to standard output as IAM reads it; which states need each
/// statement, and what cannot be known from the definition, goes to standard error.
#[derive(Debug, Args)]
#[command(after_help = POLICY_HELP)]
pub(crate) struct PolicyArgs {
    /// The definition, project, template or cloud assembly
    pub(crate) path: PathBuf,
    /// Which state machine of a template or cloud assembly: its name or logical id
    #[arg(long, value_name = "NAME", env = "STEPMILL_MACHINE")]
    pub(crate) machine: Option<String>,
    /// The account in ARNs [default: ${AWS::AccountId}]
    #[arg(long, value_name = "ID", env = "STEPMILL_ACCOUNT")]
    pub(crate) account: Option<String>,
    /// The region in ARNs [default: ${AWS::Region}]
    #[arg(long, value_name = "REGION", env = "STEPMILL_REGION")]
    pub(crate) region: Option<String>,
    /// The partition in ARNs [default: ${AWS::Partition}]
    #[arg(long, value_name = "NAME", env = "STEPMILL_PARTITION")]
    pub(crate) partition: Option<String>,
    /// Print one JSON object with the statements, the states behind them and what is unknown
    #[arg(long, env = "STEPMILL_JSON", value_parser = FalseyValueParser::new())]
    pub(crate) json: bool,
}

const POLICY_HELP: &str = "\
Examples:
  stepmill policy order.asl.json --account 123456789012 --region eu-central-1 --partition aws
  stepmill policy cdk.out --machine OrderPipeline --json

Exit codes:
  0  the policy was printed; what is unknown is on standard error
  2  the definition cannot be read or is not valid";

/// Draw a state machine
///
/// The drawing goes to standard output. PATH is a definition (.asl.json or .asl.yaml) or a
/// directory with a stepmill.toml.
#[derive(Debug, Args)]
#[command(after_help = GRAPH_HELP)]
pub(crate) struct GraphArgs {
    /// The definition, or the directory of a project
    pub(crate) path: PathBuf,
    /// What to draw it as
    #[arg(short, long, value_enum, default_value_t, env = "STEPMILL_FORMAT")]
    pub(crate) format: GraphFormat,
}

/// What a state machine is drawn as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A Mermaid flowchart, which Markdown pages show
    #[default]
    Mermaid,
    /// Graphviz's language
    Dot,
    /// An image
    Svg,
}

const GRAPH_HELP: &str = "\
Examples:
  stepmill graph order.asl.json --format svg > order.svg
  stepmill graph examples/order-pipeline --format dot | dot -Tpdf > order.pdf

Exit codes:
  0  the drawing is on standard output
  2  the definition is wrong or too large to be drawn in this format";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Color, GraphFormat, Progress, Verb};

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_takes_all_its_settings() {
        let line = "stepmill run dir --input @in.json --express --skip-waits --json --history h.json \
                    --mock m.json --test-case T --name n --progress plain --color never";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        assert_eq!(cli.color, Color::Never);
        let Verb::Run(run) = cli.verb else {
            panic!("not run");
        };
        assert_eq!(run.input.as_deref(), Some("@in.json"));
        assert!(run.express && run.skip_waits && run.json);
        assert_eq!(run.test_case.as_deref(), Some("T"));
        assert_eq!(run.progress, Progress::Plain);
    }

    #[test]
    fn input_may_be_a_dash_or_a_negative_number() {
        for input in ["-", "-1", "{\"a\": -1}"] {
            let cli = Cli::try_parse_from(["stepmill", "run", "a.asl.json", "--input", input]);
            let Verb::Run(run) = cli.unwrap().verb else {
                panic!("not run");
            };
            assert_eq!(run.input.as_deref(), Some(input));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for line in [
            "stepmill",
            "stepmill run",
            "stepmill run a b",
            "stepmill validate",
            "stepmill graph a --format png",
            "stepmill walk a",
        ] {
            let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn every_verb_has_an_example_and_its_exit_codes() {
        for verb in Cli::command().get_subcommands_mut() {
            let help = verb.render_long_help().to_string();
            assert!(help.contains("Examples:\n  stepmill "), "{help}");
            assert!(help.contains("Exit codes:\n  0  "), "{help}");
        }
        let cli = Cli::try_parse_from(["stepmill", "graph", "a"]).unwrap();
        assert!(matches!(cli.verb, Verb::Graph(graph) if graph.format == GraphFormat::Mermaid));
    }

    #[test]
    fn every_setting_can_be_given_by_the_environment() {
        let command = Cli::command();
        let verbs = command.get_subcommands();
        for verb in verbs.flat_map(|verb| std::iter::once(verb).chain(verb.get_subcommands())) {
            for setting in verb.get_opts().filter(|setting| setting.get_id() != "help") {
                let variable = setting.get_env().and_then(|name| name.to_str());
                let named = variable.is_some_and(|name| name.starts_with("STEPMILL_"));
                assert!(named, "{}", setting.get_id());
            }
        }
    }
}
