//! State machines of templates and cloud assemblies, with the functions that can run here.

mod app;
mod functions;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use stepmill::asl::model::StateMachineType;
use stepmill::constructs::core::{App, Stack};
use stepmill::constructs::template::{Machine, Names, Place, ResourceTypes, machines};
use stepmill::constructs::value::Value;
use stepmill::engine::{ACCOUNT, REGION};
use stepmill::integrations::lambda::Function;
use stepmill::integrations::project::{App as ProjectApp, Resources};

use crate::problem::Problem;
use crate::source::read;

use app::synthesize;

/// The file that says what is in a cloud assembly.
const MANIFEST: &str = "manifest.json";

/// A state machine of a template.
#[derive(Debug)]
pub(crate) struct Synthesized {
    /// The template's file.
    pub(crate) path: PathBuf,
    /// The machine's name: the one that it was given, or its logical id.
    pub(crate) name: String,
    pub(crate) machine_type: StateMachineType,
    /// The definition as JSON, with names instead of references.
    pub(crate) definition: String,
    /// The functions whose code is here.
    pub(crate) functions: Vec<Function>,
}

/// A template with its state machines.
struct Template {
    path: PathBuf,
    body: Json,
    /// What references in the machines' definitions are to.
    stack: Stack,
    machines: Vec<Machine>,
}

/// Whether a file or directory is a cloud assembly, or a template.
pub(crate) fn is_synthesized(path: &Path) -> bool {
    if path.is_dir() {
        return path.join(MANIFEST).is_file();
    }
    let is_json = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    is_json
        && !name.ends_with(".asl.json")
        && read(path, "the template").is_ok_and(|text| has_resources(&text))
}

fn has_resources(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_ok_and(|json| json["Resources"].is_object())
}

/// The templates of a cloud assembly, or the one template that a file is.
fn templates(path: &Path) -> Result<Vec<Template>, Problem> {
    if !path.is_dir() {
        return Ok(vec![Template::open(path)?]);
    }
    let manifest = json(&path.join(MANIFEST), "the manifest of a cloud assembly")?;
    let artifacts = manifest["artifacts"].as_object().into_iter().flatten();
    let stacks = artifacts.filter(|(_, artifact)| artifact["type"] == "aws:cloudformation:stack");
    let files = stacks.filter_map(|(_, artifact)| artifact["properties"]["templateFile"].as_str());
    files.map(|file| Template::open(&path.join(file))).collect()
}

impl Template {
    fn open(path: &Path) -> Result<Self, Problem> {
        let body = json(path, "the template")?;
        let stack = Stack::new(&App::new(), "Template");
        let machines = machines(&body, stack.id_in_app())
            .map_err(|error| Problem::new(format!("{}: {error}", path.display())))?;
        Ok(Self {
            path: path.to_owned(),
            body,
            stack,
            machines,
        })
    }
}

/// The state machine of a cloud assembly or template; `choice` is its name or logical id, if there are several.
pub(crate) fn open(path: &Path, choice: Option<&str>) -> Result<Synthesized, Problem> {
    let templates = templates(path)?;
    let (template, machine) = chosen(path, &templates, choice)?;
    template.machine(machine, &template.names(&Resources::new()))
}

/// All state machines of a cloud assembly or template.
pub(crate) fn open_all(path: &Path) -> Result<Vec<Synthesized>, Problem> {
    every(&templates(path)?, &Resources::new())
}

/// The state machine that an app synthesizes.
pub(crate) fn of_app(app: &ProjectApp) -> Result<Synthesized, Problem> {
    let path = synthesize(app)?;
    let templates = told(&path, &app.resources)?;
    let (template, machine) = chosen(&path, &templates, app.machine.as_deref())?;
    template.machine(machine, &template.names(&app.resources))
}

/// All state machines that an app synthesizes, and the place of the one that it chooses or has alone.
pub(crate) fn all_of_app(app: &ProjectApp) -> Result<(Vec<Synthesized>, Option<usize>), Problem> {
    let path = synthesize(app)?;
    let templates = told(&path, &app.resources)?;
    let mut machines = templates.iter().flat_map(|template| &template.machines);
    let count = machines.clone().count();
    let own = if app.machine.is_some() || count == 1 {
        let (_, own) = chosen(&path, &templates, app.machine.as_deref())?;
        machines.position(|machine| std::ptr::eq(machine, own))
    } else {
        None
    };
    Ok((every(&templates, &app.resources)?, own))
}

