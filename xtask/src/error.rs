//! Why a task did not succeed.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a task did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A program could not be started.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command line.
        command: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A program ended with another exit code than 0.
    #[error("`{command}` failed: {status}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// This machine lacks something.
    #[error("this machine lacks what the task needs:\n{}", .0.join("\n"))]
    Requirements(Vec<String>),
    /// A task cannot work without the data of this variable.
    #[error("{variable} is not set: let it name the directory of {what}")]
    NoData {
        /// The variable.
        variable: &'static str,
        /// What the directory holds.
        what: &'static str,
    },
    /// A variable names a directory that is none of its kind.
    #[error("{variable} names {}, which has no {file}", directory.display())]
    WrongData {
        /// The variable.
        variable: &'static str,
        /// What it names.
        directory: PathBuf,
        /// What is missing there.
        file: &'static str,
    },
    /// Cargo's description of the workspace cannot be read.
    #[error("cannot read what `cargo metadata` says: {0}")]
    Metadata(#[from] serde_json::Error),
    /// Crates import crates that are not below them.
    #[error("{}", .0.join("\n"))]
    Layers(Vec<String>),
    /// Generated files are not what they would be generated as.
    #[error("not up to date: {}; run `cargo xtask {verb}`", files.join(", "))]
    Stale {
        /// The files.
        files: Vec<String>,
        /// The task that writes them.
        verb: &'static str,
    },
    /// The source of a crate is not understood.
    #[error("{}: {reason}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The CDK has what Rust has neither a place nor a reason for.
    #[error("{}", .0.join("\n"))]
    Coverage(Vec<String>),
    /// Integrations are not tested, or the page about that is not up to date.
    #[error("{}", .0.join("\n"))]
    Integrations(Vec<String>),
    /// The server that cases are replayed against does not listen.
    #[error("the server did not start; what it wrote says why")]
    NoServer,
    /// A version is not pinned.
    #[error("{} does not pin {package}", path.display())]
    NoPin {
        /// The file of pins.
        path: PathBuf,
        /// What it should name.
        package: &'static str,
    },
    /// A file or directory cannot be read, written or removed.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// There is nothing to fuzz.
    #[error("`cargo fuzz list` names no target")]
    NoFuzzTarget,
}
