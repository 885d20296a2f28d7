//! EKS: Kubernetes clusters.

use std::borrow::Cow;
use std::rc::Rc;

use super::ec2::{InstanceType, SecurityGroup, Vpc};
use crate::core::{CfnResource, Output, RemovalPolicy, Scope};
use crate::iam::{Principal, Role};
use crate::value::{Text, Value};

/// How many nodes a cluster has unless said.
const DEFAULT_CAPACITY: u32 = 2;

/// A Kubernetes cluster, made in the stack or imported.
///
/// It is a handle: clones are the same cluster.
#[derive(Clone, Debug)]
pub struct EksCluster {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    /// None if it was imported.
    resource: Option<CfnResource>,
    name: Text,
    endpoint: Option<Text>,
    certificate_authority_data: Option<Text>,
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesVersion(Cow<'static, str>);

impl KubernetesVersion {
    /// Version 1.18.
    pub const V1_18: Self = Self(Cow::Borrowed("1.18"));
    /// Version 1.19.
    pub const V1_19: Self = Self(Cow::Borrowed("1.19"));
    /// Version 1.20.
    pub const V1_20: Self = Self(Cow::Borrowed("1.20"));
    /// Version 1.21.
    pub const V1_21: Self = Self(Cow::Borrowed("1.21"));

    /// A version by its number: `1.34`.
    pub fn of(version: impl Into<String>) -> Self {
        Self(Cow::Owned(version.into()))
    }

    /// Its number.
    pub fn version(&self) -> &str {
        &self.0
    }
}

/// What can be said of a new cluster. What is not given is made.
#[derive(Debug, Clone, Default)]
pub struct EksClusterOptions {
    /// Its name; CloudFormation makes one unless said.
    pub cluster_name: Option<Text>,
    /// The network that it is in.
    pub vpc: Option<Vpc>,
    /// The role of the service.
    pub role: Option<Role>,
    /// The role that may do everything in the cluster; unless given, one that everybody in the account can be
    /// allowed to take on.
    pub masters_role: Option<Role>,
    /// The security group of the control plane.
    pub security_group: Option<SecurityGroup>,
    /// How many nodes it has; 2 unless said.
    pub default_capacity: Option<u32>,
    /// The type of the nodes; `m5.large` unless said.
    pub default_capacity_instance: Option<InstanceType>,
}

/// What is known of a cluster that exists already.
#[derive(Debug, Clone, Default)]
pub struct EksClusterAttributes {
    /// Its name.
    pub cluster_name: Text,
    /// The URL of its Kubernetes API.
    pub cluster_endpoint: Option<Text>,
    /// The certificate of its Kubernetes API, in base64.
    pub cluster_certificate_authority_data: Option<Text>,
}

impl EksCluster {
    /// A cluster with two nodes in a network of its own.
    pub fn new(scope: &Scope, id: &str, version: &KubernetesVersion) -> Self {
        Self::with_options(scope, id, version, EksClusterOptions::default())
    }

    /// A cluster as options say. Roles are let in by access entries.
    pub fn with_options(
        scope: &Scope,
        id: &str,
        version: &KubernetesVersion,
        options: EksClusterOptions,
    ) -> Self {
        let scope = scope.child(id);
        let vpc = options
            .vpc
            .unwrap_or_else(|| Vpc::new(&scope, "DefaultVpc"));
        tag_subnets(&vpc);
        let role = options.role.unwrap_or_else(|| {
            let role = Role::new(&scope, "Role", Principal::service("eks.amazonaws.com"));
            role.add_aws_managed_policy("AmazonEKSClusterPolicy");
            role
        });
        let security_group = options.security_group.unwrap_or_else(|| {
            SecurityGroup::new(&scope, "ControlPlaneSecurityGroup", &vpc)
                .description("EKS Control Plane Security Group")
        });
        let subnets = vpc
            .public_subnets()
            .into_iter()
            .chain(vpc.private_subnets());
        let subnets: Vec<Text> = subnets.map(|subnet| subnet.subnet_id()).collect();
        let network = crate::object! {
            "SubnetIds": subnets,
            "SecurityGroupIds": [security_group.security_group_id()],
            "EndpointPublicAccess": true,
            "EndpointPrivateAccess": true,
        };
        let resource = CfnResource::new(&scope.child("Resource"), "Resource", "AWS::EKS::Cluster")
            .optional("Name", options.cluster_name)
            .property("Version", version.version())
            .property("RoleArn", role.role_arn())
            .property("ResourcesVpcConfig", network)
            .property("AccessConfig", crate::object! {"AuthenticationMode": "API"});
        // The nodes of the cluster reach one another and the internet until it is gone.
        resource.depends_on(vpc.scope());
        resource.removal_policy(RemovalPolicy::Destroy);
        let cluster = Self {
            inner: Rc::new(Inner {
                name: resource.reference(),
                endpoint: Some(resource.attribute("Endpoint")),
                certificate_authority_data: Some(resource.attribute("CertificateAuthorityData")),
                resource: Some(resource),
                scope,
            }),
        };
        let masters = options.masters_role.unwrap_or_else(|| {
            let scope = cluster.scope();
            Role::new(scope, "MastersRole", Principal::account_root(scope))
        });
        cluster.grant_cluster_admin("MastersAccess", &masters);
        let capacity = options.default_capacity.unwrap_or(DEFAULT_CAPACITY);
        if capacity > 0 {
            let kind = options.default_capacity_instance;
            let kind = kind.unwrap_or_else(|| "m5.large".into());
            cluster.add_default_capacity(&vpc, capacity, &kind);
        }
        cluster.write_commands_out(&masters);
        cluster
    }

    /// A cluster that exists already.
    pub fn from_cluster_attributes(
        scope: &Scope,
        id: &str,
        attributes: EksClusterAttributes,
    ) -> Self {
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                resource: None,
                name: attributes.cluster_name,
                endpoint: attributes.cluster_endpoint,
                certificate_authority_data: attributes.cluster_certificate_authority_data,
            }),
        }
    }

    /// Lets a role do everything in the cluster.
    pub fn grant_cluster_admin(&self, id: &str, role: &Role) {
        let policy = Text::concat([
            Text::from("arn:"),
            self.scope().partition(),
            ":eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy".into(),
        ]);
        let policy = crate::object! {
            "AccessScope": crate::object! {"Type": "cluster"},
            "PolicyArn": policy,
        };
        CfnResource::new(&self.scope().child(id), "Resource", "AWS::EKS::AccessEntry")
            .property("ClusterName", self.cluster_name())
            .property("PrincipalArn", role.role_arn())
            .property("AccessPolicies", [policy]);
    }

    /// Nodes in the private subnets; they are let in by an entry that the service makes itself.
    fn add_default_capacity(&self, vpc: &Vpc, size: u32, kind: &InstanceType) {
        let scope = self.scope().child("NodegroupDefaultCapacity");
        let role = Role::new(
            &scope,
            "NodeGroupRole",
            Principal::service("ec2.amazonaws.com"),
        );
        for policy in [
            "AmazonEKSWorkerNodePolicy",
            "AmazonEKS_CNI_Policy",
            "AmazonEC2ContainerRegistryReadOnly",
        ] {
            role.add_aws_managed_policy(policy);
        }
        let subnets = vpc.private_subnets().into_iter();
        let subnets: Vec<Text> = subnets.map(|subnet| subnet.subnet_id()).collect();
        CfnResource::new(&scope, "Resource", "AWS::EKS::Nodegroup")
            .property("ClusterName", self.cluster_name())
            .property("NodeRole", role.role_arn())
            .property("Subnets", subnets)
            .optional("AmiType", kind.name().as_literal().map(ami_type))
            .property("ForceUpdateEnabled", true)
            .property("InstanceTypes", [kind.name()])
            .property(
                "ScalingConfig",
                crate::object! {"DesiredSize": size, "MaxSize": size, "MinSize": size},
            );
    }

    /// Writes out the commands by which the cluster's masters come to it.
    fn write_commands_out(&self, masters: &Role) {
        let scope = self.scope();
        for (id, command) in [
            ("ConfigCommand", "aws eks update-kubeconfig --name "),
            ("GetTokenCommand", "aws eks get-token --cluster-name "),
        ] {
            let command = Text::concat([
                command.into(),
                self.cluster_name(),
                " --region ".into(),
                scope.region(),
                " --role-arn ".into(),
                masters.role_arn(),
            ]);
            Output::new(scope, id, command);
        }
    }

    /// Its name.
    pub fn cluster_name(&self) -> Text {
        self.inner.name.clone()
    }

    /// The URL of its Kubernetes API, if it is known.
    pub fn cluster_endpoint(&self) -> Option<Text> {
        self.inner.endpoint.clone()
    }

    /// The certificate of its Kubernetes API, if it is known.
    pub fn cluster_certificate_authority_data(&self) -> Option<Text> {
        self.inner.certificate_authority_data.clone()
    }

    /// Sets a property of the resource: `("Logging", object! {…})`; nothing for an imported cluster.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }
}

