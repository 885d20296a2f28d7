//! The examples of the CDK's "Tasks for AWS Step Functions" give the templates that the CDK gives, and examples of what its
//! version 2 added give the definitions, policies and properties that it gives.
//!
//! `tests/data/cdk` has what version 1.200.0 of the real CDK made of each, `tests/data/v2-examples.json` and
//! `v2-variants.json` what 2.276.0 made, and
//! `tests/data/deviations.json` where what they made does not work and Stepmill's differs.

#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test
#![allow(clippy::format_push_string)] // reports are for people who look for a difference

extern crate stepmill_constructs as stepmill;

mod accepted;
mod deviations;
mod difference;
mod freed;
mod golden;
mod policy;
mod surroundings;
mod v2;
mod variants;

#[path = "../../../../examples/cdk/snippets.rs"]
mod snippets;
