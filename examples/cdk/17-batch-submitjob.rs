//! Batch: SubmitJob

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let container = JobDefinitionContainer::new("foo/bar");
    let batch_job_definition = JobDefinition::new(stack, "JobDefinition", container);
    let environment = ComputeEnvironment::unmanaged(stack, "ComputeEnv");
    let batch_queue = JobQueue::new(stack, "JobQueue", [(1, &environment)]);

    let task = BatchSubmitJob::new(
        stack,
        "Submit Job",
        batch_job_definition.job_definition_arn(),
        "MyJob",
        batch_queue.job_queue_arn(),
    );

    vec![task.build()]
}
