//! The project file, `stepmill.toml`: which state machine the project is, its local functions, and
//! how it is served ([`Settings`]).
//!
//! ```toml
//! definition = "order-pipeline.asl.json"   # relative to this file
//! name = "order-pipeline"                  # default: the directory's name
//! # or, instead of a definition, what synthesizes one:
//! # app = "cargo run --quiet"              # run in this directory; or the directory of an assembly
//! # machine = "OrderPipeline"              # its name or logical id, if the app has several
//! # resources = { Group12345678 = { GroupId = "sg-1" } }    # what only a deployment tells of it; Ref is a name, too
//! input = "orders.json"                    # input of a run that names none
//! type = "STANDARD"                        # or "EXPRESS"
//!
//! [lambda]                                 # what functions have unless they say otherwise
//! timeout = 3                              # seconds, 1 to 900
//! memory = 128                             # megabytes, 128 to 10240
//!
//! [lambda.functions.charge]
//! runtime = "python3.12"                   # or nodejs22.x, provided.al2023
//! handler = "app.handler"                  # provided: the executable's file name
//! code = "functions/charge"                # a directory, relative to this file
//! environment = { TABLE = "orders" }
//! concurrency = 10                         # the most processes at once
//!
//! [lambda.functions.evaluate]
//! runtime = "evaluate-expression"          # the function of the CDK's EvaluateExpression: neither code nor Node.js
//! ```

mod http;
mod settings;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::lambda::{Function, HostError, Runtime, default_concurrency};

pub use http::{
    Allowed, ApiKeySettings, AuthorizationSettings, BasicSettings, ConnectionSettings, Hidden,
    HttpSettings, OAuthSettings, ParameterSettings,
};
pub use settings::{
    Account, AuthSettings, AwsService, AwsSettings, Days, Endpoint, EventSettings, Host,
    InterruptedTasks, Key, LimitSettings, LogFormat, LogLevel, LogSettings, MetricSettings,
    MockSettings, RecoverySettings, Region, RetentionSettings, ServerSettings, Settings,
    StorePlace, StoreSettings, TraceSettings,
};

/// The name of a project file.
pub const FILE_NAME: &str = "stepmill.toml";

/// A larger project file is refused.
const MAX_SIZE: u64 = 1024 * 1024;

/// A project, its paths absolute if the project file's was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The project file.
    pub file: PathBuf,
    /// The state machine, if the project has one.
    pub machine: Option<Machine>,
    /// The input of a run that names none.
    pub input: Option<PathBuf>,
    /// The functions, by name.
    pub functions: Vec<Function>,
    /// How it is served.
    pub settings: Settings,
}

/// The state machine of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub name: String,
    /// Where its definition comes from.
    pub definition: Definition,
    /// Its type.
    pub machine_type: MachineType,
}

/// Where a definition comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A file.
    File(PathBuf),
    /// What synthesizes a cloud assembly.
    App(App),
}

/// What synthesizes a cloud assembly with a state machine in one of its templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The command, or the directory of an assembly that is there already.
    pub app: String,
    /// Where the command runs and what the directory is relative to: that of the project file.
    pub directory: PathBuf,
    /// The machine's name or logical id, if the app has several.
    pub machine: Option<String>,
    /// What is only known of resources after a deployment.
    pub resources: Resources,
}

/// Values of resources by their logical ids: of each by the names of its attributes, and by `Ref`.
pub type Resources = BTreeMap<String, BTreeMap<String, String>>;

/// `STANDARD` or `EXPRESS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MachineType {
    /// Durable, exactly once.
    #[default]
    Standard,
    /// Short, kept in memory.
    Express,
}

