//! Networks that SageMaker's instances are connected to.

use crate::core::{Problem, Scope};
use crate::resources::{Connections, SecurityGroup, SubnetSelection, Vpc};
use crate::value::{Text, Value};

/// What SageMaker's role must be allowed to connect its instances to a network.
pub(super) const NETWORK_ACTIONS: [&str; 9] = [
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

/// The network that instances are connected to.
#[derive(Debug, Clone)]
#[must_use]
pub struct VpcConfig {
    vpc: Vpc,
    subnets: SubnetSelection,
}

impl VpcConfig {
    /// The private subnets of a network.
    pub fn new(vpc: &Vpc) -> Self {
        Self {
            vpc: vpc.clone(),
            subnets: SubnetSelection::default(),
        }
    }

    /// The subnets; private ones unless said.
    pub fn subnets(mut self, subnets: impl Into<SubnetSelection>) -> Self {
        self.subnets = subnets.into();
        self
    }
}

/// How a task's instances are connected: its network, and security groups besides the one that is made for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    pub(super) config: Option<VpcConfig>,
    pub(super) connections: Connections,
    pub(super) security_groups: Vec<SecurityGroup>,
}

impl Network {
    /// The parameter `VpcConfig`, with a new security group under an id.
    pub(super) fn to_value(&self, scope: &Scope, id: &str) -> Result<Option<Value>, Problem> {
        let Some(VpcConfig { vpc, subnets }) = &self.config else {
            return Ok(None);
        };
        let subnets = vpc.select_subnets(subnets)?;
        let own = SecurityGroup::new(scope, id, vpc);
        self.connections.add_security_group(&own);
        let groups = std::iter::once(&own).chain(&self.security_groups);
        let groups: Vec<Text> = groups.map(SecurityGroup::security_group_id).collect();
        Ok(Some(crate::object! {
            "SecurityGroupIds": groups,
            "Subnets": subnets.subnet_ids(),
        }))
    }
}
