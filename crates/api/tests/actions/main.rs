//! The actions over an engine, as clients see them.

#![allow(clippy::unwrap_used)]

mod client;
mod executions;
mod lists;
mod machines;
