//! Cloud assemblies: directories with all that a deployment needs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value as Json, json};

use super::context::MissingContext;
use super::definitions::{self, Definition};
use super::environment::Environment;
use super::error::{ConstructError, ConstructErrors, Problem};
use super::pretty::pretty;
use super::stack::{StackInner, Template};
use super::synthesizer::Synthesizer;

/// The version of the assembly's schema: that of CDK 1.200.0, which every later command line reads.
pub(super) const SCHEMA_VERSION: &str = "21.0.0";

const MANIFEST: &str = "manifest.json";

/// A cloud assembly that was written to a directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembly {
    directory: PathBuf,
    templates: Vec<Template>,
    definitions: Vec<Definition>,
}

impl Assembly {
    /// The directory that it is in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The templates of its stacks.
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The file of a stack's template.
    pub fn template_file(&self, template: &Template) -> PathBuf {
        self.directory.join(template_name(&template.stack))
    }

    /// The definitions of its state machines, each a file of its own.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    pub(super) fn write(
        directory: &Path,
        synthesizer: &Synthesizer,
        stacks: &[Rc<StackInner>],
        templates: Vec<Template>,
        missing: &[MissingContext],
    ) -> Result<Self, ConstructErrors> {
        let mut writer = Writer {
            directory,
            artifacts: Map::new(),
            definitions: Vec::new(),
        };
        match writer.write(synthesizer, stacks, &templates, missing) {
            Ok(()) => Ok(Self {
                directory: directory.to_owned(),
                templates,
                definitions: writer.definitions,
            }),
            Err(problem) => Err(ConstructErrors(vec![ConstructError {
                path: "App".to_owned(),
                problem,
            }])),
        }
    }
}

fn template_name(stack: &str) -> String {
    format!("{stack}.template.json")
}

/// An assembly that is being written.
struct Writer<'a> {
    directory: &'a Path,
    artifacts: Map<String, Json>,
    definitions: Vec<Definition>,
}

impl Writer<'_> {
    fn write(
        &mut self,
        synthesizer: &Synthesizer,
        stacks: &[Rc<StackInner>],
        templates: &[Template],
        missing: &[MissingContext],
    ) -> Result<(), Problem> {
        fs::create_dir_all(self.directory)
            .map_err(|error| Problem::file(self.directory, &error))?;
        // Without its manifest the directory is no assembly, until it is whole again.
        let manifest = self.directory.join(MANIFEST);
        match fs::remove_file(&manifest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Problem::file(&manifest, &error));
            }
            _ => {}
        }
        for (stack, template) in stacks.iter().zip(templates) {
            self.assets(stack)?;
            self.stack(synthesizer, stack, stacks, template)?;
            definitions::write(self.directory, template, &mut self.definitions)?;
        }
        let artifacts = std::mem::take(&mut self.artifacts);
        let mut content = object([
            ("version", json!(SCHEMA_VERSION)),
            ("artifacts", Json::Object(artifacts)),
        ]);
        if !missing.is_empty() {
            // The command line looks it up and runs the program again.
            let missing = missing.iter().map(
                |fact| json!({"key": fact.key, "provider": fact.provider, "props": fact.props}),
            );
            content["missing"] = missing.collect();
        }
        json_file(self.directory, MANIFEST, &content).map(drop)
    }

    /// Stages a stack's assets. One whose hash is there already has not changed.
    fn assets(&self, stack: &StackInner) -> Result<(), Problem> {
        for asset in stack.assets.borrow().values() {
            let place = self.directory.join(asset.staged_name());
            if place.exists() {
                continue;
            }
            let partial = self
                .directory
                .join(format!(".{}.partial", asset.staged_name()));
            remove(&partial).map_err(|error| Problem::file(&partial, &error))?;
            asset.content.stage(&partial)?;
            fs::rename(&partial, &place).map_err(|error| Problem::file(&place, &error))?;
        }
        Ok(())
    }

    fn stack(
        &mut self,
        synthesizer: &Synthesizer,
        stack: &StackInner,
        stacks: &[Rc<StackInner>],
        template: &Template,
    ) -> Result<(), Problem> {
        let file = template_name(&stack.name);
        let content = json_file(self.directory, &file, &template.body)?;
        let deployment = synthesizer.deployment(stack, &file, &content);
        let needed = stack.dependencies.borrow();
        let mut dependencies: Vec<String> = needed
            .iter()
            .map(|id| stacks[id.index()].name.clone())
            .collect();
        if let Some(assets) = deployment.assets {
            let id = format!("{}.assets", stack.name);
            let file = format!("{id}.json");
            json_file(self.directory, &file, &assets.content)?;
            let mut properties = Map::from_iter([("file".to_owned(), json!(file))]);
            properties.extend(assets.properties);
            let artifact = object([
                ("type", json!("cdk:asset-manifest")),
                ("properties", Json::Object(properties)),
            ]);
            self.artifacts.insert(id.clone(), artifact);
            dependencies.push(id);
        }
        let mut properties = Map::from_iter([
            ("templateFile".to_owned(), json!(file)),
            ("validateOnSynth".to_owned(), json!(false)),
        ]);
        properties.extend(deployment.properties);
        let mut artifact = Map::from_iter([
            ("type".to_owned(), json!("aws:cloudformation:stack")),
            ("environment".to_owned(), json!(address(&stack.environment))),
            ("properties".to_owned(), Json::Object(properties)),
        ]);
        if !dependencies.is_empty() {
            artifact.insert("dependencies".to_owned(), json!(dependencies));
        }
        let metadata = metadata(stack, deployment.metadata);
        if !metadata.is_empty() {
            artifact.insert("metadata".to_owned(), Json::Object(metadata));
        }
        artifact.insert("displayName".to_owned(), json!(stack.name));
        self.artifacts
            .insert(stack.name.clone(), Json::Object(artifact));
        Ok(())
    }
}

