//! Any action of any AWS service, from its model: JSON in, JSON out.

mod data;
mod error;
mod model;
mod parameters;
#[cfg(test)]
mod peer;
mod protocol;
mod results;
mod style;
mod time;

pub use crate::error::{Malformed, ParameterError, Problem};
pub use crate::model::*;
pub use crate::protocol::{Answer, Request};
pub use crate::style::{Blobs, Names, Style, Timestamps};
