//! Local Lambda: the functions of a project, run as processes behind the AWS Lambda Runtime API.
//!
//! A [`Host`] holds the declared [`Function`]s. [`Host::invoke`] takes a warm process of the
//! function, or starts one, and hands it the payload by the same HTTP protocol that AWS uses inside
//! its execution environments (AWS Lambda Developer Guide, "Using the Lambda runtime API"), so a
//! custom runtime built for `provided.al2023` runs unchanged. Python and Node handlers are run by
//! small bootstraps that behave as the managed runtimes do.
//!
//! ```text
//! Host ── Pool (one per version of a function) ── Sandbox (one per process)
//!                                      ├─ runtime_api   loopback HTTP server of this process alone
//!                                      ├─ process       the child and everything it started
//!                                      └─ logs          its output, line by line
//! ```
//!
//! Invariants:
//! - A process can only answer the invocation that it was handed: each has its own listener, and an
//!   answer must name the request it belongs to.
//! - A process never outlives its `Sandbox`: dropping the future of an invocation kills the process
//!   group that ran it.
//! - A version of a function never has more processes than its `concurrency`.
//! - The library prints nothing; output goes to the [`LogSink`] given in [`HostOptions`].

mod arn;
mod environment;
mod error;
mod events;
mod failure;
mod function;
mod host;
mod invocation;
mod logs;
mod pool;
mod process;
mod routes;
mod runtime_api;
mod sandbox;
mod toolchain;

pub use arn::{LATEST, Target};
pub use environment::is_reserved;
pub use error::{HostError, InvokeError};
pub use events::Events;
pub use function::{Function, Owner, Runtime, UnknownRuntime, default_concurrency};
pub use host::{Host, HostOptions, Saturation, Variables};
pub use invocation::{FunctionErrorKind, Invocation, InvokeResult};
pub use logs::{LogLine, LogSink, LogSource};
pub use routes::Route;
