//! The cases of a data set: what to send, and what AWS answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::tokens::TokenValue;

/// A case file is read up to this size, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// Folders are followed this deep.
const MAX_FOLDERS: usize = 16;

/// What a case that runs a distributed Map needs of a target, besides the recorded `requires`.
pub const DISTRIBUTED_MAP: &str = "distributed-map";

/// The Step Functions API's own name among the services of a script's steps.
const STEP_FUNCTIONS: &str = "stepfunctions";

/// Why the data set cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A file is larger than any case.
    #[error("{path} is larger than {MAX_FILE} bytes", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no case.
    #[error("{path} is not a case: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The directory has no `cases` folder, or nothing in it was asked for.
    #[error("no case found under {path}", path = path.display())]
    Empty {
        /// The data set's directory.
        path: PathBuf,
    },
}

/// One recorded case.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Recorded")]
pub struct Case {
    /// The recording suite's test.
    pub id: String,
    /// What it is about: `assign`, `api/aliases`.
    pub area: String,
    /// The case's file; empty for a case that was not loaded from one.
    pub file: PathBuf,
    /// What the engine must reach.
    pub requires: BTreeSet<String>,
    /// Functions to create first.
    pub functions: Vec<FunctionSpec>,
    /// The engine's mock configuration for this case.
    pub mock_config: Option<Value>,
    /// Paths that only the strict verdict compares.
    pub unchecked_paths: Vec<String>,
    /// Whether the events of parallel branches have no order.
    pub unordered_branches: bool,
    /// The tokens of its expectations, with placeholders.
    pub tokens: BTreeMap<String, TokenValue>,
    /// Texts that stand for any value.
    pub wildcards: Vec<String>,
    /// Why the recording suite leaves it out for its own engine.
    pub beyond_localstack: Option<String>,
    /// `STANDARD` or `EXPRESS`: the type of the state machines that the runner creates.
    pub machine_type: String,
    /// What to do.
    pub kind: Kind,
}

/// What a case does.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One state machine, executed with several inputs.
    Execution {
        /// The state machine.
        definition: Value,
        /// Its executions.
        runs: Vec<Run>,
    },
    /// Inputs and the outputs that they must give.
    ChoiceTable(Vec<Row>),
    /// API calls in order.
    Script(Vec<Step>),
}

/// One execution and what AWS answered about it.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// The input; none sends none.
    pub input: Option<Value>,
    /// `GetExecutionHistory`'s events, or the whole response as an object.
    pub history: Option<Value>,
    /// `DescribeExecution`'s response.
    pub description: Option<Value>,
}

/// One line of a truth table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The state machine.
    pub definition: Value,
    /// Its input.
    pub input: Value,
    /// The output that must come.
    pub output: Value,
}

/// One step of a script.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// Waiting for an execution.
    Await {
        /// For what to wait.
        #[serde(rename = "await")]
        until: Until,
        /// The execution's ARN, with placeholders.
        execution: String,
    },
    /// An API call.
    Call(Box<Call>),
}

/// What an execution is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Until {
    /// Any end.
    Terminal,
    /// A success; another end fails the case.
    Succeeded,
    /// Its first event.
    Started,
}

/// One API call of a script.
#[derive(Clone, Debug, Deserialize)]
pub struct Call {
    /// The name that later steps call its response by.
    pub id: String,
    /// The service; none for Step Functions.
    #[serde(default)]
    service: Option<String>,
    /// The operation.
    #[serde(rename = "call")]
    pub operation: String,
    /// Its parameters, with placeholders.
    pub params: Value,
    /// Whether it must answer an error.
    #[serde(default)]
    pub fails: bool,
    /// What to compare.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// Whether to repeat the call until its expectations hold.
    #[serde(default)]
    pub poll: bool,
    /// Lists of the response and how many elements they must hold.
    #[serde(default)]
    pub at_least: BTreeMap<String, usize>,
}

impl Call {
    /// The service where it is not Step Functions.
    pub fn other_service(&self) -> Option<&str> {
        self.service
            .as_deref()
            .filter(|service| *service != STEP_FUNCTIONS)
    }
}

