//! Makes a cluster.

use super::configuration::{
    ApplicationConfigProperty, BootstrapActionConfigProperty, ConfigurationProperty,
    KerberosAttributesProperty,
};
use super::instances::InstancesConfigProperty;
use super::scaling::ManagedScalingPolicyProperty;
use crate::core::{CfnResource, Duration, Feature, Problem, Scope, Size};
use crate::iam::{Principal, Role, Statement};
use crate::states::{IntegrationPattern, StateOptions, TaskDefinition, TaskScope, task_state};
use crate::tasks::property::{key_values, names};
use crate::value::{Object, Text, Value};

/// Makes a cluster and, unless another pattern is said, waits until it is ready. Roles that are not given are made; to
/// allow one of them more, make it and give it.
#[derive(Debug, Clone)]
#[must_use]
pub struct EmrCreateCluster {
    scope: Scope,
    options: StateOptions,
    instances: InstancesConfigProperty,
    name: Text,
    additional_info: Option<Text>,
    applications: Option<Vec<ApplicationConfigProperty>>,
    auto_scaling_role: Option<Role>,
    auto_termination_policy_idle_timeout: Option<Duration>,
    bootstrap_actions: Option<Vec<BootstrapActionConfigProperty>>,
    cluster_role: Option<Role>,
    configurations: Option<Vec<ConfigurationProperty>>,
    custom_ami_id: Option<Text>,
    ebs_root_volume_iops: Option<u64>,
    ebs_root_volume_size: Option<Size>,
    ebs_root_volume_throughput: Option<u64>,
    kerberos_attributes: Option<KerberosAttributesProperty>,
    log_uri: Option<Text>,
    managed_scaling_policy: Option<ManagedScalingPolicyProperty>,
    release_label: Option<Text>,
    scale_down_behavior: Option<EmrClusterScaleDownBehavior>,
    security_configuration: Option<Text>,
    service_role: Option<Role>,
    step_concurrency_level: Option<Value>,
    tags: Option<Object>,
    visible_to_all_users: bool,
}

names! {
    /// When instances are terminated as a cluster shrinks.
    pub enum EmrClusterScaleDownBehavior {
        /// At the end of the hour that was paid.
        TerminateAtInstanceHour = "TERMINATE_AT_INSTANCE_HOUR",
        /// When their tasks have ended.
        TerminateAtTaskCompletion = "TERMINATE_AT_TASK_COMPLETION",
    }
}

impl EmrCreateCluster {
    /// Makes a cluster with a name.
    pub fn new(
        scope: &Scope,
        id: &str,
        name: impl Into<Text>,
        instances: InstancesConfigProperty,
    ) -> Self {
        Self {
            scope: scope.child(id),
            options: StateOptions::default(),
            instances,
            name: name.into(),
            additional_info: None,
            applications: None,
            auto_scaling_role: None,
            auto_termination_policy_idle_timeout: None,
            bootstrap_actions: None,
            cluster_role: None,
            configurations: None,
            custom_ami_id: None,
            ebs_root_volume_iops: None,
            ebs_root_volume_size: None,
            ebs_root_volume_throughput: None,
            kerberos_attributes: None,
            log_uri: None,
            managed_scaling_policy: None,
            release_label: None,
            scale_down_behavior: None,
            security_configuration: None,
            service_role: None,
            step_concurrency_level: None,
            tags: None,
            visible_to_all_users: true,
        }
    }

    /// JSON that selects further features of EMR.
    pub fn additional_info(mut self, info: impl Into<Text>) -> Self {
        self.additional_info = Some(info.into());
        self
    }

    /// The applications that EMR installs.
    pub fn applications(
        mut self,
        applications: impl IntoIterator<Item = ApplicationConfigProperty>,
    ) -> Self {
        self.applications = Some(applications.into_iter().collect());
        self
    }

    /// The role of automatic scaling; made unless given, and not for fleets.
    pub fn auto_scaling_role(mut self, role: &Role) -> Self {
        self.auto_scaling_role = Some(role.clone());
        self
    }

    /// After how long without work the cluster is terminated, from a minute to 7 days.
    pub fn auto_termination_policy_idle_timeout(mut self, timeout: impl Into<Duration>) -> Self {
        self.auto_termination_policy_idle_timeout = Some(timeout.into());
        self
    }

