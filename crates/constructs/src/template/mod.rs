//! Reading templates: those that were synthesized here, and any other.

mod definition;
mod local;
mod substitution;
mod types;
mod value;

pub use definition::{Machine, TemplateError, machines};
pub use local::{Names, NotKnown, Place};
pub use substitution::substitutable;
pub use types::ResourceTypes;
pub use value::from_template;

pub use crate::tasks::evaluate_expression::evaluates_expressions;
