//! EKS, and virtual clusters of EMR on EKS.

use IntegrationPattern::{RunJob, WaitForTaskToken};
use stepmill::prelude::*;

use super::{refused, unsupported};

fn imported(stack: &Stack, endpoint: Option<&str>) -> EksCluster {
    let attributes = EksClusterAttributes {
        cluster_name: "name".into(),
        cluster_endpoint: endpoint.map(Text::from),
        cluster_certificate_authority_data: None,
    };
    EksCluster::from_cluster_attributes(stack, "Cluster", attributes)
}

#[test]
fn patterns() {
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        EksCall::new(stack, "T", &imported(stack, None), HttpMethods::Get, "/")
    });
    unsupported("REQUEST_RESPONSE", RunJob, |stack| {
        let name = EksClusterInput::from_task_input(TaskInput::from_text("name"));
        EmrContainersCreateVirtualCluster::new(stack, "T", name)
    });
    unsupported("REQUEST_RESPONSE,RUN_JOB", WaitForTaskToken, |stack| {
        EmrContainersDeleteVirtualCluster::new(stack, "T", TaskInput::from_text("id"))
    });
}

#[test]
fn imported_clusters() {
    let message =
        "The \"clusterEndpoint\" property must be specified when using an imported Cluster.";
    refused("cluster", message, |stack| {
        EksCall::new(stack, "T", &imported(stack, None), HttpMethods::Get, "/")
    });
    let message = "The \"clusterCertificateAuthorityData\" property must be specified when using an imported Cluster.";
    refused("cluster", message, |stack| {
        let cluster = imported(stack, Some("https://example.com"));
        EksCall::new(stack, "T", &cluster, HttpMethods::Get, "/")
    });
}