    /// Scripts that run on every instance before Hadoop starts.
    pub fn bootstrap_actions(
        mut self,
        actions: impl IntoIterator<Item = BootstrapActionConfigProperty>,
    ) -> Self {
        self.bootstrap_actions = Some(actions.into_iter().collect());
        self
    }

    /// The role of the instances; made unless given, with an instance profile of the same name.
    pub fn cluster_role(mut self, role: &Role) -> Self {
        self.cluster_role = Some(role.clone());
        self
    }

    /// Settings of the applications.
    pub fn configurations(
        mut self,
        configurations: impl IntoIterator<Item = ConfigurationProperty>,
    ) -> Self {
        self.configurations = Some(configurations.into_iter().collect());
        self
    }

    /// The instances' image.
    pub fn custom_ami_id(mut self, id: impl Into<Text>) -> Self {
        self.custom_ami_id = Some(id.into());
        self
    }

    /// Operations per second of the instances' root volume, from 3000 to 16000; since release 6.15.0.
    pub fn ebs_root_volume_iops(mut self, iops: u64) -> Self {
        self.ebs_root_volume_iops = Some(iops);
        self
    }

    /// The size of the instances' root volume, in whole gibibytes.
    pub fn ebs_root_volume_size(mut self, size: Size) -> Self {
        self.ebs_root_volume_size = Some(size);
        self
    }

    /// The throughput of the instances' root volume, from 125 to 1000 mebibytes per second; since release 6.15.0.
    pub fn ebs_root_volume_throughput(mut self, throughput: u64) -> Self {
        self.ebs_root_volume_throughput = Some(throughput);
        self
    }

    /// Kerberos, where a security configuration turns it on.
    pub fn kerberos_attributes(mut self, attributes: KerberosAttributesProperty) -> Self {
        self.kerberos_attributes = Some(attributes);
        self
    }

    /// Where in S3 the logs are written.
    pub fn log_uri(mut self, uri: impl Into<Text>) -> Self {
        self.log_uri = Some(uri.into());
        self
    }

    /// The limits within which EMR lets the cluster grow and shrink.
    pub fn managed_scaling_policy(mut self, policy: ManagedScalingPolicyProperty) -> Self {
        self.managed_scaling_policy = Some(policy);
        self
    }

    /// EMR's release: `emr-5.33.0`.
    pub fn release_label(mut self, label: impl Into<Text>) -> Self {
        self.release_label = Some(label.into());
        self
    }

    /// When instances are terminated as the cluster shrinks.
    pub fn scale_down_behavior(mut self, behavior: EmrClusterScaleDownBehavior) -> Self {
        self.scale_down_behavior = Some(behavior);
        self
    }

    /// The name of a security configuration.
    pub fn security_configuration(mut self, name: impl Into<Text>) -> Self {
        self.security_configuration = Some(name.into());
        self
    }

    /// The role of EMR itself; made unless given.
    pub fn service_role(mut self, role: &Role) -> Self {
        self.service_role = Some(role.clone());
        self
    }

    /// How many steps run at once, from 1 to 256; 1 unless said. More than 1 since release 5.28.0.
    pub fn step_concurrency_level(mut self, level: impl Into<Value>) -> Self {
        self.step_concurrency_level = Some(level.into());
        self
    }

    /// Tags of the cluster and its instances.
    pub fn tags<K: Into<String>, V: Into<Text>>(
        mut self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let tags = tags.into_iter();
        let tags = tags.map(|(key, value)| (key.into(), Value::Text(value.into())));
        self.tags = Some(tags.collect());
        self
    }

    /// Whether every user of the account may use the cluster, if policies allow it; yes unless said.
    pub fn visible_to_all_users(mut self, visible: bool) -> Self {
        self.visible_to_all_users = visible;
        self
    }
}

task_state!(EmrCreateCluster, define);

