//! Executions in a world of virtual time: told in data, tabled, and generated.
#![allow(clippy::unwrap_used, clippy::panic)] // what helps a test may fail it

mod cases;
mod operators;
mod properties;
mod records;
mod redrive;
mod tokens;
mod world;
