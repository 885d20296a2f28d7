//! Athena: GetQueryExecution

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let query = JsonPath::string_at("$.QueryExecutionId");
    let get_query_execution_job = AthenaGetQueryExecution::new(stack, "Get Query Execution", query);

    vec![get_query_execution_job.build()]
}
