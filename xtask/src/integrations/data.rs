//! What the page is made from: the part of the catalog and of the table of cases that it shows.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub(super) struct Catalog {
    pub(super) services: IndexMap<String, Service>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) error_names: Option<ErrorNames>,
    pub(super) actions: IndexMap<String, Action>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorNames {
    pub(super) prefix: String,
    pub(super) evidence: String,
}

#[derive(Deserialize)]
pub(super) struct Action {
    /// By their names in the catalog: `sync`.
    pub(super) patterns: Vec<String>,
    pub(super) api: Option<String>,
    pub(super) poll: Option<Poll>,
    pub(super) stop: Option<Stop>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Poll {
    pub(super) api: String,
    pub(super) status: String,
    pub(super) success: Vec<String>,
    pub(super) success_error: Option<String>,
    pub(super) failure: Vec<String>,
    pub(super) rule: Option<String>,
    pub(super) provenance: String,
}

#[derive(Deserialize)]
pub(super) struct Stop {
    pub(super) api: String,
}

/// The cases that integrations are tested with.
#[derive(Deserialize)]
pub(super) struct Table {
    pub(super) cases: IndexMap<String, Case>,
    /// By integration and pattern.
    pub(super) elsewhere: IndexMap<String, IndexMap<String, Elsewhere>>,
}

#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) moto: Option<Moto>,
    pub(super) lacks: Option<String>,
    pub(super) sync: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Moto {
    pub(super) no_sync: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Elsewhere {
    /// The files and names of the tests: `crates/stepmill/tests/a.rs::name`.
    pub(super) tests: Vec<String>,
    pub(super) against: String,
}
