//! EMR on EKS: Start Job Run (5)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let role = Role::from_role_arn(stack, "Job-Execution-Role", "arn:aws:iam::xxxxxxxxxxxx:role/JobExecutionRole");
    let spark = SparkSubmitJobDriver::new(TaskInput::from_text("local:///usr/lib/spark/examples/src/main/python/pi.py"))
        .spark_submit_parameters("--conf spark.executor.instances=2 --conf spark.executor.memory=2G --conf spark.executor.cores=2 --conf spark.driver.cores=1");
    let task = EmrContainersStartJobRun::new(
        stack,
        "EMR Containers Start Job Run",
        VirtualClusterInput::from_task_input(TaskInput::from_json_path_at("$.VirtualClusterId")),
        ReleaseLabel::EMR_6_2_0,
        JobDriver::new(spark),
    )
    .job_name("EMR-Containers-Job")
    .execution_role(&role);

    vec![task.build()]
}
