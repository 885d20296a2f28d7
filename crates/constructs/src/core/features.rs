//! Behaviour that later versions of the CDK changed, chosen one by one.

/// A change of behaviour that an app turns on. Without any, everything is as in version 1.200.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Feature {
    /// What version 2 changed without a flag of its own: policies, retries of Lambda, the trust of a machine's role, newer
    /// defaults of resources.
    Version2,
    /// Statements of policies that differ in actions, resources or principals only are made into one:
    /// `@aws-cdk/aws-iam:minimizePolicies`.
    MinimizePolicies,
    /// Assets are published to the bootstrap stack's bucket instead of one that parameters name:
    /// `@aws-cdk/core:newStyleStackSynthesis`. Version 2 does so in any case.
    NewStyleStackSynthesis,
    /// `ResultWriterV2` is written: `@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2`.
    DistributedMapResultWriterV2,
    /// `EcsRunTask` may run the latest revision only: `@aws-cdk/aws-stepfunctions-tasks:ecsReduceRunTaskPermissions`.
    EcsReduceRunTaskPermissions,
    /// The `EvaluateExpression`s of a stack share functions, as in version 1, instead of each having its own:
    /// `@aws-cdk/aws-stepfunctions-tasks:evaluateExpressionDedicatedFunction` when it is off.
    EvaluateExpressionSharedFunction,
    /// `EmrCreateCluster` makes roles with the newer managed policy: `@aws-cdk/aws-stepfunctions-tasks:enableEmrServicePolicyV2`.
    EmrServicePolicyV2,
    /// `BedrockInvokeModel` writes S3 locations by its own parameters:
    /// `@aws-cdk/aws-stepfunctions-tasks:useNewS3UriParametersForBedrockInvokeModelTask`.
    BedrockS3UriParameters,
}

impl Feature {
    /// What a new project of the CDK's version 2 turns on.
    pub const RECOMMENDED: [Self; 6] = [
        Self::Version2,
        Self::MinimizePolicies,
        Self::DistributedMapResultWriterV2,
        Self::EcsReduceRunTaskPermissions,
        Self::EmrServicePolicyV2,
        Self::BedrockS3UriParameters,
    ];

    /// The features that the CDK's `cdk.json` turns on by a flag, with the flag and its value.
    const FLAGS: &[(Self, &str, bool)] = &[
        (
            Self::NewStyleStackSynthesis,
            "@aws-cdk/core:newStyleStackSynthesis",
            true,
        ),
        (
            Self::MinimizePolicies,
            "@aws-cdk/aws-iam:minimizePolicies",
            true,
        ),
        (
            Self::DistributedMapResultWriterV2,
            "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2",
            true,
        ),
        (
            Self::EcsReduceRunTaskPermissions,
            "@aws-cdk/aws-stepfunctions-tasks:ecsReduceRunTaskPermissions",
            true,
        ),
        (
            Self::EvaluateExpressionSharedFunction,
            "@aws-cdk/aws-stepfunctions-tasks:evaluateExpressionDedicatedFunction",
            false,
        ),
        (
            Self::EmrServicePolicyV2,
            "@aws-cdk/aws-stepfunctions-tasks:enableEmrServicePolicyV2",
            true,
        ),
        (
            Self::BedrockS3UriParameters,
            "@aws-cdk/aws-stepfunctions-tasks:useNewS3UriParametersForBedrockInvokeModelTask",
            true,
        ),
    ];

    /// The feature that a flag of `cdk.json` turns on by its value, if it is known: most flags by `true`.
    pub fn from_flag(flag: &str, value: bool) -> Option<Self> {
        let found = Self::FLAGS
            .iter()
            .find(|(_, known, on)| *known == flag && *on == value);
        found.map(|(feature, ..)| *feature)
    }
}

/// The features that an app has turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features(u32);

impl Features {
    /// Whether a feature is on.
    pub fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u32) != 0
    }

    pub(crate) fn turn_on(&mut self, feature: Feature) {
        self.0 |= 1 << feature as u32;
    }
}
