//! Athena: GetQueryResults

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let query = JsonPath::string_at("$.QueryExecutionId");
    let get_query_results_job = AthenaGetQueryResults::new(stack, "Get Query Results", query);

    vec![get_query_results_job.build()]
}
