//! The tasks: one module for each service.

mod api_gateway;
mod athena;
mod aws_service;
mod batch;
mod call_aws_service_cross_region;
mod codebuild;
mod databrew;
mod dynamodb;
mod eks;
mod emr;
mod emr_containers;
mod evaluate_expression;
mod events;
mod expression_paths;
mod glue;
mod lambda;
mod property;
mod sqs;

pub use api_gateway::*;
pub use athena::*;
pub use aws_service::CallAwsService;
pub use batch::{BatchContainerOverrides, BatchJobDependency, BatchSubmitJob};
pub use call_aws_service_cross_region::CallAwsServiceCrossRegion;
pub use codebuild::{CodeBuildStartBuild, CodeBuildStartBuildBatch};
pub use databrew::GlueDataBrewStartJobRun;
pub use dynamodb::{
    DynamoAttributeValue, DynamoConsumedCapacity, DynamoDeleteItem, DynamoGetItem,
    DynamoItemCollectionMetrics, DynamoProjectionExpression, DynamoPutItem, DynamoReturnValues,
    DynamoUpdateItem,
};
pub use eks::{EksCall, HttpMethods};
pub use emr::*;
pub use emr_containers::*;
pub use evaluate_expression::EvaluateExpression;
pub use events::{EventBridgePutEvents, EventBridgePutEventsEntry};
pub use glue::{ExecutionClass, GlueStartJobRun, WorkerConfigurationProperty, WorkerType};
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
