//! EKS: calls the API of a Kubernetes cluster.

use crate::core::{Problem, Scope};
use crate::resources::EksCluster;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::tasks::property::names;
use crate::value::{Text, Value};

/// Calls the API of a Kubernetes cluster whose endpoint is public. The cluster, not a policy, says what the machine's
/// role may do there.
#[derive(Debug, Clone)]
#[must_use]
pub struct EksCall {
    scope: Scope,
    options: StateOptions,
    cluster: EksCluster,
    http_method: HttpMethods,
    http_path: Text,
    query_parameters: Option<Value>,
    request_body: Option<TaskInput>,
}

names! {
    /// What is done with a resource of Kubernetes.
    pub enum HttpMethods {
        /// It is read.
        Get = "GET",
        /// Something is created in it.
        Post = "POST",
        /// It is replaced.
        Put = "PUT",
        /// It is deleted.
        Delete = "DELETE",
        /// It is changed.
        Patch = "PATCH",
        /// Whether it is there.
        Head = "HEAD",
    }
}

impl EksCall {
    /// Calls a cluster's API: `/api/v1/namespaces/default/pods`.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster: &EksCluster,
        http_method: HttpMethods,
        http_path: impl Into<Text>,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster: cluster.clone(),
            http_method,
            http_path: http_path.into(),
            query_parameters: None,
            request_body: None,
        }
    }

    /// What stands in the query: an object with a list of texts for each name.
    pub fn query_parameters(mut self, parameters: impl Into<Value>) -> Self {
        self.query_parameters = Some(parameters.into());
        self
    }

    /// The body of the call.
    pub fn request_body(mut self, body: TaskInput) -> Self {
        self.request_body = Some(body);
        self
    }
}

task_state!(EksCall, define);

fn define(call: EksCall, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let known = |value: Option<Text>, name: &str| {
        value.ok_or_else(|| {
            let message = format!(
                "The \"{name}\" property must be specified when using an imported Cluster."
            );
            Problem::property("cluster", message)
        })
    };
    let cluster = &call.cluster;
    let endpoint = known(cluster.cluster_endpoint(), "clusterEndpoint")?;
    let certificate = known(
        cluster.cluster_certificate_authority_data(),
        "clusterCertificateAuthorityData",
    )?;
    let parameters = Value::object([
        ("ClusterName", Some(cluster.cluster_name().into())),
        ("CertificateAuthority", Some(certificate.into())),
        ("Endpoint", Some(endpoint.into())),
        ("Method", Some(call.http_method.into())),
        ("Path", Some(call.http_path.into())),
        ("QueryParameters", call.query_parameters),
        ("RequestBody", call.request_body.map(TaskInput::into_value)),
    ]);
    task.integration("eks", "call", pattern, parameters, &[])
}
