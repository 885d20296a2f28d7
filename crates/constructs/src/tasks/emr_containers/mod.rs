//! EMR on EKS: virtual clusters and the jobs that run on them.

mod virtual_cluster;

pub use virtual_cluster::{
    ContainerProviderTypes, EksClusterInput, EmrContainersCreateVirtualCluster,
    EmrContainersDeleteVirtualCluster,
};
