//! The Amazon States Language: its model, parser and validator, and its query languages.
//!
//! This crate knows no clock, no randomness and no I/O: what an evaluation may see of the world
//! comes in as a [`World`].

pub mod diagnostic;
pub mod intrinsic;
pub mod jsonata;
pub mod jsonpath;
pub mod model;
pub mod parse;
pub mod template;
pub mod timestamp;
pub mod variables;
pub mod world;

pub use diagnostic::{Code, Diagnostic, Severity, Span};
pub use parse::{Format, Options, Parsed, parse};
pub use variables::variable_references;
pub use world::{Activities, TokenKey, World};
