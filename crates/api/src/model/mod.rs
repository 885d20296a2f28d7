//! Requests as the API's model describes them: their shapes, how they are read and what is checked.
//!
//! A request is read in two steps, as AWS does. [`Model::read`] decodes its JSON by the shape of the
//! action's input; what is not of that shape is a `SerializationException`. The values are then
//! checked against the model's constraints, and everything that is wrong is told in one
//! `ValidationException`.

mod decode;
mod load;
mod operation;
mod pattern;
mod shape;
mod validate;

use serde_json::{Map, Value};
use thiserror::Error;

pub use load::LoadError;
pub use operation::Operation;

use shape::{Shape, ShapeId};

/// The shapes of all requests.
#[derive(Debug)]
pub struct Model {
    shapes: Vec<Shape>,
    /// The input of each action, in the order of [`Operation::ALL`].
    inputs: Vec<ShapeId>,
}

/// Why a request is refused before anything is done about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It is no JSON, or not of the shape of the action's input; what is wrong if AWS says it.
    #[error("the request cannot be read")]
    Serialization(Option<String>),
    /// It breaks constraints of the model: AWS's text about all of them.
    #[error("{0}")]
    Validation(String),
}

impl Model {
    /// Reads and checks a request's body. Members that the model does not know are ignored, as AWS
    /// ignores them, and so are members that are `null`.
    pub fn read(&self, operation: Operation, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
        let input = self.input(operation);
        let request = decode::decode(self, input, body).map_err(Refusal::Serialization)?;
        match validate::validate(self, input, &request) {
            None => Ok(request),
            Some(text) => Err(Refusal::Validation(text)),
        }
    }

    fn input(&self, operation: Operation) -> ShapeId {
        // `ALL` lists the variants in order, and loading has found an input for each.
        self.inputs[operation as usize]
    }

    fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }
}
