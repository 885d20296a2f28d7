//! EMR on EKS: virtual clusters and the jobs that run on them.

mod job_driver;
mod monitoring;
mod start_job_run;
mod trust;
mod virtual_cluster;

pub use job_driver::{
    ApplicationConfiguration, Classification, JobDriver, ReleaseLabel, SparkSubmitJobDriver,
};
pub use monitoring::Monitoring;
pub use start_job_run::{EmrContainersStartJobRun, VirtualClusterInput};
pub use virtual_cluster::{
    ContainerProviderTypes, EksClusterInput, EmrContainersCreateVirtualCluster,
    EmrContainersDeleteVirtualCluster,
};