/// What is wrong with a project file.
#[derive(Debug)]
pub struct ProjectError {
    /// The project file.
    pub file: PathBuf,
    /// Where in the file, in bytes; none if it cannot be read.
    pub span: Option<Range<usize>>,
    /// The line, from 1, and the column in characters, from 1.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl fmt::Display for ProjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ProjectError {}

impl Project {
    /// Reads a project file, or the [`FILE_NAME`] of a directory.
    pub fn load(path: &Path) -> Result<Self, ProjectError> {
        let file = if path.is_dir() {
            path.join(FILE_NAME)
        } else {
            path.to_owned()
        };
        let unreadable = |error: io::Error| ProjectError {
            file: file.clone(),
            span: None,
            position: None,
            message: format!("cannot be read: {error}"),
            help: Some(format!("name a {FILE_NAME}, or a directory that has one")),
        };
        let size = fs::metadata(&file).map_err(unreadable)?.len();
        if size > MAX_SIZE {
            return Err(unreadable(io::Error::other(format!(
                "it has {size} bytes, more than {MAX_SIZE}"
            ))));
        }
        let text = fs::read_to_string(&file).map_err(unreadable)?;
        Self::parse(&text, &file)
    }

    /// Reads the text of a project file; `file` is where it is, for relative paths and errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ProjectError> {
        let source = Source { text, file };
        let raw: RawProject = toml::from_str(text).map_err(|error| {
            let help = error.message().contains("unknown field").then(|| {
                "remove it, or correct its spelling; every setting is described in the \
                 documentation of stepmill.toml"
                    .to_owned()
            });
            source.error(error.span(), error.message().to_owned(), help)
        })?;
        let root = file.parent().unwrap_or(Path::new(""));
        let functions = raw
            .lambda
            .functions
            .into_iter()
            .map(|(name, function)| source.function(root, &name, function, &raw.lambda.defaults))
            .collect::<Result<_, _>>()?;
        let settings = Settings {
            server: raw.server,
            store: raw.store,
            auth: raw.auth,
            aws: raw.aws,
            http: raw.http,
            logs: raw.logs,
            events: raw.events,
            traces: raw.traces,
            metrics: raw.metrics,
            limits: raw.limits,
            recovery: raw.recovery,
            retention: raw.retention,
            mock: raw.mock,
        };
        let about = raw.name.as_ref().map(Spanned::span);
        let about = about.or(raw.input.as_ref().map(Spanned::span));
        let about = about.or(raw.machine_type.as_ref().map(Spanned::span));
        let definition =
            source.definition(root, raw.definition, raw.app, raw.machine, raw.resources)?;
        let machine = if let Some(definition) = definition {
            Some(Machine {
                name: match raw.name {
                    Some(name) => source.machine_name(name)?,
                    None => source.directory_name(root)?,
                },
                definition,
                machine_type: raw
                    .machine_type
                    .map(Spanned::into_inner)
                    .unwrap_or_default(),
            })
        } else if about.is_some() {
            let message = "this is about a state machine, but there is no `definition`";
            let help = "set definition = \"FILE\", or app = \"COMMAND\"".to_owned();
            return Err(source.error(about, message.to_owned(), Some(help)));
        } else {
            None
        };
        Ok(Self {
            file: file.to_owned(),
            machine,
            input: raw.input.map(|input| root.join(input.into_inner())),
            functions,
            settings: settings.below(root),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProject {
    definition: Option<PathBuf>,
    app: Option<Spanned<String>>,
    machine: Option<Spanned<String>>,
    resources: Option<Spanned<Resources>>,
    name: Option<Spanned<String>>,
    input: Option<Spanned<PathBuf>>,
    #[serde(rename = "type")]
    machine_type: Option<Spanned<MachineType>>,
    #[serde(default)]
    lambda: RawLambda,
    #[serde(default)]
    server: ServerSettings,
    #[serde(default)]
    store: StoreSettings,
    #[serde(default)]
    auth: AuthSettings,
    #[serde(default)]
    aws: AwsSettings,
    #[serde(default)]
    http: HttpSettings,
    #[serde(default)]
    logs: LogSettings,
    #[serde(default)]
    events: EventSettings,
    #[serde(default)]
    traces: TraceSettings,
    #[serde(default)]
    metrics: MetricSettings,
    #[serde(default)]
    limits: LimitSettings,
    #[serde(default)]
    recovery: RecoverySettings,
    #[serde(default)]
    retention: RetentionSettings,
    #[serde(default)]
    mock: MockSettings,
}

// serde cannot both flatten and deny unknown fields, so the defaults are gathered by hand.
#[derive(Default, Deserialize)]
#[serde(from = "RawLambdaFields")]
struct RawLambda {
    defaults: Defaults,
    functions: BTreeMap<Spanned<String>, RawFunction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLambdaFields {
    runtime: Option<Spanned<String>>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    timeout: Option<Spanned<u64>>,
    memory: Option<Spanned<u32>>,
    concurrency: Option<Spanned<usize>>,
    #[serde(default)]
    functions: BTreeMap<Spanned<String>, RawFunction>,
}

#[derive(Default)]
struct Defaults {
    runtime: Option<Spanned<String>>,
    environment: BTreeMap<String, String>,
    timeout: Option<Spanned<u64>>,
    memory: Option<Spanned<u32>>,
    concurrency: Option<Spanned<usize>>,
}

impl From<RawLambdaFields> for RawLambda {
    fn from(raw: RawLambdaFields) -> Self {
        let RawLambdaFields {
            runtime,
            environment,
            timeout,
            memory,
            concurrency,
            functions,
        } = raw;
        let defaults = Defaults {
            runtime,
            environment,
            timeout,
            memory,
            concurrency,
        };
        Self {
            defaults,
            functions,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    runtime: Option<Spanned<String>>,
    handler: Option<Spanned<String>>,
    code: Option<PathBuf>,
    environment: Option<Spanned<BTreeMap<String, String>>>,
    timeout: Option<Spanned<u64>>,
    memory: Option<Spanned<u32>>,
    concurrency: Option<Spanned<usize>>,
}

/// The text that errors point into.
struct Source<'a> {
    text: &'a str,
    file: &'a Path,
}

impl Source<'_> {
    fn error(
        &self,
        span: Option<Range<usize>>,
        message: String,
        help: Option<String>,
    ) -> ProjectError {
        let position = span.as_ref().and_then(|span| self.position(span.start));
        ProjectError {
            file: self.file.to_owned(),
            span,
            position,
            message,
            help,
        }
    }

    fn position(&self, offset: usize) -> Option<(usize, usize)> {
        let before = self.text.get(..offset)?;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        Some((line, before[start..].chars().count() + 1))
    }

    fn machine_name(&self, name: Spanned<String>) -> Result<String, ProjectError> {
        let span = name.span();
        let name = name.into_inner();
        if is_machine_name(&name) {
            return Ok(name);
        }
        let message = format!("'{name}' cannot name a state machine");
        Err(self.error(Some(span), message, Some(NAME_HELP.to_owned())))
    }

    fn definition(
        &self,
        root: &Path,
        file: Option<PathBuf>,
        app: Option<Spanned<String>>,
        machine: Option<Spanned<String>>,
        resources: Option<Spanned<Resources>>,
    ) -> Result<Option<Definition>, ProjectError> {
        let wrong = |span, message: &str, help: &str| {
            Err(self.error(Some(span), message.to_owned(), Some(help.to_owned())))
        };
        if let (None, Some(resources)) = (&app, &resources) {
            return wrong(
                resources.span(),
                "this is about resources of an `app`, but there is none",
                "set app = \"COMMAND\", or remove it",
            );
        }
        match (file, app, machine) {
            (Some(_), Some(app), _) => wrong(
                app.span(),
                "there is a `definition` already",
                "keep either `definition` or `app`",
            ),
            (_, None, Some(machine)) => wrong(
                machine.span(),
                "this chooses a state machine of an `app`, but there is none",
                "set app = \"COMMAND\", or remove it",
            ),
            (_, Some(app), _) if app.get_ref().trim().is_empty() => {
                wrong(app.span(), "the command is empty", "set app = \"COMMAND\"")
            }
            (Some(file), None, None) => Ok(Some(Definition::File(root.join(file)))),
            (None, Some(app), machine) => Ok(Some(Definition::App(App {
                app: app.into_inner(),
                directory: root.to_owned(),
                machine: machine.map(Spanned::into_inner),
                resources: resources.map(Spanned::into_inner).unwrap_or_default(),
            }))),
            (None, None, None) => Ok(None),
        }
    }

    fn directory_name(&self, root: &Path) -> Result<String, ProjectError> {
        let absolute = std::path::absolute(root.join(".")).ok();
        let name = absolute
            .as_deref()
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        match name {
            Some(name) if is_machine_name(name) => Ok(name.to_owned()),
            _ => Err(self.error(
                None,
                "the directory's name cannot name a state machine".to_owned(),
                Some("set `name` in the project file".to_owned()),
            )),
        }
    }

    fn function(
        &self,
        root: &Path,
        name: &Spanned<String>,
        raw: RawFunction,
        defaults: &Defaults,
    ) -> Result<Function, ProjectError> {
        let declared = name.span();
        let at = |span: Option<Range<usize>>| span.unwrap_or_else(|| declared.clone());
        let Some(runtime) = raw.runtime.as_ref().or(defaults.runtime.as_ref()) else {
            let message = format!("function '{}' has no runtime", name.get_ref());
            let help = "set runtime = \"python3.12\", \"nodejs22.x\" or \"provided.al2023\"";
            return Err(self.error(Some(declared), message, Some(help.to_owned())));
        };
        let spot = runtime.span();
        let runtime: Runtime = runtime
            .get_ref()
            .parse()
            .map_err(|error| self.error(Some(spot), format!("{error}"), None))?;
        let evaluates = runtime == Runtime::EvaluateExpression;
        if raw.code.is_none() && !evaluates {
            let message = format!("function '{}' has no code", name.get_ref());
            let help = "set code = \"DIRECTORY\", relative to the project file";
            return Err(self.error(Some(declared), message, Some(help.to_owned())));
        }
        let handler_span = raw.handler.as_ref().map(Spanned::span);
        let handler = match raw.handler {
            Some(handler) => handler.into_inner(),
            None if runtime.is_custom() => Function::DEFAULT_EXECUTABLE.to_owned(),
            None if evaluates => Function::EXPRESSION_HANDLER.to_owned(),
            None => {
                let message = format!("function '{}' has no handler", name.get_ref());
                let help = "set handler = \"MODULE.FUNCTION\", for example \"app.handler\"";
                return Err(self.error(Some(declared), message, Some(help.to_owned())));
            }
        };
        let timeout = raw.timeout.as_ref().or(defaults.timeout.as_ref());
        let memory = raw.memory.as_ref().or(defaults.memory.as_ref());
        let concurrency = raw.concurrency.as_ref().or(defaults.concurrency.as_ref());
        let environment_span = raw.environment.as_ref().map(Spanned::span);
        let mut environment = match evaluates {
            // What functions have in common is for those that can read it.
            true => BTreeMap::new(),
            false => defaults.environment.clone(),
        };
        environment.extend(raw.environment.map(Spanned::into_inner).unwrap_or_default());
        let function = Function {
            environment,
            timeout: timeout.map_or(Function::DEFAULT_TIMEOUT, |seconds| {
                Duration::from_secs(*seconds.get_ref())
            }),
            memory: memory.map_or(Function::DEFAULT_MEMORY, |memory| *memory.get_ref()),
            concurrency: concurrency.map_or_else(default_concurrency, |most| *most.get_ref()),
            code: raw.code.map(|code| root.join(code)),
            ..Function::new(name.get_ref().as_str(), runtime, handler, root)
        };
        match function.validate() {
            Ok(()) => Ok(function),
            Err(error) => {
                let field = match &error {
                    HostError::InvalidFunction { field, .. } => *field,
                    _ => "",
                };
                let span = match field {
                    "handler" => at(handler_span),
                    "timeout" => at(timeout.map(Spanned::span)),
                    "memory" => at(memory.map(Spanned::span)),
                    "concurrency" => at(concurrency.map(Spanned::span)),
                    "environment" => at(environment_span),
                    _ => declared,
                };
                Err(self.error(Some(span), error.to_string(), error.help()))
            }
        }
    }
}

const NAME_HELP: &str = "a name has 1 to 80 characters, without blanks and without < > { } [ ] ? * \" # % \\ ^ | ~ ` $ & , ; : /";

/// Step Functions API reference, CreateStateMachine, `name`.
fn is_machine_name(name: &str) -> bool {
    let forbidden =
        |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    (1..=80).contains(&name.chars().count()) && !name.contains(forbidden)
}

#[cfg(test)]
mod tests;
