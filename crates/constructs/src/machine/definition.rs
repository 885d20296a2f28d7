//! What a machine's definition is written from.

use std::path::PathBuf;

use crate::states::{Chain, Chainable};
use crate::value::Text;

/// What a machine's definition is written from. Anything that is [`Chainable`] can be given for it.
#[derive(Debug, Clone)]
pub enum DefinitionBody {
    /// States: their permissions are allowed to the machine's role.
    Chainable(Chain),
    /// The JSON as it is deployed. Its permissions are for the author to allow.
    String(Text),
    /// A file with the JSON, which is published with the stack. Its permissions are for the author to allow.
    File(PathBuf),
}

impl DefinitionBody {
    /// States, from the start of a chain.
    pub fn from_chainable(chain: impl Chainable) -> Self {
        Self::Chainable(chain.into_chain())
    }

    /// The JSON as it is deployed.
    pub fn from_string(definition: impl Into<Text>) -> Self {
        Self::String(definition.into())
    }

    /// A file with the JSON, which is published with the stack.
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self::File(path.into())
    }
}

impl<T: Chainable> From<T> for DefinitionBody {
    fn from(chain: T) -> Self {
        Self::from_chainable(chain)
    }
}
