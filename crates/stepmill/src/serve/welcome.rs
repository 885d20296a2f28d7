//! What a server says once it listens.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use stepmill::integrations::project::LogFormat;

use super::project::Installed;
use crate::problem::Problem;
use crate::terminal;

/// State machines that are named, at most.
const MOST_SHOWN: usize = 20;

/// What a server says once it listens.
pub(super) struct Welcome<'w> {
    pub(super) address: SocketAddr,
    /// The address as this machine reaches it.
    pub(super) url: &'w str,
    /// None if nothing is kept.
    pub(super) store: Option<&'w Path>,
    pub(super) machines: &'w [Installed],
    pub(super) functions: &'w [String],
    pub(super) region: &'w str,
    /// Whether requests must be signed.
    pub(super) signed: bool,
}

impl Welcome<'_> {
    /// Says it: on standard output, or in a log that programs read.
    pub(super) fn say(&self, format: LogFormat) -> Result<(), Problem> {
        match format {
            LogFormat::Text => terminal::print(&self.text()),
            LogFormat::Json => {
                tracing::info!(
                    url = format!("http://{}", self.address),
                    machines = self.machines.len(),
                    functions = self.functions.len(),
                    "listening"
                );
                Ok(())
            }
        }
    }

    fn text(&self) -> String {
        let mut text = format!("listening on http://{}\n", self.address);
        let mut line = |label: &str, value: &str| {
            let _ = writeln!(text, "  {label:<15} {value}");
        };
        match self.store {
            Some(directory) => line("store", &directory.display().to_string()),
            None => line("store", "memory: nothing outlives this process"),
        }
        let mut label = "state machines";
        for machine in self.machines.iter().take(MOST_SHOWN) {
            let kind = if machine.express { ", Express" } else { "" };
            line(
                label,
                &format!("{} ({}{kind})", machine.arn, machine.change),
            );
            label = "";
        }
        let hidden = self.machines.len().saturating_sub(MOST_SHOWN);
        if hidden > 0 {
            line("", &format!("and {hidden} more"));
        }
        if !self.functions.is_empty() {
            line("functions", &self.functions.join(", "));
        }
        line("try", &self.example());
        text
    }

    /// A command that can be pasted.
    fn example(&self) -> String {
        let server = format!("--endpoint-url {} --region {}", self.url, self.region);
        let unsigned = if self.signed {
            ""
        } else {
            " --no-sign-request"
        };
        match self.machines.first() {
            Some(machine) => {
                let verb = if machine.express {
                    "start-sync-execution"
                } else {
                    "start-execution"
                };
                let arn = &machine.arn;
                format!("aws stepfunctions {verb} {server}{unsigned} --state-machine-arn '{arn}'")
            }
            None => format!("aws stepfunctions list-state-machines {server}{unsigned}"),
        }
    }
}
