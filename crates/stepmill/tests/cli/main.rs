//! The command as its users run it.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

#[cfg(unix)]
mod endpoints;
mod expressions;
mod graph;
mod mocked;
mod new;
mod project;
mod run;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod serving;
mod settings;
mod support;
#[cfg(unix)]
mod synthesized;
mod validate;
#[cfg(unix)]
mod verbs;
