//! Task parameters from the state JSON (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let query = JsonPath::format("select contacts where year={};", [JsonPath::string_at("$.year")]);
    let results = ResultConfiguration::new()
        .encryption_configuration(EncryptionConfiguration::new(EncryptionOption::S3Managed))
        .output_location(Location::new("mybucket", "myprefix"));
    let start_query_execution_job = AthenaStartQueryExecution::new(stack, "Athena Start Query", query)
        .query_execution_context(QueryExecutionContext::new().database_name("interactions"))
        .result_configuration(results)
        .integration_pattern(IntegrationPattern::RunJob);

    vec![start_query_execution_job.build()]
}