/// Tells Kubernetes in which subnets load balancers go.
fn tag_subnets(vpc: &Vpc) {
    for subnet in vpc.private_subnets() {
        subnet.add_tag("kubernetes.io/role/internal-elb", "1");
    }
    for subnet in vpc.public_subnets() {
        subnet.add_tag("kubernetes.io/role/elb", "1");
    }
}

/// The image of nodes of a type: `g4dn.xlarge` has graphics processors, `m6g.large` is ARM.
fn ami_type(kind: &str) -> &'static str {
    let class = kind.split('.').next().unwrap_or_default();
    let generation = class.find(|c: char| c.is_ascii_digit());
    let (family, capabilities) = class.split_at(generation.unwrap_or(class.len()));
    if ["p", "g", "inf"].contains(&family) {
        "AL2_x86_64_GPU"
    } else if family == "a" || capabilities.contains('g') {
        "AL2_ARM_64"
    } else {
        "AL2_x86_64"
    }
}

#[cfg(test)]
mod tests {
    use super::ami_type;

    #[test]
    fn nodes_have_the_image_of_their_type() {
        let kinds = [
            "m5.large",
            "m6g.large",
            "a1.medium",
            "g4dn.xlarge",
            "inf1.xlarge",
        ];
        let images = [
            "AL2_x86_64",
            "AL2_ARM_64",
            "AL2_ARM_64",
            "AL2_x86_64_GPU",
            "AL2_x86_64_GPU",
        ];
        assert_eq!(kinds.map(ami_type), images);
    }
}
