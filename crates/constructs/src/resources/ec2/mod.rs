//! EC2: networks, security groups and types of instances.

mod cidr;
mod connections;
mod instance_type;
mod peer;
mod security_group;
mod subnet;
mod vpc;

pub use connections::{Connectable, Connections};
pub use instance_type::{InstanceClass, InstanceSize, InstanceType};
pub use peer::{Peer, Port};
pub use security_group::SecurityGroup;
pub use subnet::{
    SelectedSubnets, Subnet, SubnetAttributes, SubnetConfiguration, SubnetSelection, SubnetType,
};
pub use vpc::{Vpc, VpcAttributes, VpcLookup, VpcOptions};
