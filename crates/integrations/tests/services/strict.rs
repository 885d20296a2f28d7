//! The strict server.

use serde_json::Value;
use stepmill_integrations::Integrations;
use stepmill_integrations::project::AwsSettings;

use crate::python::Peer;

/// The strict server: `aws-client/tests/strict/server.py` says what it is.
pub(crate) struct Strict(Peer);

impl Strict {
    /// Starts one, if there is Python for it.
    pub(crate) fn start() -> Option<Self> {
        Peer::strict().map(Self)
    }

    /// Sets what is answered to an access key.
    pub(crate) fn script(&self, key: &str, script: &Value) {
        let path = format!("/_control/{key}");
        self.0.ask("PUT", &path, &script.to_string());
    }

    /// What was asked by an access key.
    pub(crate) fn requests(&self, key: &str) -> Vec<Value> {
        let requests = self.0.ask("GET", &format!("/_control/{key}"), "");
        serde_json::from_str(&requests).unwrap()
    }

    /// Tasks whose services are all there, called by an access key.
    pub(crate) fn integrations(&self, key: &str) -> Integrations {
        crate::all_at(&self.0.url, key, AwsSettings::default())
    }
}
