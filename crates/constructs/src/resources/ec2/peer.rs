//! The ends of connections: who, and on which ports.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::security_group::SecurityGroup;
use crate::value::{Object, Text};

/// The other end of a connection.
#[derive(Debug, Clone)]
pub enum Peer {
    /// Addresses of IP version 4: `10.0.0.0/16`.
    Ipv4(Text),
    /// Addresses of IP version 6: `2001:db8::/32`.
    Ipv6(Text),
    /// What a managed list of prefixes names, by its id.
    PrefixList(Text),
    /// What is in a security group.
    SecurityGroup(SecurityGroup),
}

impl Peer {
    /// Addresses of IP version 4: `10.0.0.0/16`.
    pub fn ipv4(cidr: impl Into<Text>) -> Self {
        Self::Ipv4(cidr.into())
    }

    /// Any address of IP version 4.
    pub fn any_ipv4() -> Self {
        Self::ipv4("0.0.0.0/0")
    }

    /// Addresses of IP version 6: `2001:db8::/32`.
    pub fn ipv6(cidr: impl Into<Text>) -> Self {
        Self::Ipv6(cidr.into())
    }

    /// Any address of IP version 6.
    pub fn any_ipv6() -> Self {
        Self::ipv6("::/0")
    }

    /// What a managed list of prefixes names, by its id.
    pub fn prefix_list(id: impl Into<Text>) -> Self {
        Self::PrefixList(id.into())
    }

    /// The peer as ids and descriptions of rules name it.
    pub(super) fn unique_id(&self) -> Text {
        match self {
            Self::Ipv4(id) | Self::Ipv6(id) | Self::PrefixList(id) => id.clone(),
            Self::SecurityGroup(group) => group.scope().unique_name().into(),
        }
    }

    /// Whether a rule about it can stand in the group itself, instead of being a resource of its own.
    pub(super) fn can_inline(&self) -> bool {
        matches!(self, Self::Ipv4(_) | Self::Ipv6(_))
    }

    /// What is wrong with it.
    pub(super) fn problem(&self) -> Option<String> {
        let (version, cidr, widest, valid) = match self {
            Self::Ipv4(cidr) => {
                let valid = |address: &str| address.parse::<Ipv4Addr>().is_ok();
                ("IPv4", cidr.as_literal()?, 32, valid as fn(&str) -> bool)
            }
            Self::Ipv6(cidr) => {
                let valid = |address: &str| address.parse::<Ipv6Addr>().is_ok();
                ("IPv6", cidr.as_literal()?, 128, valid as fn(&str) -> bool)
            }
            _ => return None,
        };
        match cidr.split_once('/') {
            None if valid(cidr) => Some(format!(
                "CIDR mask is missing in {version}: \"{cidr}\". Did you mean \"{cidr}/{widest}\"?"
            )),
            Some((address, mask))
                if valid(address) && mask.parse::<u8>().is_ok_and(|mask| mask <= widest) =>
            {
                None
            }
            _ => Some(format!("Invalid {version} CIDR: \"{cidr}\"")),
        }
    }

    /// The members of a rule that name it.
    pub(super) fn add_to(&self, rule: &mut Object, direction: Direction) {
        let (name, id) = match (self, direction) {
            (Self::Ipv4(cidr), _) => ("CidrIp", cidr.clone()),
            (Self::Ipv6(cidr), _) => ("CidrIpv6", cidr.clone()),
            (Self::PrefixList(id), Direction::Ingress) => ("SourcePrefixListId", id.clone()),
            (Self::PrefixList(id), Direction::Egress) => ("DestinationPrefixListId", id.clone()),
            (Self::SecurityGroup(group), Direction::Ingress) => {
                ("SourceSecurityGroupId", group.security_group_id())
            }
            (Self::SecurityGroup(group), Direction::Egress) => {
                ("DestinationSecurityGroupId", group.security_group_id())
            }
        };
        rule.insert(name.to_owned(), id.into());
    }
}

impl From<&SecurityGroup> for Peer {
    fn from(group: &SecurityGroup) -> Self {
        Self::SecurityGroup(group.clone())
    }
}

/// Which way traffic goes, as seen from a security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// As ids and descriptions of rules say it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }

    /// As seen from the other end.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Ingress => Self::Egress,
            Self::Egress => Self::Ingress,
        }
    }
}

/// The ports of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    protocol: &'static str,
    range: Option<(i32, i32)>,
    shown: String,
}

impl Port {
    fn of(protocol: &'static str, from: i32, to: i32, shown: String) -> Self {
        Self {
            protocol,
            range: Some((from, to)),
            shown,
        }
    }

    /// A port of TCP.
    pub fn tcp(port: u16) -> Self {
        Self::of("tcp", port.into(), port.into(), port.to_string())
    }

    /// Ports of TCP, the last one included.
    pub fn tcp_range(start: u16, end: u16) -> Self {
        Self::of("tcp", start.into(), end.into(), format!("{start}-{end}"))
    }

    /// All ports of TCP.
    pub fn all_tcp() -> Self {
        Self::of("tcp", 0, 65535, "ALL PORTS".to_owned())
    }

    /// A port of UDP.
    pub fn udp(port: u16) -> Self {
        Self::of("udp", port.into(), port.into(), format!("UDP {port}"))
    }

    /// Ports of UDP, the last one included.
    pub fn udp_range(start: u16, end: u16) -> Self {
        let shown = format!("UDP {start}-{end}");
        Self::of("udp", start.into(), end.into(), shown)
    }

    /// All ports of UDP.
    pub fn all_udp() -> Self {
        Self::of("udp", 0, 65535, "UDP ALL PORTS".to_owned())
    }

    /// Echo requests of ICMP.
    pub fn icmp_ping() -> Self {
        Self::of("icmp", 8, -1, "ICMP Type 8".to_owned())
    }

    /// All of ICMP.
    pub fn all_icmp() -> Self {
        Self::of("icmp", -1, -1, "ALL ICMP".to_owned())
    }

    /// All traffic.
    pub fn all_traffic() -> Self {
        Self {
            protocol: "-1",
            range: None,
            shown: "ALL TRAFFIC".to_owned(),
        }
    }

    /// As ids and descriptions of rules show it.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The members of a rule that name it.
    pub(super) fn add_to(&self, rule: &mut Object) {
        rule.insert("IpProtocol".to_owned(), self.protocol.into());
        if let Some((from, to)) = self.range {
            rule.insert("FromPort".to_owned(), from.into());
            rule.insert("ToPort".to_owned(), to.into());
        }
    }
}
