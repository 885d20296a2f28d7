//! The examples of the CDK's "Tasks for AWS Step Functions" give the templates that the CDK gives.
//!
//! `tests/data/cdk` has what version 1.200.0 of the real CDK made of each.

extern crate stepmill_constructs as stepmill;

mod golden;

#[path = "../../../../examples/cdk/snippets.rs"]
mod snippets;
