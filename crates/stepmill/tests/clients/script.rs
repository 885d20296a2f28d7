//! Running the scripts with the clients that were installed for them.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::{Home, Server};

/// Python with boto3 and the AWS CLI.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";
/// A directory whose `node_modules` have the AWS SDK for JavaScript.
const NODE_PROJECT: &str = "STEPMILL_TEST_NODE_PROJECT";
/// How long a script may take: its own deadlines end it sooner.
const PATIENCE: Duration = Duration::from_secs(600);

/// A program that runs scripts.
pub(crate) enum Client {
    Python,
    Node,
}

impl Client {
    /// The command for a script; none, with a word about it, if the clients are not installed.
    fn command(&self, script: &str) -> Option<Command> {
        let variable = match self {
            Self::Python => PYTHON,
            Self::Node => NODE_PROJECT,
        };
        let Some(place) = env::var_os(variable).map(PathBuf::from) else {
            // Written past the test harness, which keeps back what passing tests print.
            let text = format!("skipped: {script} needs {variable}; cargo xtask test sets it up\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
            return None;
        };
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        let mut command = match self {
            Self::Python => {
                let mut command = Command::new(place);
                // No compiled files in the repository.
                command.args(["-B", "-W", "error::SyntaxWarning"]);
                command
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.env("STEPMILL_NODE_PROJECT", place);
                command
            }
        };
        command.arg(directory.join(script));
        Some(command)
    }

    /// Whether the clients are installed; says so if they are not.
    pub(crate) fn is_there(&self, script: &str) -> bool {
        self.command(script).is_some()
    }

    /// Runs a script against a server; fails with all that both have said if the script does.
    pub(crate) fn run(
        &self,
        script: &str,
        arguments: &[&str],
        home: &Home,
        server: &Server,
        variables: &[(&str, &str)],
    ) {
        let Some(mut command) = self.command(script) else {
            return;
        };
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        let output = home.path("output");
        let file = File::create(&output).unwrap();
        let mut child = command
            .args(arguments)
            .env("STEPMILL_ENDPOINT", server.url())
            .env("STEPMILL_MAILBOX", home.mailbox())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            thread::sleep(Duration::from_millis(20));
        };
        let said = fs::read_to_string(&output).unwrap_or_default();
        let ended = status.map_or("did not end".to_owned(), |status| status.to_string());
        assert!(
            status.is_some_and(|status| status.success()),
            "{script} {arguments:?}: {ended}\n{said}\n--- the server's log\n{}",
            server.log()
        );
        // What clients do wrong is no error of the server's.
        let log = server.log();
        assert!(
            !log.contains(" ERROR ") && !log.contains("panicked"),
            "{log}"
        );
        // A script without tests would pass, too.
        assert!(
            said.contains("... ok") || said.contains("# pass"),
            "{script} has tested nothing:\n{said}"
        );
    }
}
