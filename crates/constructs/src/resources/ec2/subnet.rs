//! Subnets and how to choose among them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::vpc::Vpc;
use crate::core::{CfnResource, Feature, Scope};
use crate::value::{Text, Value};

/// What a subnet can reach and be reached from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubnetType {
    /// Reaches the internet and can be reached from it.
    Public,
    /// Reaches the internet through a NAT gateway.
    PrivateWithEgress,
    /// Neither reaches the internet nor can be reached from it.
    PrivateIsolated,
}

impl SubnetType {
    /// Its name in tags, and the name of its subnets unless said otherwise.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::PrivateWithEgress => "Private",
            Self::PrivateIsolated => "Isolated",
        }
    }
}

/// Subnets to make, one in each availability zone.
#[derive(Debug, Clone, PartialEq)]
pub struct SubnetConfiguration {
    /// What the subnets' ids and tags are called.
    pub name: String,
    /// What they can reach.
    pub subnet_type: SubnetType,
    /// How many bits of their addresses are the network's, 16 to 28; an even share of what is left unless said.
    pub cidr_mask: Option<u32>,
    /// Only keep addresses free for them.
    pub reserved: bool,
    /// Whether instances get public addresses; only for public subnets, and so there unless said.
    pub map_public_ip_on_launch: Option<bool>,
}

impl SubnetConfiguration {
    /// Subnets of a type under a name.
    pub fn new(name: impl Into<String>, subnet_type: SubnetType) -> Self {
        Self {
            name: name.into(),
            subnet_type,
            cidr_mask: None,
            reserved: false,
            map_public_ip_on_launch: None,
        }
    }
}

/// Which subnets of a network are meant. Of the type, the name and the subnets themselves only one can be said; private
/// ones unless any is, or those that there are.
#[derive(Debug, Clone, Default)]
pub struct SubnetSelection {
    /// Subnets of a type.
    pub subnet_type: Option<SubnetType>,
    /// Subnets by the name of their configuration.
    pub subnet_group_name: Option<String>,
    /// These subnets.
    pub subnets: Option<Vec<Subnet>>,
    /// Only those in these zones; in all unless said.
    pub availability_zones: Vec<String>,
    /// At most one in each zone.
    pub one_per_az: bool,
}

impl From<SubnetType> for SubnetSelection {
    fn from(subnet_type: SubnetType) -> Self {
        Self {
            subnet_type: Some(subnet_type),
            ..Self::default()
        }
    }
}

/// The subnets that were chosen.
#[derive(Debug, Clone, Default)]
pub struct SelectedSubnets {
    /// The subnets.
    pub subnets: Vec<Subnet>,
    /// Whether one of them is public.
    pub has_public: bool,
}

impl SelectedSubnets {
    /// Their ids.
    pub fn subnet_ids(&self) -> Vec<Text> {
        self.subnets.iter().map(Subnet::subnet_id).collect()
    }
}

/// A subnet, made with its network or imported.
#[derive(Debug, Clone)]
pub struct Subnet {
    scope: Scope,
    id: Text,
    availability_zone: Option<Text>,
    route_table_id: Option<Text>,
    tags: Rc<RefCell<Tags>>,
    routing: Vec<CfnResource>,
}

/// What is known of a subnet that exists already.
#[derive(Debug, Clone, Default)]
pub struct SubnetAttributes {
    /// Its id.
    pub subnet_id: Text,
    /// Its zone.
    pub availability_zone: Option<Text>,
    /// The id of its route table.
    pub route_table_id: Option<Text>,
}

/// A subnet's tags, in the order of their keys whatever their case.
#[derive(Debug, Default)]
struct Tags(BTreeMap<String, (String, String)>);

impl Tags {
    fn add(&mut self, key: &str, value: &str) {
        let tag = (key.to_owned(), value.to_owned());
        self.0.insert(key.to_lowercase(), tag);
    }

    fn to_value(&self, more: &[(&str, &str)]) -> Value {
        let mut tags = Self(self.0.clone());
        for (key, value) in more {
            tags.add(key, value);
        }
        let tags = tags.0.into_values();
        let tags = tags.map(|(key, value)| crate::object! {"Key": key, "Value": value});
        Value::List(tags.collect())
    }
}

