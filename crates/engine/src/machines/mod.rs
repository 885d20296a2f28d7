//! State machines: revisions, versions and aliases.

mod revision;

pub use revision::{Logging, LoggingLevel, Resolved, Revision};
