//! Definitions: from text to a model, or to everything that is wrong with it.
//!
//! A definition is read into a tree that knows its positions, from JSON or YAML. One
//! walk over the tree then checks it and builds the model; it never stops at the first error, and a
//! model comes out only if there was none.
//!
//! Rules and messages follow AWS where they are known. They come from the Developer Guide, from the
//! Amazon States Language specification and, above both, from what
//! `ValidateStateMachineDefinition` was seen to answer.

mod assign;
mod checker;
mod choice;
mod distributed;
mod errors;
mod fields;
mod graph;
mod jackson;
mod json;
mod machine;
mod map;
mod number;
mod query;
mod simple;
mod source;
mod state;
mod suggest;
mod task;
mod template;
mod types;
mod yaml;

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::{ServiceResource, StateMachine, StateMachineType};

use checker::Checker;
use source::{Node, Place};

/// How definitions are read.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The text's format.
    pub format: Format,
    /// Express machines lack some features.
    pub machine_type: StateMachineType,
    /// Whether a service integration exists, with the pattern that it names.
    pub services: &'a dyn Fn(&ServiceResource) -> bool,
    /// The longest text, in bytes; 1 MiB as `CreateStateMachine` takes it.
    pub max_bytes: usize,
}

impl Options<'_> {
    /// The longest definition that AWS takes, in bytes.
    pub const MAX_BYTES: usize = 1 << 20;
}

/// JSON, a standard machine, every service integration taken for real.
impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            format: Format::Json,
            machine_type: StateMachineType::Standard,
            services: &|_| true,
            max_bytes: Self::MAX_BYTES,
        }
    }
}

/// What is wrong with a text that should be JSON, in the words of AWS's reader without the place;
/// `None` if it is JSON.
pub fn json_fault(text: &str) -> Option<String> {
    match json::read(text) {
        Ok(_) => None,
        Err(json::Fault::Syntax { message, .. }) => Some(message),
        Err(json::Fault::TooDeep(_)) => Some("It is nested too deeply".to_owned()),
    }
}

/// The format of a definition's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON (RFC 8259), nothing looser.
    #[default]
    Json,
    /// YAML 1.2 with its core schema.
    Yaml,
}

/// What became of a definition.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The model; absent if there is an error.
    pub machine: Option<StateMachine>,
    /// Errors and warnings, in the order in which they were found: about that of the definition.
    pub diagnostics: Vec<Diagnostic>,
    /// The definition as JSON with its keys in their order; absent if the text cannot be read.
    pub document: Option<Value>,
}

impl Parsed {
    /// The errors among the diagnostics.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        let diagnostics = self.diagnostics.iter();
        diagnostics.filter(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads and checks a definition.
pub fn parse(source: &str, options: &Options<'_>) -> Parsed {
    let mut checker = Checker::new(source, options);
    let root = read(&mut checker, source, options);
    let machine = root
        .as_ref()
        .and_then(|root| checker.machine(root))
        .filter(|_| !checker.failed());
    Parsed {
        machine,
        diagnostics: checker.into_diagnostics(),
        document: root.map(|root| root.to_value()),
    }
}

fn read(checker: &mut Checker<'_>, source: &str, options: &Options<'_>) -> Option<Node> {
    if source.len() > options.max_bytes {
        let message = format!("Definition is longer than {} bytes", options.max_bytes);
        let help = format!("it has {} bytes; split the workflow up", source.len());
        checker.report(Code::SchemaValidationFailed, None, &(0..0), message, help);
        return None;
    }
    if source.is_empty() {
        let message = "Received a null or empty workflow input";
        let help = "write an object with StartAt and States";
        checker.report(Code::MissingDescription, None, &(0..0), message, help);
        return None;
    }
    let node = match options.format {
        Format::Json if source.trim_ascii().is_empty() => Node::nothing(),
        Format::Json => read_json(checker, source)?,
        Format::Yaml => read_yaml(checker, source)?,
    };
    if node.as_object().is_some() {
        return Some(node);
    }
    let bytes = node.bytes.start..node.bytes.start + 1;
    let message = "Definition must be a valid JSON object";
    let help = format!(
        "this is {}; write an object with StartAt and States",
        node.type_name()
    );
    checker.report(Code::SchemaValidationFailed, None, &bytes, message, help);
    None
}

/// Duplicate keys told of; each takes a look at the whole text.
const MAX_DUPLICATES: usize = 100;

/// `None` if the text cannot be read.
fn read_json(checker: &mut Checker<'_>, source: &str) -> Option<Node> {
    match json::read(source) {
        Ok((node, duplicates)) => {
            for duplicate in duplicates.into_iter().take(MAX_DUPLICATES) {
                let location = jackson::location(source, duplicate.bytes.end);
                let message = format!("Duplicate field '{}'\n at {location}", duplicate.key);
                let help = "an object has each field once; rename or remove one of the two";
                checker.report_text(&duplicate.bytes, message, Some(location), help);
            }
            Some(node)
        }
        Err(json::Fault::Syntax {
            message,
            bytes,
            reached,
        }) => {
            let location = jackson::location(source, reached);
            let message = format!("{message}\n at {location}");
            let help = "the definition must be JSON: texts and keys in double quotes, no comments, no comma behind the last entry";
            checker.report_text(&bytes, message, Some(location), help);
            None
        }
        Err(json::Fault::TooDeep(bytes)) => {
            too_deep(checker, &bytes);
            None
        }
    }
}

fn read_yaml(checker: &mut Checker<'_>, source: &str) -> Option<Node> {
    match yaml::read(source) {
        Ok(node) => Some(node.unwrap_or_else(Node::nothing)),
        Err(yaml::Fault::Syntax { message, bytes }) => {
            let help =
                "the definition must be one YAML document of mappings, sequences and scalars";
            checker.report_text(&bytes, message, None, help);
            None
        }
        Err(yaml::Fault::TooDeep(bytes)) => {
            too_deep(checker, &bytes);
            None
        }
    }
}

fn too_deep(checker: &mut Checker<'_>, bytes: &std::ops::Range<usize>) {
    let message = "The definition is nested too deeply";
    let help = format!(
        "objects and arrays may lie {} deep; move inner workflows to state machines of their own",
        source::MAX_DEPTH
    );
    checker.report(
        Code::TooDeeplyNested,
        None::<&Place<'_>>,
        bytes,
        message,
        help,
    );
}