impl Subnet {
    /// A subnet of a network that is being made.
    pub(super) fn new(
        vpc: &Vpc,
        id: &str,
        configuration: &SubnetConfiguration,
        availability_zone: Text,
        cidr_block: String,
    ) -> Self {
        let scope = vpc.scope().child(id);
        let tags = Rc::new(RefCell::new(Tags::default()));
        tags.borrow_mut().add("Name", &scope.path_text());
        let name = configuration.name.clone();
        let kind = configuration.subnet_type;
        let public = kind == SubnetType::Public;
        let written = tags.clone();
        let subnet = CfnResource::new(&scope, "Subnet", "AWS::EC2::Subnet")
            .property("VpcId", vpc.vpc_id())
            .property("AvailabilityZone", availability_zone.clone())
            .property("CidrBlock", cidr_block)
            .property(
                "MapPublicIpOnLaunch",
                public && configuration.map_public_ip_on_launch.unwrap_or(true),
            )
            .lazy_property("Tags", move || {
                let more = [
                    ("aws-cdk:subnet-name", name.as_str()),
                    ("aws-cdk:subnet-type", kind.name()),
                ];
                Some(written.borrow().to_value(&more))
            });
        let mut made = Self {
            id: subnet.reference(),
            availability_zone: Some(availability_zone),
            route_table_id: None,
            tags,
            routing: Vec::new(),
            scope,
        };
        let table = made
            .tagged("RouteTable", "AWS::EC2::RouteTable")
            .property("VpcId", vpc.vpc_id());
        let association = CfnResource::new(
            &made.scope,
            "RouteTableAssociation",
            "AWS::EC2::SubnetRouteTableAssociation",
        )
        .property("RouteTableId", table.reference())
        .property("SubnetId", made.id.clone());
        made.route_table_id = Some(table.reference());
        made.routing.push(association);
        made
    }

    /// A subnet that exists already.
    pub fn from_subnet_attributes(scope: &Scope, id: &str, attributes: SubnetAttributes) -> Self {
        Self {
            scope: scope.child(id),
            id: attributes.subnet_id,
            availability_zone: attributes.availability_zone,
            route_table_id: attributes.route_table_id,
            tags: Rc::default(),
            routing: Vec::new(),
        }
    }

    /// A subnet that exists already, by its id.
    pub fn from_subnet_id(scope: &Scope, id: &str, subnet_id: impl Into<Text>) -> Self {
        let attributes = SubnetAttributes {
            subnet_id: subnet_id.into(),
            ..SubnetAttributes::default()
        };
        Self::from_subnet_attributes(scope, id, attributes)
    }

    /// Its id.
    pub fn subnet_id(&self) -> Text {
        self.id.clone()
    }

    /// Its zone, if it is known.
    pub fn availability_zone(&self) -> Option<&Text> {
        self.availability_zone.as_ref()
    }

    /// The id of its route table, if it is known.
    pub fn route_table_id(&self) -> Option<&Text> {
        self.route_table_id.as_ref()
    }

    /// Tags the subnet and what belongs to it; nothing for an imported subnet.
    pub fn add_tag(&self, key: &str, value: &str) {
        self.tags.borrow_mut().add(key, value);
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The name of the configuration that it was made by: its id without `Subnet1`.
    pub(super) fn group_name(&self) -> &str {
        let id = self.scope.id();
        let name = id.trim_end_matches(|c: char| c.is_ascii_digit());
        match name.strip_suffix("Subnet") {
            Some(group) if name.len() < id.len() => group,
            _ => id,
        }
    }

    /// Sends what is for the internet to an internet gateway.
    pub(super) fn add_default_internet_route(&mut self, gateway: &Text, attachment: &Scope) {
        let route = self.default_route().property("GatewayId", gateway);
        route.depends_on(attachment);
        self.routing.push(route);
    }

    /// Sends what is for the internet to a NAT gateway.
    pub(super) fn add_default_nat_route(&self, gateway: Text) {
        self.default_route().set("NatGatewayId", gateway);
    }

    fn default_route(&self) -> CfnResource {
        CfnResource::new(&self.scope, "DefaultRoute", "AWS::EC2::Route")
            .optional("RouteTableId", self.route_table_id())
            .property("DestinationCidrBlock", "0.0.0.0/0")
    }

    /// A NAT gateway in the subnet, with an address of its own; its id.
    pub(super) fn add_nat_gateway(&self) -> Text {
        let address = self
            .tagged("EIP", "AWS::EC2::EIP")
            .property("Domain", "vpc");
        let gateway = self
            .tagged("NATGateway", "AWS::EC2::NatGateway")
            .property("SubnetId", self.id.clone())
            .property("AllocationId", address.attribute("AllocationId"));
        if self.scope.has(Feature::Version2) {
            for route in &self.routing {
                gateway.depends_on(route.scope());
            }
        }
        gateway.reference()
    }

    fn tagged(&self, id: &str, kind: &str) -> CfnResource {
        let tags = self.tags.clone();
        CfnResource::new(&self.scope, id, kind)
            .lazy_property("Tags", move || Some(tags.borrow().to_value(&[])))
    }
}
