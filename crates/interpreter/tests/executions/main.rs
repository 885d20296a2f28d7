//! Executions in a world of virtual time: told in data, tabled, and generated.

mod cases;
mod operators;
mod properties;
mod world;
