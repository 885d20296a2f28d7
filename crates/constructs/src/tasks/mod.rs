//! The tasks: one module for each service.

mod batch;
mod codebuild;
mod databrew;
mod dynamodb;
mod ecs;
mod emr;
mod events;
mod glue;
mod lambda;
mod property;
mod sagemaker;
mod sqs;

pub use batch::{BatchContainerOverrides, BatchJobDependency, BatchSubmitJob};
pub use codebuild::{CodeBuildStartBuild, CodeBuildStartBuildBatch};
pub use databrew::GlueDataBrewStartJobRun;
pub use dynamodb::{
    DynamoAttributeValue, DynamoConsumedCapacity, DynamoDeleteItem, DynamoGetItem,
    DynamoItemCollectionMetrics, DynamoProjectionExpression, DynamoPutItem, DynamoReturnValues,
    DynamoUpdateItem,
};
pub use ecs::*;
pub use emr::*;
pub use events::{EventBridgePutEvents, EventBridgePutEventsEntry};
pub use glue::{ExecutionClass, GlueStartJobRun, WorkerConfigurationProperty, WorkerType};
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sagemaker::*;
pub use sqs::SqsSendMessage;
