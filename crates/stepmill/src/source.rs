//! Finding and reading what a PATH names.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use stepmill::asl::model::{StateMachine, StateMachineType};
use stepmill::asl::{Code, Diagnostic, Format, Options, Parsed, Severity, parse};
use stepmill::integrations::lambda::Function;
use stepmill::integrations::project::{
    Definition, FILE_NAME, Machine, MachineType, Project, ProjectError,
};

use crate::assembly::{self, Synthesized};
use crate::problem::Problem;
use crate::terminal::harmless;

/// A larger file is not read. Definitions have at most 1 MiB; the parser says so better.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// A definition with where it came from.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file of the definition.
    pub(crate) path: PathBuf,
    /// The project it belongs to.
    pub(crate) project: Option<Project>,
    /// What its state machine is called.
    pub(crate) name: String,
    /// The functions that can run here: the project's, and the template's unless the project has one of that name.
    pub(crate) functions: Vec<Function>,
    machine_type: StateMachineType,
    text: String,
    format: Format,
}

impl Source {
    /// Reads the definition at `path`, or the one of the project, the template or the cloud assembly there.
    pub(crate) fn open(path: &Path) -> Result<Self, Problem> {
        Self::choose(path, None)
    }

    /// Reads a definition; `machine` chooses one of several of a template or cloud assembly.
    pub(crate) fn choose(path: &Path, machine: Option<&str>) -> Result<Self, Problem> {
        if assembly::is_synthesized(path) {
            return Ok(Self::of_template(assembly::open(path, machine)?));
        }
        if path.is_dir() || path.file_name().is_some_and(|name| name == FILE_NAME) {
            return Self::open_project(path);
        }
        let format = format_of(path)?;
        let text = read(path, "the definition")?;
        Ok(Self {
            path: path.to_owned(),
            project: None,
            name: name_of(path),
            functions: Vec::new(),
            machine_type: StateMachineType::Standard,
            text,
            format,
        })
    }

    fn of_template(synthesized: Synthesized) -> Self {
        Self {
            path: synthesized.path,
            project: None,
            name: synthesized.name,
            functions: synthesized.functions,
            machine_type: synthesized.machine_type,
            text: synthesized.definition,
            format: Format::Json,
        }
    }

    fn open_project(path: &Path) -> Result<Self, Problem> {
        if path.is_dir() && !path.join(FILE_NAME).is_file() {
            let message = format!("{} has no {FILE_NAME}", path.display());
            return Err(Problem::new(message).help(
                "name a definition (.asl.json or .asl.yaml), or a directory with a stepmill.toml \
                 that says `definition = \"FILE\"`",
            ));
        }
        Self::of_project(project(path)?)
    }

    /// Reads the definition of a project.
    pub(crate) fn of_project(project: Project) -> Result<Self, Problem> {
        let Some(machine) = &project.machine else {
            let message = format!("{} names no state machine", project.file.display());
            return Err(Problem::new(message).help("set definition = \"FILE\""));
        };
        let Machine {
            name,
            definition,
            machine_type,
        } = machine.clone();
        let mut functions = project.functions.clone();
        match definition {
            Definition::File(file) => {
                let format = format_of(&file)?;
                let what = format!("`definition` of {}", project.file.display());
                let text = read(&file, &what)?;
                let machine_type = match machine_type {
                    MachineType::Express => StateMachineType::Express,
                    MachineType::Standard => StateMachineType::Standard,
                };
                Ok(Self {
                    path: file,
                    project: Some(project),
                    name,
                    functions,
                    machine_type,
                    text,
                    format,
                })
            }
            Definition::App(app) => {
                let source = Self::of_template(assembly::of_app(&app)?);
                add_functions(&mut functions, source.functions);
                Ok(Self {
                    project: Some(project),
                    name,
                    functions,
                    ..source
                })
            }
        }
    }

    /// Reads all definitions of a project or of what it is synthesized by, for a server: the project's own machine has the
    /// project's name, others have theirs.
    pub(crate) fn all_of_project(project: Project) -> Result<Vec<Self>, Problem> {
        let machine = project.machine.as_ref();
        let Some((machine, Definition::App(app))) = machine.map(|of| (of, &of.definition)) else {
            return Ok(vec![Self::of_project(project)?]);
        };
        let (machines, own) = assembly::all_of_app(app)?;
        let mut sources: Vec<_> = machines.into_iter().map(Self::of_template).collect();
        if let Some(own) = own.and_then(|own| sources.get_mut(own)) {
            own.name.clone_from(&machine.name);
        }
        for source in &mut sources {
            let mut functions = project.functions.clone();
            add_functions(&mut functions, std::mem::take(&mut source.functions));
            source.functions = functions;
        }
        Ok(sources)
    }

    /// Reads all state machines of a template or cloud assembly, or the one definition.
    pub(crate) fn open_all(path: &Path) -> Result<Vec<Self>, Problem> {
        if assembly::is_synthesized(path) {
            let machines = assembly::open_all(path)?;
            return Ok(machines.into_iter().map(Self::of_template).collect());
        }
        Ok(vec![Self::open(path)?])
    }

