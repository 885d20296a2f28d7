//! EMR on EKS: Start Job Run (2)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let spark = SparkSubmitJobDriver::new(TaskInput::from_text("local:///usr/lib/spark/examples/src/main/python/pi.py"));
    let defaults = ApplicationConfiguration::new(Classification::SPARK_DEFAULTS).properties(object! {
        "spark.executor.instances": "1",
        "spark.executor.memory": "512M",
    });
    let task = EmrContainersStartJobRun::new(
        stack,
        "EMR Containers Start Job Run",
        VirtualClusterInput::from_virtual_cluster_id("de92jdei2910fwedz"),
        ReleaseLabel::EMR_6_2_0,
        JobDriver::new(spark),
    )
    .job_name("EMR-Containers-Job")
    .application_config([defaults]);

    vec![task.build()]
}
