//! Servers in Python, of the environment that `cargo xtask test` makes.

use std::env;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// The Python that has them.
const PYTHON: &str = "STEPMILL_TEST_PYTHON";

/// A server; it ends with this value.
pub(crate) struct Server(pub(crate) Child);

impl Server {
    /// The command that begins with Python; none, with a word about it, where it is not installed.
    pub(crate) fn command(what: &str) -> Option<Command> {
        let Some(python) = env::var_os(PYTHON) else {
            let text = format!("skipped: {what} needs {PYTHON}; cargo xtask test sets it up\n");
            // Written past the test harness, which keeps back what passing tests print.
            let _ = std::io::stderr().write_all(text.as_bytes());
            return None;
        };
        let mut command = Command::new(python);
        command.arg("-B").stdin(Stdio::null()).stdout(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        Some(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