/// Writes a file of JSON; its content.
fn json_file(directory: &Path, name: &str, value: &Json) -> Result<Vec<u8>, Problem> {
    let content =
        pretty(value).map_err(|error| Problem::file(&directory.join(name), &error.into()))?;
    file(directory, name, &content)?;
    Ok(content)
}

/// Writes a file, whole or not at all. One that has this content already is left as it is: most of a
/// program's output is what it was the last time.
pub(super) fn file(directory: &Path, name: &str, content: &[u8]) -> Result<(), Problem> {
    let place = directory.join(name);
    if has(&place, content) {
        return Ok(());
    }
    let partial = directory.join(format!(".{name}.partial"));
    fs::write(&partial, content)
        .and_then(|()| fs::rename(&partial, &place))
        .map_err(|error| Problem::file(&place, &error))
}

/// Whether a file has that content. One that cannot be read has not.
fn has(place: &Path, content: &[u8]) -> bool {
    let length = fs::symlink_metadata(place).map(|found| found.is_file().then_some(found.len()));
    length.is_ok_and(|length| length == u64::try_from(content.len()).ok())
        && fs::read(place).is_ok_and(|found| found == content)
}

/// Takes away what a synthesis that was broken off has left.
fn remove(partial: &Path) -> io::Result<()> {
    match fs::symlink_metadata(partial) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(partial),
        Ok(_) => fs::remove_file(partial),
        Err(_) => Ok(()),
    }
}

/// What is said of a stack and its resources by the constructs' paths: assets, and logical ids, by which the
/// command line tells people which construct an event is about.
fn metadata(stack: &StackInner, of_stack: Vec<Json>) -> Map<String, Json> {
    let mut metadata = Map::new();
    if !of_stack.is_empty() {
        metadata.insert(format!("/{}", stack.name), Json::Array(of_stack));
    }
    for (path, id) in stack.logical_ids() {
        metadata.insert(
            format!("/{path}"),
            json!([{"type": "aws:cdk:logicalId", "data": id}]),
        );
    }
    metadata
}

/// An object of members that are not copied, as `json!` would.
fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let members = members.map(|(name, value)| (name.to_owned(), value));
    Json::Object(Map::from_iter(members))
}

/// Where a stack is deployed to, as the command line reads it.
fn address(environment: &Environment) -> String {
    format!(
        "aws://{}/{}",
        environment.account.as_deref().unwrap_or("unknown-account"),
        environment.region.as_deref().unwrap_or("unknown-region")
    )
}
