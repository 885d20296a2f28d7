//! The tasks: one module for each service.

mod api_gateway;
mod athena;
mod aws_service;
mod batch;
mod bedrock;
mod call_aws_service_cross_region;
mod codebuild;
mod databrew;
mod dynamodb;
mod ecs;
mod eks;
mod emr;
mod emr_containers;
pub(crate) mod evaluate_expression;
mod events;
mod expression_paths;
mod glue;
mod glue_crawler;
mod http;
mod lambda;
mod media_convert;
mod property;
mod sagemaker;
mod scheduler;
mod sns;
mod sqs;
mod step_functions;

pub use api_gateway::*;
pub use athena::*;
pub use aws_service::CallAwsService;
pub use batch::{BatchContainerOverrides, BatchJobDependency, BatchSubmitJob};
pub use bedrock::*;
pub use call_aws_service_cross_region::CallAwsServiceCrossRegion;
pub use codebuild::{CodeBuildStartBuild, CodeBuildStartBuildBatch};
pub use databrew::GlueDataBrewStartJobRun;
pub use dynamodb::{
    DynamoAttributeValue, DynamoConsumedCapacity, DynamoDeleteItem, DynamoGetItem,
    DynamoItemCollectionMetrics, DynamoProjectionExpression, DynamoPutItem, DynamoReturnValues,
    DynamoUpdateItem,
};
pub use ecs::*;
pub use eks::{EksCall, HttpMethods};
pub use emr::*;
pub use emr_containers::*;
pub use evaluate_expression::EvaluateExpression;
pub use events::{EventBridgePutEvents, EventBridgePutEventsEntry};
pub use glue::{ExecutionClass, GlueStartJobRun, WorkerConfigurationProperty, WorkerType};
pub use glue_crawler::GlueStartCrawlerRun;
pub use http::{HttpInvoke, URLEncodingFormat};
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use media_convert::MediaConvertCreateJob;
pub use sagemaker::*;
pub use scheduler::*;
pub use sns::{MessageAttribute, MessageAttributeDataType, SnsPublish};
pub use sqs::SqsSendMessage;
pub use step_functions::{StepFunctionsInvokeActivity, StepFunctionsStartExecution};
