//! The model's data file.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde::Deserialize;
use thiserror::Error;

use super::pattern::Pattern;
use super::shape::{Kind, Member, Range, Shape, ShapeId};
use super::{Model, Operation};

const REQUESTS: &str = include_str!("../../data/requests.json");

/// Why the model is not usable: its data file has something that this crate does not know.
#[derive(Debug, Error)]
pub enum LoadError {
    /// It is not of the form that this crate reads.
    #[error("the model of requests cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// A shape is named that is not there.
    #[error("the model of requests names the shape '{0}', which it lacks")]
    NoShape(String),
    /// A shape is of a type that requests did not have.
    #[error("the model of requests has the type '{0}', which is not known")]
    Type(String),
    /// A pattern that nobody has written down in Rust.
    #[error("the model of requests has the pattern '{0}', which is not known")]
    Pattern(String),
    /// An action's input is missing.
    #[error("the model of requests has no input for {0}")]
    NoInput(&'static str),
}

#[derive(Deserialize)]
struct File {
    operations: HashMap<String, String>,
    shapes: IndexMap<String, Row>,
}

#[derive(Deserialize)]
struct Row {
    r#type: String,
    min: Option<i64>,
    max: Option<i64>,
    pattern: Option<String>,
    #[serde(default, rename = "enum")]
    values: Vec<String>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    members: IndexMap<String, String>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<String>,
}

impl Model {
    /// Reads the model that is built in.
    pub fn load() -> Result<Self, LoadError> {
        let file: File = serde_json::from_str(REQUESTS)?;
        let find = |name: &str| {
            file.shapes
                .get_index_of(name)
                .map(ShapeId)
                .ok_or_else(|| LoadError::NoShape(name.to_owned()))
        };
        let shapes = file
            .shapes
            .iter()
            .map(|(name, row)| shape(name, row, &find))
            .collect::<Result<_, _>>()?;
        let inputs = Operation::ALL
            .iter()
            .map(|operation| {
                let name = operation.name();
                find(file.operations.get(name).ok_or(LoadError::NoInput(name))?)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { shapes, inputs })
    }
}

fn shape(
    name: &str,
    row: &Row,
    find: &impl Fn(&str) -> Result<ShapeId, LoadError>,
) -> Result<Shape, LoadError> {
    let length = Range {
        min: row.min.map(i64::unsigned_abs),
        max: row.max.map(i64::unsigned_abs),
    };
    let value = Range {
        min: row.min,
        max: row.max,
    };
    let kind = match row.r#type.as_str() {
        "string" => Kind::Text {
            length,
            pattern: match &row.pattern {
                None => None,
                Some(text) => {
                    Some(Pattern::of(text).ok_or_else(|| LoadError::Pattern(text.clone()))?)
                }
            },
            values: row.values.clone(),
        },
        "integer" | "long" => Kind::Integer(value),
        "float" => Kind::Float(value),
        "boolean" => Kind::Boolean,
        "list" => Kind::List {
            item: find(row.member.as_deref().unwrap_or_default())?,
            length,
        },
        "structure" => Kind::Structure(
            row.members
                .iter()
                .map(|(member, shape)| {
                    Ok(Member {
                        name: member.clone(),
                        shape: find(shape)?,
                        required: row.required.contains(member),
                    })
                })
                .collect::<Result<_, LoadError>>()?,
        ),
        other => return Err(LoadError::Type(other.to_owned())),
    };
    Ok(Shape {
        name: name.to_owned(),
        kind,
        sensitive: row.sensitive,
    })
}
