//! Reading templates: those that were synthesized here, and any other.

mod definition;
mod value;

pub use definition::{Machine, TemplateError, machines};
pub use value::from_template;
