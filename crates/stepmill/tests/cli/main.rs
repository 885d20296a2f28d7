//! The command as its users run it.

mod graph;
mod project;
mod run;
mod support;
mod validate;