fn define(mut cluster: EmrCreateCluster, task: &mut TaskScope) -> Result<TaskDefinition, Problem> {
    use IntegrationPattern::{RequestResponse, RunJob};

    let pattern = task.pattern(RunJob, &[RequestResponse, RunJob])?;
    check(&cluster)?;
    let scope = &task.scope;
    let service = cluster
        .service_role
        .take()
        .unwrap_or_else(|| service_role(scope));
    let instances = cluster
        .cluster_role
        .take()
        .unwrap_or_else(|| cluster_role(scope));
    if scope.has(Feature::Version2) {
        service.add_to_policy(Statement::allow(["iam:PassRole"], [instances.role_arn()]));
    }
    let scaling = match cluster.instances.has_fleets() {
        true => None,
        false => Some(
            cluster
                .auto_scaling_role
                .take()
                .unwrap_or_else(|| auto_scaling_role(scope)),
        ),
    };
    if scope.has(Feature::EmrServicePolicyV2) {
        let tag = ("for-use-with-amazon-emr-managed-policies", "true");
        let tags = cluster.tags.get_or_insert_default();
        tags.insert(tag.0.to_owned(), tag.1.into());
    }
    let roles = [Some(&service), Some(&instances), scaling.as_ref()];
    let roles = roles.into_iter().flatten();
    let known: Vec<_> = roles
        .map(|role| (role.role_name(), role.role_arn()))
        .collect();
    let parameters = parameters(cluster, &service, &instances, scaling.as_ref());
    task.integration(super::SERVICE, "createCluster", pattern, parameters, &known)
}

fn parameters(
    cluster: EmrCreateCluster,
    service: &Role,
    instances: &Role,
    scaling: Option<&Role>,
) -> Value {
    let idle = cluster
        .auto_termination_policy_idle_timeout
        .map(|timeout| crate::object! {"IdleTimeout": timeout.to_seconds()});
    Value::object([
        ("Instances", Some(cluster.instances.for_a_task())),
        ("JobFlowRole", Some(instances.role_name().into())),
        ("Name", Some(cluster.name.into())),
        ("ServiceRole", Some(service.role_name().into())),
        ("AdditionalInfo", cluster.additional_info.map(Value::from)),
        ("Applications", cluster.applications.map(Value::from)),
        (
            "AutoScalingRole",
            scaling.map(|role| role.role_name().into()),
        ),
        (
            "BootstrapActions",
            cluster.bootstrap_actions.map(Value::from),
        ),
        ("Configurations", cluster.configurations.map(Value::from)),
        ("CustomAmiId", cluster.custom_ami_id.map(Value::from)),
        (
            "EbsRootVolumeSize",
            cluster
                .ebs_root_volume_size
                .map(|size| size.to_gibibytes().into()),
        ),
        (
            "EbsRootVolumeIops",
            cluster.ebs_root_volume_iops.map(Value::from),
        ),
        (
            "EbsRootVolumeThroughput",
            cluster.ebs_root_volume_throughput.map(Value::from),
        ),
        (
            "KerberosAttributes",
            cluster.kerberos_attributes.map(Value::from),
        ),
        ("LogUri", cluster.log_uri.map(Value::from)),
        (
            "ManagedScalingPolicy",
            cluster.managed_scaling_policy.map(Value::from),
        ),
        ("ReleaseLabel", cluster.release_label.map(Value::from)),
        (
            "ScaleDownBehavior",
            cluster.scale_down_behavior.map(Value::from),
        ),
        (
            "SecurityConfiguration",
            cluster.security_configuration.map(Value::from),
        ),
        ("StepConcurrencyLevel", cluster.step_concurrency_level),
        ("Tags", cluster.tags.map(key_values)),
        (
            "VisibleToAllUsers",
            Some(cluster.visible_to_all_users.into()),
        ),
        ("AutoTerminationPolicy", idle),
    ])
}

fn service_role(scope: &Scope) -> Role {
    let role = Role::new(
        scope,
        "ServiceRole",
        Principal::service("elasticmapreduce.amazonaws.com"),
    );
    role.add_aws_managed_policy(match scope.has(Feature::EmrServicePolicyV2) {
        true => "service-role/AmazonEMRServicePolicy_v2",
        false => "service-role/AmazonElasticMapReduceRole",
    });
    role
}

/// The instances' role; what they may do with data is the author's to say.
fn cluster_role(scope: &Scope) -> Role {
    let role = Role::new(
        scope,
        "InstanceRole",
        Principal::service("ec2.amazonaws.com"),
    );
    CfnResource::new(scope, "InstanceProfile", "AWS::IAM::InstanceProfile")
        .property("Roles", [role.role_name()])
        .property("InstanceProfileName", role.role_name());
    role
}

