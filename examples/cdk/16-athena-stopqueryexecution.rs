//! Athena: StopQueryExecution

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let query = JsonPath::string_at("$.QueryExecutionId");
    let stop_query_execution_job = AthenaStopQueryExecution::new(stack, "Stop Query Execution", query);

    vec![stop_query_execution_job.build()]
}
