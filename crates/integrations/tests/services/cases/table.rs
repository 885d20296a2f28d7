//! The table of cases; its first member says what the others mean.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// All of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    #[serde(rename = "about")]
    _about: Vec<String>,
    pub(super) resources: IndexMap<String, Step>,
    pub(super) cases: IndexMap<String, Case>,
    /// By integration and pattern.
    pub(super) elsewhere: IndexMap<String, IndexMap<String, Elsewhere>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(rename = "do")]
    pub(super) resource: String,
    #[serde(rename = "with")]
    pub(super) parameters: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    #[serde(default)]
    pub(super) before: Vec<String>,
    pub(super) parameters: Value,
    #[serde(default)]
    pub(super) answers: Map<String, Value>,
    #[serde(default)]
    pub(super) others: Vec<(String, Value)>,
    pub(super) request: Option<Value>,
    pub(super) result: Option<Value>,
    pub(super) moto: Option<InMoto>,
    pub(super) lacks: Option<String>,
    pub(super) sync: Option<Job>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InMoto {
    #[serde(default)]
    pub(super) result: Map<String, Value>,
    #[serde(default)]
    pub(super) then: Vec<Then>,
    pub(super) no_sync: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Then {
    #[serde(rename = "do")]
    pub(super) resource: String,
    #[serde(rename = "with")]
    pub(super) parameters: Value,
    pub(super) is: Value,
}

/// The life of a job.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub(super) poll: Map<String, Value>,
    pub(super) status: String,
    pub(super) states: Vec<String>,
    pub(super) success: Option<String>,
    pub(super) gone: Option<String>,
    pub(super) failure: Vec<String>,
    #[serde(default)]
    pub(super) polled: Map<String, Value>,
    pub(super) result: Value,
    pub(super) stop: Option<Map<String, Value>>,
}

/// Tests that stand elsewhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Elsewhere {
    #[serde(rename = "tests")]
    _tests: Vec<String>,
    #[serde(rename = "against")]
    _against: String,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("table.json")).unwrap());

impl Table {
    pub(super) fn get() -> &'static Self {
        &TABLE
    }
}
