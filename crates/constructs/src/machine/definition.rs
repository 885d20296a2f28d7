//! What a machine's definition is written from.

use crate::states::{Chain, Chainable};
use crate::value::Text;

/// What a machine's definition is written from. Anything that is [`Chainable`] can be given for it.
#[derive(Debug, Clone)]
pub enum DefinitionBody {
    /// States: their permissions are allowed to the machine's role.
    Chainable(Chain),
    /// The JSON as it is deployed. Its permissions are for the author to allow.
    String(Text),
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
}

impl<T: Chainable> From<T> for DefinitionBody {
    fn from(chain: T) -> Self {
        Self::from_chainable(chain)
    }
}
