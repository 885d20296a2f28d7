//! Typed constructs for AWS Step Functions: states, tasks and what they refer to, synthesized to the States Language, IAM
//! policies and CloudFormation templates as the AWS CDK does.
//!
//! States are described by builders and become handles; resources are handles at once. Nothing fails while
//! constructs are made: mistakes are collected and reported all together at synthesis.

pub mod core;
pub mod iam;
pub mod machine;
pub mod policy;
pub mod prelude;
pub mod resources;
pub mod states;
pub mod tasks;
pub mod template;
pub mod value;