/// One comparison with a response.
#[derive(Clone, Debug, Deserialize)]
pub struct Expectation {
    /// The comparison's name, which begins its paths; dots separate their places.
    pub key: String,
    /// The part of the response to compare; empty for all of it.
    #[serde(default)]
    pub path: String,
    /// What it must be.
    #[serde(default)]
    pub value: Value,
    /// The error as an AWS SDK prints it, instead of a value.
    pub error_text: Option<String>,
}

impl Expectation {
    /// Where the comparison's paths begin.
    pub fn place(&self) -> String {
        if self.key.is_empty() {
            String::new()
        } else {
            format!("/{}", self.key.replace('.', "/"))
        }
    }
}

/// A Lambda function that a case needs.
#[derive(Clone, Debug, Deserialize)]
pub struct FunctionSpec {
    /// Its name, with placeholders.
    pub name: String,
    /// The file in `functions/` that holds its handler.
    pub function: String,
    /// `MODULE.FUNCTION`.
    pub handler: Option<String>,
    /// Its own timeout, in seconds.
    pub timeout: Option<u64>,
    /// Its environment variables, with placeholders.
    pub env: Option<BTreeMap<String, String>>,
}

impl Case {
    /// Everything that a target must support to run the case: the recorded `requires`, the other
    /// services that its steps call, and `distributed-map` where a definition runs one.
    pub fn needs(&self) -> BTreeSet<String> {
        let mut needs = self.requires.clone();
        needs.extend(
            self.calls()
                .filter_map(|call| call.other_service().map(str::to_owned)),
        );
        if self.has_distributed_map() {
            needs.insert(DISTRIBUTED_MAP.to_owned());
        }
        needs
    }

    /// The Step Functions operations that it calls.
    pub fn operations(&self) -> BTreeSet<&str> {
        match &self.kind {
            Kind::Execution { .. } => [
                "CreateStateMachine",
                "StartExecution",
                "DescribeExecution",
                "GetExecutionHistory",
            ]
            .into(),
            Kind::ChoiceTable(_) => {
                ["CreateStateMachine", "StartExecution", "DescribeExecution"].into()
            }
            Kind::Script(_) => self
                .calls()
                .filter(|call| call.other_service().is_none())
                .map(|call| call.operation.as_str())
                .collect(),
        }
    }

    /// Whether it needs no service but Lambda, and no distributed Map.
    pub fn in_scope(&self) -> bool {
        self.needs()
            .iter()
            .all(|need| need == "lambda" || need == "mock-config")
    }

    /// Whether it lists what the whole account holds, which then must hold nothing else.
    pub fn wants_account_alone(&self) -> bool {
        self.calls().any(|call| {
            matches!(
                call.operation.as_str(),
                "ListActivities" | "ListStateMachines"
            )
        })
    }

    fn calls(&self) -> impl Iterator<Item = &Call> {
        let steps: &[Step] = match &self.kind {
            Kind::Script(steps) => steps,
            _ => &[],
        };
        steps.iter().filter_map(|step| match step {
            Step::Call(call) => Some(&**call),
            Step::Await { .. } => None,
        })
    }

    fn has_distributed_map(&self) -> bool {
        match &self.kind {
            Kind::Execution { definition, .. } => is_distributed(definition),
            Kind::ChoiceTable(rows) => rows.iter().any(|row| is_distributed(&row.definition)),
            Kind::Script(_) => self
                .calls()
                // TestState runs no state within the one that it tests.
                .filter(|call| call.operation != "TestState")
                .any(|call| call.params.get("definition").is_some_and(is_distributed)),
        }
    }
}

/// Whether a definition, as an object or as its text, has a Map in distributed mode.
fn is_distributed(definition: &Value) -> bool {
    match definition {
        Value::String(text) => {
            serde_json::from_str(text).is_ok_and(|inner: Value| has_distributed_mode(&inner))
        }
        other => has_distributed_mode(other),
    }
}

/// Depth is that which the JSON parser lets through.
fn has_distributed_mode(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_distributed_mode),
        Value::Object(members) => {
            members
                .get("Mode")
                .is_some_and(|mode| mode == "DISTRIBUTED")
                || members.values().any(has_distributed_mode)
        }
        _ => false,
    }
}

