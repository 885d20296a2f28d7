//! Models of Bedrock.

use crate::core::Scope;
use crate::value::{Pseudo, Text};

/// A model that can be called or customized.
#[derive(Clone, Debug, PartialEq)]
pub struct BedrockModel {
    arn: Text,
}

impl BedrockModel {
    /// A model that Bedrock offers in the stack's region, by its id: `amazon.titan-text-express-v1`.
    pub fn from_foundation_model_id(scope: &Scope, model_id: impl Into<Text>) -> Self {
        let arn = Text::from("arn:")
            .then(Pseudo::Partition)
            .then(":bedrock:")
            .then(scope.region())
            .then("::foundation-model/")
            .then(model_id);
        Self { arn }
    }

    /// A model with throughput of one's own, by its ARN.
    pub fn from_provisioned_model_arn(arn: impl Into<Text>) -> Self {
        Self { arn: arn.into() }
    }

    /// Its ARN.
    pub fn model_arn(&self) -> Text {
        self.arn.clone()
    }
}
