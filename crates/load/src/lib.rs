//! Loads a server from outside, as its clients do: over HTTP, with nothing of the server's own code.
//!
//! [`kill`] kills it over and over and accounts for what it had acknowledged; [`bench`] measures it.

pub mod bench;
mod http;
pub mod kill;
mod process;
mod random;

use std::io;

use thiserror::Error;

/// Why a run came to no result.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The operating system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The server did not do what it is there for.
    #[error("{0}")]
    Server(String),
}

impl LoadError {
    pub(crate) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::System { what, source }
    }
}

impl From<io::Error> for LoadError {
    fn from(source: io::Error) -> Self {
        Self::System {
            what: "the connection to the server".to_owned(),
            source,
        }
    }
}
