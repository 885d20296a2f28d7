//! The tasks: one module for each service.

mod call_aws_service_cross_region;
mod emr;
mod evaluate_expression;
mod expression_paths;
mod lambda;
mod property;
mod sqs;

pub use call_aws_service_cross_region::CallAwsServiceCrossRegion;
pub use emr::*;
pub use evaluate_expression::EvaluateExpression;
pub use lambda::{LambdaInvocationType, LambdaInvoke};
pub use sqs::SqsSendMessage;
