//! Terminates clusters, or protects them from it.

use super::{job, request};
use crate::core::{Problem, Scope};
use crate::states::{StateOptions, TaskDefinition, TaskScope, task_state};
use crate::value::Text;

/// Protects a cluster from being terminated, or no longer.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrSetClusterTerminationProtection {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
    termination_protected: bool,
}

impl EmrSetClusterTerminationProtection {
    /// Protects a cluster, or no longer.
    pub fn new(
        scope: &Scope,
        id: &str,
        cluster_id: impl Into<Text>,
        termination_protected: bool,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
            termination_protected,
        }
    }
}

task_state!(EmrSetClusterTerminationProtection, define_protection);

fn define_protection(
    protection: EmrSetClusterTerminationProtection,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let parameters = crate::object! {
        "ClusterId": protection.cluster_id,
        "TerminationProtected": protection.termination_protected,
    };
    request(task, "setClusterTerminationProtection", parameters)
}

/// Terminates a cluster and, unless another pattern is said, waits until it is gone.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrTerminateCluster {
    scope: Scope,
    options: StateOptions,
    cluster_id: Text,
}

impl EmrTerminateCluster {
    /// Terminates a cluster.
    pub fn new(scope: &Scope, id: &str, cluster_id: impl Into<Text>) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            cluster_id: cluster_id.into(),
        }
    }
}

task_state!(EmrTerminateCluster, define_termination);

fn define_termination(
    terminate: EmrTerminateCluster,
    task: &mut TaskScope,
) -> Result<TaskDefinition, Problem> {
    let parameters = crate::object! {"ClusterId": terminate.cluster_id};
    job(task, "terminateCluster", parameters)
}
