//! Athena: runs queries.

mod query;
mod start_query_execution;

pub use query::{AthenaGetQueryExecution, AthenaGetQueryResults, AthenaStopQueryExecution};
pub use start_query_execution::{
    AthenaStartQueryExecution, EncryptionConfiguration, EncryptionOption, QueryExecutionContext,
    ResultConfiguration,
};
