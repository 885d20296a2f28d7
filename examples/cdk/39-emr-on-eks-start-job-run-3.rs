//! EMR on EKS: Start Job Run (3)

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let spark = SparkSubmitJobDriver::new(TaskInput::from_text("local:///usr/lib/spark/examples/src/main/python/pi.py"))
        .spark_submit_parameters("--conf spark.executor.instances=2 --conf spark.executor.memory=2G --conf spark.executor.cores=2 --conf spark.driver.cores=1");
    let task = EmrContainersStartJobRun::new(
        stack,
        "EMR Containers Start Job Run",
        VirtualClusterInput::from_virtual_cluster_id("de92jdei2910fwedz"),
        ReleaseLabel::EMR_6_2_0,
        JobDriver::new(spark),
    )
    .monitoring(Monitoring::new().logging(true));

    vec![task.build()]
}
