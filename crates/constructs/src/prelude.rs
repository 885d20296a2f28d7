//! Everything that a program with workflows usually needs.

pub use crate::core::{
    App, CfnResource, ConstructErrors, Duration, Environment, Feature, Output, RemovalPolicy,
    Scope, Size, Stack,
};
pub use crate::iam::{
    Effect, Grant, Grantable, PolicyDocument, Principal, ResourceWithPolicy, Role, Statement,
};
pub use crate::machine::{
    Activity, AwsOwnedEncryptionConfiguration, CustomerManagedEncryptionConfiguration,
    DefinitionBody, LogLevel, LogOptions, Metric, StateMachine, StateMachineType,
    StateTransitionMetric, Statistic,
};
pub use crate::object;
pub use crate::resources::*;
pub use crate::states::*;
pub use crate::tasks::*;
pub use crate::value::{Fn, JsonPath, Object, Pseudo, Text, Value};