fn auto_scaling_role(scope: &Scope) -> Role {
    let role = Role::new(
        scope,
        "AutoScalingRole",
        Principal::service("elasticmapreduce.amazonaws.com"),
    );
    role.add_aws_managed_policy("service-role/AmazonElasticMapReduceforAutoScalingRole");
    role.trust(Principal::service("application-autoscaling.amazonaws.com"));
    role
}

fn check(cluster: &EmrCreateCluster) -> Result<(), Problem> {
    if cluster.instances.has_fleets() && cluster.auto_scaling_role.is_some() {
        let message = "Auto Scaling roles can not be specified with instance fleets.";
        return Err(Problem::property("auto_scaling_role", message));
    }
    if let Some(timeout) = cluster.auto_termination_policy_idle_timeout {
        let seconds = timeout.to_seconds();
        if !(60..=604_800).contains(&seconds) {
            let message = format!(
                "`autoTerminationPolicyIdleTimeout` must be between 60 and 604800 seconds, got {seconds} seconds."
            );
            return Err(Problem::property(
                "auto_termination_policy_idle_timeout",
                message,
            ));
        }
    }
    let release = cluster.release_label.as_ref().and_then(Text::as_literal);
    let version = release.map(version).transpose()?;
    let release = release.zip(version);
    check_steps(cluster, release)?;
    check_root_volume(cluster, release)?;
    cluster.instances.check()
}

/// The numbers of a release label.
fn version(release: &str) -> Result<[u64; 3], Problem> {
    let numbers = release.strip_prefix("emr-").map(|numbers| {
        let numbers = numbers.split('.').map(str::parse);
        numbers.collect::<Result<Vec<u64>, _>>()
    });
    match numbers {
        Some(Ok(numbers)) => numbers.try_into().ok(),
        _ => None,
    }
    .ok_or_else(|| {
        let message =
            format!("The release label must be in the format 'emr-x.x.x' but got {release}");
        Problem::property("release_label", message)
    })
}

fn check_steps(
    cluster: &EmrCreateCluster,
    release: Option<(&str, [u64; 3])>,
) -> Result<(), Problem> {
    let Some(Value::Number(level)) = &cluster.step_concurrency_level else {
        return Ok(());
    };
    let wrong = |message| Err(Problem::property("step_concurrency_level", message));
    if !level
        .as_u64()
        .is_some_and(|level| (1..=256).contains(&level))
    {
        return wrong(format!(
            "Step concurrency level must be in range [1, 256], but got {level}."
        ));
    }
    match release {
        Some((label, version)) if level.as_u64() != Some(1) && version < [5, 28, 0] => {
            wrong(format!(
                "Step concurrency is only supported in EMR release version 5.28.0 and above but got {label}."
            ))
        }
        _ => Ok(()),
    }
}

fn check_root_volume(
    cluster: &EmrCreateCluster,
    release: Option<(&str, [u64; 3])>,
) -> Result<(), Problem> {
    if let Some(size) = cluster.ebs_root_volume_size.map(Size::to_gibibytes)
        && cluster.scope.has(Feature::Version2)
        && !(15..=100).contains(&size)
    {
        let message =
            format!("ebsRootVolumeSize must be between 15 and 100 GiB, but got {size} GiB.");
        return Err(Problem::property("ebs_root_volume_size", message));
    }
    let (throughput, iops) = (
        cluster.ebs_root_volume_throughput,
        cluster.ebs_root_volume_iops,
    );
    if let Some((label, version)) = release
        && version < [6, 15, 0]
        && (throughput.is_some() || iops.is_some())
    {
        let message = format!(
            "ebsRootVolumeThroughput and ebsRootVolumeIops are only supported in EMR release version 6.15.0 and above but \
             got {label}."
        );
        return Err(Problem::property("release_label", message));
    }
    if let Some(throughput) = throughput.filter(|number| !(125..=1000).contains(number)) {
        let message = format!(
            "ebsRootVolumeThroughput must be between 125 and 1000 MiB/s, but got {throughput} MiB/s."
        );
        return Err(Problem::property("ebs_root_volume_throughput", message));
    }
    if let Some(iops) = iops.filter(|number| !(3000..=16000).contains(number)) {
        let message = format!("ebsRootVolumeIops must be between 3000 and 16000, but got {iops}.");
        return Err(Problem::property("ebs_root_volume_iops", message));
    }
    Ok(())
}
