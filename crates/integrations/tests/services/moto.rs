//! Moto's server.

use serde_json::json;
use stepmill_integrations::Integrations;
use stepmill_integrations::project::AwsSettings;

use crate::python::Peer;

/// Moto's server; it ends with this value.
pub(crate) struct Moto(Peer);

impl Moto {
    /// Starts one, if it is installed.
    pub(crate) fn start() -> Option<Self> {
        Peer::moto().map(Self)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// Functions and jobs run in no container: functions answer with what they are given.
    pub(crate) fn without_containers(&self) {
        let config = json!({ "batch": { "use_docker": false }, "lambda": { "use_docker": false } });
        self.0.ask("POST", "/moto-api/config", &config.to_string());
    }

    /// Forgets everything.
    pub(crate) fn reset(&self) {
        self.0.ask("POST", "/moto-api/reset", "");
    }

    /// Tasks whose services are all there.
    pub(crate) fn integrations(&self) -> Integrations {
        self.with(AwsSettings::default())
    }

    /// Tasks with settings, whose services are there unless these say otherwise.
    pub(crate) fn with(&self, settings: AwsSettings) -> Integrations {
        crate::all_at(&self.0.url, "test", settings)
    }
}
