//! Observers, told of executions that run in a world of data.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)] // what helps a test may fail it

mod engine;
mod events;
mod http;
mod logs;
mod metrics;
#[cfg(feature = "otlp")]
mod traces;
mod world;
