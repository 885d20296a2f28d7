//! The tasks: one module for each service.

mod api_gateway;
mod athena;
mod aws_service;
mod bedrock;
mod emr;
mod glue_crawler;
mod http;
mod lambda;
mod media_convert;
mod property;
mod scheduler;
mod sqs;

pub use api_gateway::*;
pub use athena::*;
pub use aws_service::CallAwsService;
pub use bedrock::*;
pub use emr::*;
pub use glue_crawler::GlueStartCrawlerRun;
pub use http::{HttpInvoke, URLEncodingFormat};
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use media_convert::MediaConvertCreateJob;
pub use scheduler::*;
pub use sqs::SqsSendMessage;
