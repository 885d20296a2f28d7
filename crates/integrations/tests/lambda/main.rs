//! Local Lambda with real Python and Node: every test starts processes.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod evaluate;
mod host;
mod node;
mod provided;
mod python;
mod support;
mod versions;