/// An assembly's templates, each of the resources being in one of them.
fn told(path: &Path, resources: &Resources) -> Result<Vec<Template>, Problem> {
    let templates = templates(path)?;
    let is_there = |id: &String| {
        let in_it = |template: &Template| template.body["Resources"].get(id).is_some();
        templates.iter().any(in_it)
    };
    match resources.keys().find(|id| !is_there(id)) {
        None => Ok(templates),
        Some(id) => {
            let message = format!("[resources]: {} has no resource {id}", path.display());
            Err(Problem::new(message).help("name resources by their logical ids"))
        }
    }
}

fn every(templates: &[Template], resources: &Resources) -> Result<Vec<Synthesized>, Problem> {
    let mut found = Vec::new();
    for template in templates {
        let names = template.names(resources);
        for machine in &template.machines {
            found.push(template.machine(machine, &names)?);
        }
    }
    Ok(found)
}

/// The definition of a state machine with its references, and the types that they are to.
pub(crate) fn definition(
    path: &Path,
    choice: Option<&str>,
) -> Result<(Value, ResourceTypes), Problem> {
    let templates = templates(path)?;
    let (template, machine) = chosen(path, &templates, choice)?;
    Ok((
        machine.definition.clone(),
        ResourceTypes::of(&template.body),
    ))
}

fn chosen<'a>(
    path: &Path,
    templates: &'a [Template],
    choice: Option<&str>,
) -> Result<(&'a Template, &'a Machine), Problem> {
    let mut found = Vec::new();
    let mut all = Vec::new();
    for template in templates {
        let names = template.names(&Resources::new());
        for machine in &template.machines {
            let id = &machine.logical_id;
            let name = names.name(id).unwrap_or(id).to_owned();
            if choice.is_none_or(|choice| choice == name || is_id(choice, id)) {
                found.push((template, machine));
            }
            all.push(name);
        }
    }
    match found.as_slice() {
        [one] => Ok(*one),
        _ => Err(choose(path, choice, &all)),
    }
}

/// Whether a text is a logical id, with or without the hash at its end.
fn is_id(text: &str, logical_id: &str) -> bool {
    let bare = logical_id
        .len()
        .checked_sub(8)
        .map(|end| &logical_id[..end]);
    text == logical_id || bare == Some(text)
}

fn choose(path: &Path, choice: Option<&str>, all: &[String]) -> Problem {
    let shown = path.display();
    let names = all.join(", ");
    match (all.is_empty(), choice) {
        (true, _) => Problem::new(format!("{shown} has no state machine")),
        (false, Some(choice)) => Problem::new(format!("{shown} has no state machine '{choice}'"))
            .help(format!("it has {names}")),
        (false, None) => Problem::new(format!("{shown} has several state machines: {names}"))
            .help("choose one with --machine NAME, or in stepmill.toml with machine = \"NAME\""),
    }
}

impl Template {
    /// The names of its resources where nothing is deployed, but for what is said of them.
    fn names(&self, resources: &Resources) -> Names {
        let place = Place {
            partition: "aws".to_owned(),
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
        };
        let mut names = Names::of(&self.body, place);
        for (id, attributes) in resources {
            for (attribute, value) in attributes {
                // What is not in this template is in another.
                let _ = names.tell(id, attribute, value);
            }
        }
        names
    }

    fn machine(&self, machine: &Machine, names: &Names) -> Result<Synthesized, Problem> {
        let id = &machine.logical_id;
        let shown = self.path.display();
        let definition = names.resolve(&machine.definition).map_err(|error| {
            let help = "give the resource a name, or say in the stepmill.toml of a project what it is, by the names of \
                        attributes and Ref: resources = { LOGICALID = { ATTRIBUTE = \"VALUE\" } }";
            Problem::new(format!("{shown}: {id}: {error}")).help(help)
        })?;
        let kind = ["StateMachineType", "Type"]
            .into_iter()
            .find_map(|name| machine.properties.get(name));
        let express =
            matches!(kind, Some(Value::Text(kind)) if kind.as_literal() == Some("EXPRESS"));
        Ok(Synthesized {
            path: self.path.clone(),
            name: names.name(id).unwrap_or(id).to_owned(),
            machine_type: if express {
                StateMachineType::Express
            } else {
                StateMachineType::Standard
            },
            definition: format!("{definition:#}"),
            functions: functions::of(self, names)?,
        })
    }
}

fn json(path: &Path, what: &str) -> Result<Json, Problem> {
    let text = read(path, what)?;
    serde_json::from_str(&text)
        .map_err(|error| Problem::new(format!("{}: no JSON: {error}", path.display())))
}
