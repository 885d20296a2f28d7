//! Deployments by the CDK's command lines to a server that plays AWS.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;
use stepmill::prelude::*;

use crate::{COMMAND_LINES, Place, installed};

/// Python with boto3 and a server that plays AWS.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";

/// The bootstrap stack's qualifier. In an address with this word the server finds the bucket in the path.
const QUALIFIER: &str = "localhost";

/// A server that plays AWS, which ends with the test.
struct Aws {
    python: PathBuf,
    url: String,
    server: Child,
}

impl Drop for Aws {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Aws {
    fn start(test: &str) -> Option<Self> {
        let python = installed(PYTHON, test)?;
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let server = Command::new(&python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let aws = Self {
            python,
            url,
            server,
        };
        aws.script("bootstrap.py");
        Some(aws)
    }

    fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
        ]
    }

    /// What a script prints.
    fn script(&self, name: &str) -> String {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        let output = Command::new(&self.python)
            .arg("-B")
            .arg(directory.join(name))
            .args([&self.url, QUALIFIER])
            .envs(self.variables())
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Deploys a machine that evaluates an expression, whose function is an asset.
fn deploy(name: &str, prefix: &str, features: &[Feature]) {
    let Some(place) = Place::new(name) else {
        return;
    };
    for command_line in COMMAND_LINES {
        let Some(aws) = Aws::start(name) else { return };
        let assembly = place.path(&format!("{command_line}.out"));
        let app = App::new().bootstrap_qualifier(QUALIFIER);
        let app = features.iter().copied().fold(app, App::feature);
        let stack = Stack::new(&app, "Orders");
        StateMachine::new(
            &stack,
            "Machine",
            EvaluateExpression::new(&stack, "Evaluate", "$.a + 1"),
        );
        app.synth(&assembly).unwrap();
        let deploy = ["deploy", "--app", &assembly, "--require-approval", "never"];
        place.cdk_with(command_line, &deploy, &aws.variables());

        let deployed: Json = serde_json::from_str(&aws.script("deployed.py")).unwrap();
        let files = deployed["files"].as_array().unwrap();
        let published = |file: &&Json| {
            let key = file.as_str().unwrap();
            key.strip_suffix(".zip")
                .is_some_and(|key| key.starts_with(prefix))
        };
        assert_eq!(files.iter().filter(published).count(), 1, "{deployed}");
        let [function] = deployed["functions"].as_array().unwrap().as_slice() else {
            panic!("{deployed}")
        };
        let task = &deployed["definitions"][0]["States"]["Evaluate"];
        assert_eq!(task["Resource"], *function, "{command_line}: {deployed}");
    }
}

#[test]
fn legacy_assets_are_published_and_named_by_parameters() {
    deploy(
        "legacy_assets_are_published_and_named_by_parameters",
        "assets/",
        &[],
    );
}

#[test]
fn default_assets_are_published_to_the_bootstrapped_bucket() {
    let features = [Feature::NewStyleStackSynthesis];
    deploy(
        "default_assets_are_published_to_the_bootstrapped_bucket",
        "",
        &features,
    );
}