/// A case as its file has it.
#[derive(Deserialize)]
struct Recorded {
    id: String,
    area: String,
    kind: RecordedKind,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    #[serde(default)]
    requires: BTreeSet<String>,
    #[serde(default)]
    lambda_functions: Vec<FunctionSpec>,
    mock_config: Option<Value>,
    #[serde(default)]
    unchecked_paths: Vec<String>,
    event_order: Option<EventOrder>,
    #[serde(default)]
    tokens: BTreeMap<String, TokenValue>,
    #[serde(default)]
    wildcards: Vec<String>,
    beyond_localstack: Option<String>,
    definition: Option<Value>,
    #[serde(default)]
    runs: Vec<Run>,
    #[serde(default)]
    rows: Vec<RecordedRow>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RecordedKind {
    Execution,
    ChoiceTable,
    Script,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EventOrder {
    ParallelBranchesUnordered,
}

#[derive(Deserialize)]
struct RecordedRow {
    definition: Option<Value>,
    input: Value,
    output: Value,
}

impl TryFrom<Recorded> for Case {
    type Error = String;

    fn try_from(recorded: Recorded) -> Result<Self, String> {
        let missing = || format!("{}: no definition", recorded.id);
        let kind = match recorded.kind {
            RecordedKind::Execution => Kind::Execution {
                definition: recorded.definition.clone().ok_or_else(missing)?,
                runs: recorded.runs,
            },
            RecordedKind::ChoiceTable => {
                let rows = recorded.rows.into_iter().map(|row| {
                    let definition = row.definition.or_else(|| recorded.definition.clone());
                    let definition = definition.ok_or_else(missing)?;
                    Ok(Row {
                        definition,
                        input: row.input,
                        output: row.output,
                    })
                });
                Kind::ChoiceTable(rows.collect::<Result<_, String>>()?)
            }
            RecordedKind::Script => Kind::Script(recorded.steps),
        };
        Ok(Self {
            id: recorded.id,
            area: recorded.area,
            file: PathBuf::new(),
            requires: recorded.requires,
            functions: recorded.lambda_functions,
            mock_config: recorded.mock_config,
            unchecked_paths: recorded.unchecked_paths,
            unordered_branches: recorded.event_order.is_some(),
            tokens: recorded.tokens,
            wildcards: recorded.wildcards,
            beyond_localstack: recorded.beyond_localstack,
            machine_type: recorded
                .machine_type
                .unwrap_or_else(|| "STANDARD".to_owned()),
            kind,
        })
    }
}

/// Reads the cases of the data set in `root` (its `cases` folder), in the order of their files.
///
/// With `filters`, only those whose file (`assign/base.json`) or id holds one of them.
pub fn load(root: &Path, filters: &[String]) -> Result<Vec<Case>, LoadError> {
    let folder = root.join("cases");
    let mut files = Vec::new();
    collect(&folder, MAX_FOLDERS, &mut files)?;
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let name = path.strip_prefix(&folder).unwrap_or(&path).to_path_buf();
        let mut case = read(&path)?;
        let shown = name.to_string_lossy();
        if filters.is_empty()
            || filters
                .iter()
                .any(|filter| shown.contains(filter.as_str()) || case.id.contains(filter.as_str()))
        {
            case.file.clone_from(&name);
            cases.push(case);
        }
    }
    if cases.is_empty() {
        return Err(LoadError::Empty {
            path: root.to_path_buf(),
        });
    }
    Ok(cases)
}

fn read(path: &Path) -> Result<Case, LoadError> {
    let failed = |source| LoadError::Read {
        path: path.to_path_buf(),
        source,
    };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_FILE {
        return Err(LoadError::TooLarge {
            path: path.to_path_buf(),
        });
    }
    let text = std::fs::read(path).map_err(failed)?;
    serde_json::from_slice(&text).map_err(|source| LoadError::Parse {
        path: path.to_path_buf(),
        source,
    })
}

fn collect(folder: &Path, deeper: usize, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |source| LoadError::Read {
        path: folder.to_path_buf(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            if deeper > 0 {
                collect(&path, deeper - 1, files)?;
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    Ok(())
}
