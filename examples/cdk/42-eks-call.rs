//! EKS: Call

use stepmill::prelude::*;

pub(crate) fn build(stack: &Stack) -> Vec<State> {
    let options = EksClusterOptions {
        cluster_name: Some("myEksCluster".into()),
        ..EksClusterOptions::default()
    };
    let my_eks_cluster =
        EksCluster::with_options(stack, "my sample cluster", &KubernetesVersion::V1_18, options);

    let path = "/api/v1/namespaces/default/pods";
    let task = EksCall::new(stack, "Call a EKS Endpoint", &my_eks_cluster, HttpMethods::Get, path);

    vec![task.build()]
}
