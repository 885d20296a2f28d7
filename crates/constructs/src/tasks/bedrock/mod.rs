//! Bedrock: calls models and customizes them.

mod create_model_customization_job;
mod customization_role;
mod guardrail;
mod invoke_model;
mod limits;

pub use create_model_customization_job::{
    BedrockCreateModelCustomizationJob, BedrockCreateModelCustomizationJobVpcConfig,
    CustomModelTag, CustomizationType, DataBucketConfiguration,
};
pub use guardrail::Guardrail;
pub use invoke_model::{BedrockInvokeModel, BedrockInvokeModelInput, BedrockInvokeModelOutput};
