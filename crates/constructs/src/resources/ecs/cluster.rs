//! Clusters: where tasks run.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::capacity::{AddCapacityOptions, AutoScalingGroup};
use crate::core::{CfnResource, Problem, Scope};
use crate::resources::ec2::{Connectable, Connections, SecurityGroup, Vpc, VpcOptions};
use crate::value::{Text, Value};

/// A cluster, made in the stack or imported.
///
/// It is a handle: clones are the same cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    resource: Option<CfnResource>,
    arn: Text,
    name: Text,
    /// None if it was imported without saying.
    vpc: Option<Vpc>,
    connections: Connections,
    has_ec2_capacity: Cell<Option<bool>>,
    capacity_providers: Rc<RefCell<Vec<String>>>,
}

/// What is known of a cluster that exists already.
#[derive(Debug, Clone)]
pub struct ClusterAttributes {
    /// Its name.
    pub cluster_name: Text,
    /// The network that its instances and tasks are in.
    pub vpc: Vpc,
    /// The security groups of its instances.
    pub security_groups: Vec<SecurityGroup>,
    /// Whether it has instances; so unless said.
    pub has_ec2_capacity: bool,
}

impl ClusterAttributes {
    /// A cluster with instances, by its name, and the network it is in.
    pub fn new(cluster_name: impl Into<Text>, vpc: &Vpc) -> Self {
        Self {
            cluster_name: cluster_name.into(),
            vpc: vpc.clone(),
            security_groups: Vec::new(),
            has_ec2_capacity: true,
        }
    }
}

impl Cluster {
    /// A cluster in a network.
    pub fn new(scope: &Scope, id: &str, vpc: &Vpc) -> Self {
        Self::at(scope.child(id), |_| vpc.clone())
    }

    /// A cluster in a network of its own, with two zones.
    pub fn with_own_vpc(scope: &Scope, id: &str) -> Self {
        let options = VpcOptions {
            max_azs: Some(2),
            ..VpcOptions::default()
        };
        Self::at(scope.child(id), |scope| {
            Vpc::with_options(scope, "Vpc", options)
        })
    }

    fn at(scope: Scope, vpc: impl FnOnce(&Scope) -> Vpc) -> Self {
        let resource = CfnResource::new(&scope, "Resource", "AWS::ECS::Cluster");
        Self {
            inner: Rc::new(Inner {
                arn: resource.attribute("Arn"),
                name: resource.reference(),
                vpc: Some(vpc(&scope)),
                resource: Some(resource),
                connections: Connections::default(),
                has_ec2_capacity: Cell::new(Some(false)),
                capacity_providers: Rc::default(),
                scope,
            }),
        }
    }

    /// A cluster that exists already.
    pub fn from_cluster_attributes(scope: &Scope, id: &str, attributes: ClusterAttributes) -> Self {
        let name = attributes.cluster_name;
        Self {
            inner: Rc::new(Inner {
                arn: scope.arn("ecs", Text::from("cluster/").then(&name)),
                scope: scope.child(id),
                resource: None,
                name,
                vpc: Some(attributes.vpc),
                connections: Connections::of_groups(attributes.security_groups),
                has_ec2_capacity: Cell::new(Some(attributes.has_ec2_capacity)),
                capacity_providers: Rc::default(),
            }),
        }
    }

    /// A cluster that exists already, of which no network and no instances are known.
    pub fn from_cluster_arn(scope: &Scope, id: &str, arn: &str) -> Self {
        let scope = scope.child(id);
        let name = arn.split_once('/').map_or("", |(_, name)| name);
        if name.is_empty() {
            let message = format!("Missing required Cluster Name from Cluster ARN: {arn}");
            scope.report(Problem::property("cluster_arn", message));
        }
        Self {
            inner: Rc::new(Inner {
                resource: None,
                arn: arn.into(),
                name: name.into(),
                vpc: None,
                connections: Connections::default(),
                has_ec2_capacity: Cell::new(None),
                capacity_providers: Rc::default(),
                scope,
            }),
        }
    }

    /// Its name; CloudFormation makes one unless said.
    #[must_use]
    pub fn cluster_name(self, name: impl Into<Text>) -> Self {
        self.property("ClusterName", name.into())
    }

    /// Whether CloudWatch collects metrics of its containers.
    #[must_use]
    pub fn container_insights(self, on: bool) -> Self {
        let value = if on { "enabled" } else { "disabled" };
        let setting = crate::object! {"Name": "containerInsights", "Value": value};
        self.property("ClusterSettings", [setting])
    }

    /// Lets tasks run on Fargate by its capacity providers, `FARGATE` and `FARGATE_SPOT`.
    #[must_use]
    pub fn enable_fargate_capacity_providers(self) -> Self {
        self.add_capacity_provider("FARGATE");
        self.add_capacity_provider("FARGATE_SPOT");
        self
    }

    fn add_capacity_provider(&self, name: &str) {
        let providers = &self.inner.capacity_providers;
        if providers.borrow().is_empty() {
            let scope = &self.inner.scope;
            let kind = "AWS::ECS::ClusterCapacityProviderAssociations";
            let written = providers.clone();
            CfnResource::new(scope, scope.id(), kind)
                .lazy_property("CapacityProviders", move || {
                    let names = written.borrow();
                    Some(Value::List(
                        names.iter().map(|name| name.as_str().into()).collect(),
                    ))
                })
                .property("Cluster", self.name())
                .property("DefaultCapacityProviderStrategy", Vec::<Value>::new());
        }
        let known = providers.borrow().iter().any(|known| known == name);
        if !known {
            providers.borrow_mut().push(name.to_owned());
        }
    }

    /// Sets a property of the resource; nothing for an imported cluster.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Gives it instances, as many as are needed, that run Amazon's Linux with ECS's agent.
    pub fn add_capacity(&self, id: &str, options: AddCapacityOptions) -> AutoScalingGroup {
        let group = AutoScalingGroup::for_cluster(self, id, options);
        for security_group in group.connections().security_groups() {
            self.inner.connections.add_security_group(&security_group);
        }
        self.inner.has_ec2_capacity.set(Some(true));
        group
    }

    /// Its ARN.
    pub fn cluster_arn(&self) -> Text {
        self.inner.arn.clone()
    }

    /// Its name.
    pub fn name(&self) -> Text {
        self.inner.name.clone()
    }

    /// The network that its instances and tasks are in.
    pub fn vpc(&self) -> Result<&Vpc, Problem> {
        self.inner.vpc.as_ref().ok_or_else(|| not_imported("vpc"))
    }

    /// Whether it has instances.
    pub fn has_ec2_capacity(&self) -> Result<bool, Problem> {
        self.inner
            .has_ec2_capacity
            .get()
            .ok_or_else(|| not_imported("hasEc2Capacity"))
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }
}

impl Connectable for Cluster {
    fn connections(&self) -> Connections {
        self.inner.connections.clone()
    }
}

fn not_imported(what: &str) -> Problem {
    let message = format!(
        "{what} is not available for a Cluster imported using fromClusterArn(), please use fromClusterAttributes() \
         instead."
    );
    Problem::property("cluster", message)
}
