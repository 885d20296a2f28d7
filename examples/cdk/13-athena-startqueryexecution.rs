//! Athena: StartQueryExecution

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let query = JsonPath::string_at("$.queryString");
    let results = ResultConfiguration::new()
        .encryption_configuration(EncryptionConfiguration::new(EncryptionOption::S3Managed))
        .output_location(Location::new("query-results-bucket", "folder"));
    let start_query_execution_job = AthenaStartQueryExecution::new(stack, "Start Athena Query", query)
        .query_execution_context(QueryExecutionContext::new().database_name("mydatabase"))
        .result_configuration(results);

    vec![start_query_execution_job.build()]
}
