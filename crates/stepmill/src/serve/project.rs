//! What is served besides the API: a project's settings, functions and state machines.

use std::path::{Path, PathBuf};

use stepmill::asl::model::StateMachineType;
use stepmill::engine::{Caller, Code, CreateStateMachine, Error, Machines, UpdateStateMachine};
use stepmill::integrations::lambda::Function;
use stepmill::integrations::project::{FILE_NAME, Settings};

use crate::assembly;
use crate::cli::ServeArgs;
use crate::problem::Problem;
use crate::source::{self, Source};
use crate::validate;

/// What is served besides the API.
#[derive(Default)]
pub(super) struct Served {
    pub(super) settings: Settings,
    pub(super) functions: Vec<Function>,
    pub(super) machines: Vec<Definition>,
    /// The directory that it is in.
    pub(super) root: PathBuf,
}

/// A state machine of the project.
pub(super) struct Definition {
    path: PathBuf,
    name: String,
    machine_type: StateMachineType,
    /// The definition, as JSON.
    text: String,
}

/// A state machine of the project that the store has now.
pub(super) struct Installed {
    pub(super) arn: String,
    pub(super) express: bool,
    /// What had to be done.
    pub(super) change: &'static str,
}

impl Served {
    /// Reads what the arguments name.
    pub(super) fn read(args: &ServeArgs) -> Result<Self, Problem> {
        let here = Path::new(".");
        let project = match (&args.project, &args.config) {
            (Some(path), _) => Some(path.as_path()),
            (None, Some(config)) => Some(config.as_path()),
            (None, None) => here.join(FILE_NAME).is_file().then_some(here),
        };
        let mut served = match project {
            Some(path) => Self::open(path, args.config.as_deref())?,
            None => Self::default(),
        };
        if let Some(config) = &args.config {
            served.settings = source::project(config)?.settings;
        }
        Ok(served)
    }

    /// Nothing but the state machines that a path names, with the functions of their templates.
    fn of_sources(sources: Vec<Source>, path: &Path) -> Result<Self, Problem> {
        let mut served = Self {
            root: path.parent().unwrap_or(path).to_owned(),
            ..Self::default()
        };
        for mut source in sources {
            let functions = std::mem::take(&mut source.functions);
            source::add_functions(&mut served.functions, functions);
            served.machines.push(Definition::read(source)?);
        }
        one_of_each_name(&served.machines)?;
        Ok(served)
    }

    fn open(path: &Path, config: Option<&Path>) -> Result<Self, Problem> {
        if assembly::is_synthesized(path) {
            return Self::of_sources(Source::open_all(path)?, path);
        }
        let is_settings =
            path.file_name().is_some_and(|name| name == FILE_NAME) || config == Some(path);
        let (directory, file) = if is_settings {
            (
                path.parent().unwrap_or(path).to_owned(),
                Some(path.to_owned()),
            )
        } else if path.is_dir() {
            let file = path.join(FILE_NAME);
            (path.to_owned(), file.is_file().then_some(file))
        } else {
            return Self::of_sources(vec![Source::open(path)?], path);
        };
        let project = file.as_deref().map(source::project).transpose()?;
        let mut machines = Vec::new();
        let mut named = None;
        let mut functions = project.as_ref().map(|project| project.functions.clone());
        if let Some(project) = project.as_ref().filter(|project| project.machine.is_some()) {
            for mut source in Source::all_of_project(project.clone())? {
                named = Some(source.path.clone());
                let of_source = std::mem::take(&mut source.functions);
                source::add_functions(functions.get_or_insert_default(), of_source);
                machines.push(Definition::read(source)?);
            }
        }
        for path in definitions(&directory)? {
            if Some(&path) != named.as_ref() {
                machines.push(Definition::read(Source::open(&path)?)?);
            }
        }
        one_of_each_name(&machines)?;
        Ok(Self {
            settings: project.map(|project| project.settings).unwrap_or_default(),
            functions: functions.unwrap_or_default(),
            machines,
            root: directory,
        })
    }
}