    /// The type of its state machine.
    pub(crate) fn machine_type(&self, express: bool) -> StateMachineType {
        if express {
            StateMachineType::Express
        } else {
            self.machine_type
        }
    }

    /// Reads the definition's text.
    pub(crate) fn parse(&self, machine_type: StateMachineType) -> Parsed {
        let options = Options {
            format: self.format,
            machine_type,
            services: &stepmill_catalog::recognizes,
            ..Options::default()
        };
        parse(&self.text, &options)
    }

    /// The definition as JSON: as it was written, if it was written so.
    pub(crate) fn json(&self, machine: &StateMachine) -> String {
        match self.format {
            Format::Json => self.text.clone(),
            Format::Yaml => format!("{:#}", machine.to_json()),
        }
    }

    /// A finding about the definition, with the lines it is about.
    pub(crate) fn problem(&self, diagnostic: &Diagnostic) -> Problem {
        let mut message = diagnostic.message.as_str();
        // AWS's text repeats the place, which the excerpt shows.
        if diagnostic.code == Code::InvalidJsonDescription {
            message = message.lines().next().unwrap_or(message);
        }
        let mut code = diagnostic.code.as_str().to_owned();
        if let Some(location) = &diagnostic.location
            && diagnostic.code != Code::InvalidJsonDescription
        {
            code = format!("{code} at {}", harmless(location));
        }
        let mut problem = Problem::new(message).code(code);
        if let Some(help) = &diagnostic.help {
            problem = problem.help(help);
        }
        if diagnostic.severity == Severity::Warning {
            problem = problem.warning();
        }
        let name = self.path.display().to_string();
        match diagnostic.span {
            Some(span) => problem.at(&name, &self.text, span.offset..span.offset + span.length),
            None => problem,
        }
    }
}

/// Adds functions, unless one of their name is there.
pub(crate) fn add_functions(to: &mut Vec<Function>, functions: Vec<Function>) {
    for function in functions {
        if !to.iter().any(|known| known.name == function.name) {
            to.push(function);
        }
    }
}

fn format_of(path: &Path) -> Result<Format, Problem> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("json" | "asl") => Ok(Format::Json),
        Some("yaml" | "yml") => Ok(Format::Yaml),
        _ if !path.exists() => Err(missing(path, "the definition")),
        _ => {
            let message = format!("{}: cannot tell its format from its name", path.display());
            Err(Problem::new(message).help("end the name in .asl.json or .asl.yaml"))
        }
    }
}

/// Reads a text file; `what` says what it is for, should it be missing.
pub(crate) fn read(path: &Path, what: &str) -> Result<String, Problem> {
    let shown = path.display();
    let read = || {
        let mut text = Vec::new();
        File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut text)?;
        io::Result::Ok(text)
    };
    let bytes = read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(path, what),
        _ => Problem::new(format!("{shown}: cannot be read: {error}")),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::new(format!(
            "{shown}: has more than {MAX_BYTES} bytes"
        )));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Problem::new(format!("{shown}: is not UTF-8 text (byte {at})")).help("save it as UTF-8")
    })?;
    // Some editors put a byte order mark before UTF-8, which is no part of the text.
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

fn missing(path: &Path, what: &str) -> Problem {
    let message = format!("{}: there is no such file", path.display());
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    let help = match directory {
        Some(directory) if !directory.is_dir() => {
            format!(
                "this is {what}; the directory {} does not exist either",
                directory.display()
            )
        }
        _ => format!("this is {what}; check its spelling"),
    };
    Problem::new(message).help(help)
}

/// Reads a project file, or that of a directory.
pub(crate) fn project(path: &Path) -> Result<Project, Problem> {
    Project::load(path).map_err(project_problem)
}

fn project_problem(error: ProjectError) -> Problem {
    let mut problem = Problem::new(error.message);
    if let Some(help) = error.help {
        problem = problem.help(help);
    }
    let name = error.file.display().to_string();
    match (error.span, std::fs::read_to_string(&error.file)) {
        (Some(span), Ok(text)) => problem.at(&name, &text, span),
        _ => Problem::new(format!("{name}: {problem}")),
    }
}

/// The file's name without its extensions, in the characters that state machines' names have.
fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".asl").unwrap_or(&name);
    let legal = |character: char| {
        if character.is_ascii_alphanumeric() || "-_".contains(character) {
            character
        } else {
            '-'
        }
    };
    let name: String = name.chars().map(legal).take(80).collect();
    if name.is_empty() {
        "state-machine".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::name_of;

    #[test]
    fn state_machines_are_named_after_their_files() {
        for (path, name) in [
            ("a/order.asl.json", "order"),
            ("order.v2.asl.yaml", "order-v2"),
            ("order.json", "order"),
            ("größe.asl.yml", "gr--e"),
            (".asl.json", "state-machine"),
        ] {
            assert_eq!(name_of(Path::new(path)), name, "{path}");
        }
    }
}
