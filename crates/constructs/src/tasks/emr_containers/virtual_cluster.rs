//! Makes and deletes virtual clusters.

use crate::core::{Problem, Scope};
use crate::resources::EksCluster;
use crate::states::{
    IntegrationPattern, StateOptions, TaskDefinition, TaskInput, TaskScope, task_state,
};
use crate::tasks::property::names;
use crate::value::{JsonPath, Object, Text, Value};

names! {
    /// What runs the containers of a virtual cluster.
    pub enum ContainerProviderTypes {
        /// A cluster of EKS.
        Eks = "EKS",
    }
}

/// The EKS cluster that a virtual cluster is on.
#[derive(Debug, Clone, PartialEq)]
pub struct EksClusterInput {
    cluster_name: Value,
}

impl EksClusterInput {
    /// A cluster.
    pub fn from_cluster(cluster: &EksCluster) -> Self {
        Self {
            cluster_name: cluster.cluster_name().into(),
        }
    }

    /// A cluster by its name, which may be a path.
    pub fn from_task_input(name: TaskInput) -> Self {
        Self {
            cluster_name: name.into_value(),
        }
    }

    /// The cluster's name.
    pub fn cluster_name(&self) -> &Value {
        &self.cluster_name
    }
}

/// Makes a virtual cluster: lets EMR use a namespace of an EKS cluster.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrContainersCreateVirtualCluster {
    scope: Scope,
    options: StateOptions,
    eks_cluster: EksClusterInput,
    eks_namespace: Text,
    tags: Option<Object>,
    virtual_cluster_name: Option<Text>,
}

impl EmrContainersCreateVirtualCluster {
    /// Makes a virtual cluster on an EKS cluster.
    pub fn new(scope: &Scope, id: &str, eks_cluster: EksClusterInput) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            eks_cluster,
            eks_namespace: "default".into(),
            tags: None,
            virtual_cluster_name: None,
        }
    }

    /// The namespace; `default` unless said.
    pub fn eks_namespace(mut self, namespace: impl Into<Text>) -> Self {
        self.eks_namespace = namespace.into();
        self
    }

    /// Tags of the virtual cluster.
    pub fn tags<K: Into<String>, V: Into<Text>>(
        mut self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let tags = tags.into_iter();
        let tags = tags.map(|(key, value)| (key.into(), Value::Text(value.into())));
        self.tags = Some(tags.collect());
        self
    }

    /// The virtual cluster's name; the names of the execution and of the state with a slash between them, unless said.
    pub fn virtual_cluster_name(mut self, name: impl Into<Text>) -> Self {
        self.virtual_cluster_name = Some(name.into());
        self
    }
}

task_state!(EmrContainersCreateVirtualCluster, define_creation);

fn define_creation(
    cluster: EmrContainersCreateVirtualCluster,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::RequestResponse;

    let pattern = task.pattern(RequestResponse, &[RequestResponse])?;
    let name = match (cluster.virtual_cluster_name, task.is_jsonata()) {
        (Some(name), _) => name,
        // The CDK writes States.Format here, which JSONata does not have.
        (None, true) => {
            "{% $states.context.Execution.Name & '/' & $states.context.State.Name %}".into()
        }
        (None, false) => {
            let path = "States.Format('{}/{}', $$.Execution.Name, $$.State.Name)";
            JsonPath::string_at(path).into()
        }
    };
    let eks = crate::object! {"Namespace": cluster.eks_namespace};
    let provider = crate::object! {
        "Id": cluster.eks_cluster.cluster_name,
        "Info": crate::object! {"EksInfo": eks},
        "Type": ContainerProviderTypes::Eks,
    };
    let parameters = Value::object([
        ("Name", Some(name.into())),
        ("ContainerProvider", Some(provider)),
        ("Tags", cluster.tags.map(Value::from)),
    ]);
    task.integration(
        "emr-containers",
        "createVirtualCluster",
        pattern,
        parameters,
        &[],
    )
}

/// Deletes a virtual cluster. The EKS cluster stays.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrContainersDeleteVirtualCluster {
    scope: Scope,
    options: StateOptions,
    virtual_cluster_id: TaskInput,
}

impl EmrContainersDeleteVirtualCluster {
    /// Deletes a virtual cluster by its id, which may be a path.
    pub fn new(scope: &Scope, id: &str, virtual_cluster_id: TaskInput) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            virtual_cluster_id,
        }
    }
}

task_state!(EmrContainersDeleteVirtualCluster, define_deletion);

fn define_deletion(
    delete: EmrContainersDeleteVirtualCluster,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RequestResponse, &[RequestResponse, RunJob])?;
    let parameters = crate::object! {"Id": delete.virtual_cluster_id};
    task.integration(
        "emr-containers",
        "deleteVirtualCluster",
        pattern,
        parameters,
        &[],
    )
}
