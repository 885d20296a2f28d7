//! What may connect to what: rules for all security groups of two ends.

use std::cell::RefCell;
use std::rc::Rc;

use super::peer::{Direction, Peer, Port};
use super::security_group::SecurityGroup;

/// The security groups of something, and what it may connect to.
///
/// It is a handle: clones are the same connections. A group that is added later gets the rules that were made before.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    ends: Rc<Ends>,
    allowed: Rc<RefCell<Vec<Allowed>>>,
    default_port: Option<Port>,
}

/// The ends of connections. They do not know what is allowed, so that two can know one another's.
#[derive(Debug, Default)]
struct Ends {
    groups: RefCell<Vec<SecurityGroup>>,
    peer: Option<Peer>,
}

#[derive(Debug, Clone)]
struct Allowed {
    direction: Direction,
    other: Rc<Ends>,
    port: Port,
    description: Option<String>,
}

/// What has connections.
pub trait Connectable {
    /// Its connections.
    fn connections(&self) -> Connections;
}

impl Connectable for Connections {
    fn connections(&self) -> Connections {
        self.clone()
    }
}

impl Connectable for Peer {
    fn connections(&self) -> Connections {
        match self {
            Self::SecurityGroup(group) => group.connections(),
            peer => Connections {
                ends: Rc::new(Ends {
                    groups: RefCell::default(),
                    peer: Some(peer.clone()),
                }),
                ..Connections::default()
            },
        }
    }
}

impl Connections {
    /// The connections of what is in security groups.
    pub fn of_groups(groups: impl IntoIterator<Item = SecurityGroup>) -> Self {
        let connections = Self::default();
        connections.ends.groups.borrow_mut().extend(groups);
        connections
    }

    /// The connections with a port by which it is reached usually.
    #[must_use]
    pub fn with_default_port(mut self, port: Port) -> Self {
        self.default_port = Some(port);
        self
    }

    /// The port by which it is reached usually.
    pub fn default_port(&self) -> Option<&Port> {
        self.default_port.as_ref()
    }

    /// The security groups.
    pub fn security_groups(&self) -> Vec<SecurityGroup> {
        self.ends.groups.borrow().clone()
    }

    /// Puts it into a further security group.
    pub fn add_security_group(&self, group: &SecurityGroup) {
        self.ends.groups.borrow_mut().push(group.clone());
        for allowed in self.allowed.borrow().iter() {
            allowed.apply(std::slice::from_ref(group), &[group.into()]);
        }
    }

    /// Lets it reach another.
    pub fn allow_to(&self, other: &impl Connectable, port: &Port, description: Option<&str>) {
        self.allow(Direction::Egress, &other.connections(), port, description);
    }

    /// Lets another reach it.
    pub fn allow_from(&self, other: &impl Connectable, port: &Port, description: Option<&str>) {
        self.allow(Direction::Ingress, &other.connections(), port, description);
    }

    /// Lets all that is in its groups reach one another.
    pub fn allow_internally(&self, port: &Port, description: Option<&str>) {
        self.allow(Direction::Ingress, self, port, description);
    }

    /// Lets any address of IP version 4 reach it.
    pub fn allow_from_any_ipv4(&self, port: &Port, description: Option<&str>) {
        self.allow_from(&Peer::any_ipv4(), port, description);
    }

    /// Lets it reach any address of IP version 4.
    pub fn allow_to_any_ipv4(&self, port: &Port, description: Option<&str>) {
        self.allow_to(&Peer::any_ipv4(), port, description);
    }

    fn allow(&self, direction: Direction, other: &Self, port: &Port, description: Option<&str>) {
        let allowed = |direction: Direction, other: &Self| Allowed {
            direction,
            other: other.ends.clone(),
            port: port.clone(),
            description: description.map(str::to_owned),
        };
        let ours = allowed(direction, other);
        ours.apply(&self.ends.groups.borrow(), &self.ends.peers());
        self.allowed.borrow_mut().push(ours);
        other
            .allowed
            .borrow_mut()
            .push(allowed(direction.reversed(), self));
    }
}

impl Ends {
    fn peers(&self) -> Vec<Peer> {
        let groups = self.groups.borrow();
        groups
            .iter()
            .map(Peer::from)
            .chain(self.peer.clone())
            .collect()
    }
}

impl Allowed {
    /// Makes the rules of some groups, and their counterparts in the groups of the other end.
    fn apply(&self, groups: &[SecurityGroup], peers: &[Peer]) {
        let description = self.description.as_deref();
        for group in groups {
            for peer in self.other.peers() {
                group.rule(self.direction, &peer, &self.port, description, false);
            }
        }
        for group in self.other.groups.borrow().iter() {
            for peer in peers {
                group.rule(
                    self.direction.reversed(),
                    peer,
                    &self.port,
                    description,
                    true,
                );
            }
        }
    }
}