/// Refuses state machines of one name.
fn one_of_each_name(machines: &[Definition]) -> Result<(), Problem> {
    let clash = machines.iter().enumerate().find_map(|(index, one)| {
        let others = &machines[..index];
        Some((one, others.iter().find(|other| other.name == one.name)?))
    });
    let Some((one, other)) = clash else {
        return Ok(());
    };
    let (one_path, other_path) = (one.path.display(), other.path.display());
    let message = format!("{one_path} and {other_path} are both named {}", one.name);
    Err(Problem::new(message).help("name one of them differently"))
}

/// The definitions in a directory, by name.
fn definitions(directory: &Path) -> Result<Vec<PathBuf>, Problem> {
    let shown = if directory.as_os_str().is_empty() {
        Path::new(".")
    } else {
        directory
    };
    let unreadable = |error| Problem::new(format!("{}: cannot be read: {error}", shown.display()));
    let mut found = Vec::new();
    for entry in shown.read_dir().map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let is_definition = name.to_str().is_some_and(|name| {
            [".asl.json", ".asl.yaml", ".asl.yml"]
                .iter()
                .any(|ending| name.ends_with(ending))
        });
        if is_definition {
            found.push(directory.join(name));
        }
    }
    found.sort();
    Ok(found)
}

impl Definition {
    fn read(source: Source) -> Result<Self, Problem> {
        let machine_type = source.machine_type(false);
        let parsed = source.parse(machine_type);
        validate::show(&source, &parsed.diagnostics);
        let Some(machine) = parsed.machine else {
            return Err(validate::refusal(&source, &parsed.diagnostics));
        };
        Ok(Self {
            // The API takes JSON.
            text: source.json(&machine),
            path: source.path,
            name: source.name,
            machine_type,
        })
    }

    /// Has the state machine in the registry as the file has it.
    pub(super) async fn install(
        self,
        machines: &Machines,
        caller: &Caller,
    ) -> Result<Installed, Problem> {
        let Caller { account, region } = caller;
        let arn = format!(
            "arn:aws:states:{region}:{account}:stateMachine:{}",
            self.name
        );
        let express = self.machine_type == StateMachineType::Express;
        let refused = |error: Error| {
            let path = self.path.display();
            Problem::new(format!("{path}: cannot become a state machine: {error}"))
        };
        let installed = |change| Installed {
            arn: arn.clone(),
            express,
            change,
        };
        match machines.describe_state_machine(&arn) {
            Ok(present) if present.deleting || present.revision.express != express => {
                let (kind, help) = match present.deleting {
                    true => (
                        "being deleted",
                        "start again when its executions have ended",
                    ),
                    false => (
                        "of another type",
                        "delete it, or choose another name or type",
                    ),
                };
                let message = format!("{arn}: the state machine in the store is {kind}");
                Err(Problem::new(message).help(help))
            }
            Ok(present) if *present.revision.text == *self.text => Ok(installed("as it was")),
            Ok(_) => {
                let update = UpdateStateMachine {
                    arn: arn.clone(),
                    definition: Some(self.text.clone()),
                    ..UpdateStateMachine::default()
                };
                machines
                    .update_state_machine(update)
                    .await
                    .map_err(refused)?;
                Ok(installed("updated"))
            }
            Err(error) if error.code == Code::StateMachineDoesNotExist => {
                let create = CreateStateMachine {
                    name: self.name.clone(),
                    definition: self.text.clone(),
                    role_arn: format!("arn:aws:iam::{account}:role/stepmill"),
                    machine_type: self.machine_type,
                    ..CreateStateMachine::default()
                };
                machines
                    .create_state_machine(caller, create)
                    .await
                    .map_err(refused)?;
                Ok(installed("created"))
            }
            Err(error) => Err(refused(error)),
        }
    }
}
