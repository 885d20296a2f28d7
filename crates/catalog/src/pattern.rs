//! Integration patterns as the data file spells them.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use stepmill_asl::model::IntegrationPattern;

/// A pattern by its name in the Developer Guide.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
enum Name {
    #[serde(rename = "request-response")]
    RequestResponse,
    #[serde(rename = "sync")]
    RunJob,
    #[serde(rename = "sync:2")]
    RunJobJson,
    #[serde(rename = "waitForTaskToken")]
    WaitForTaskToken,
}

impl From<Name> for IntegrationPattern {
    fn from(name: Name) -> Self {
        match name {
            Name::RequestResponse => Self::RequestResponse,
            Name::RunJob => Self::RunJob,
            Name::RunJobJson => Self::RunJobJson,
            Name::WaitForTaskToken => Self::WaitForTaskToken,
        }
    }
}

pub(crate) fn list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IntegrationPattern>, D::Error> {
    let names: Vec<Name> = Deserialize::deserialize(deserializer)?;
    Ok(names.into_iter().map(Into::into).collect())
}

pub(crate) fn keys<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<IndexMap<IntegrationPattern, T>, D::Error> {
    let named: IndexMap<Name, T> = Deserialize::deserialize(deserializer)?;
    Ok(named
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect())
}
