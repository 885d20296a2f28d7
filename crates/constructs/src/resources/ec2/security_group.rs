//! Security groups: what may be reached from where.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::connections::{Connectable, Connections};
use super::peer::{Direction, Peer, Port};
use super::vpc::Vpc;
use crate::core::{CfnResource, Problem, Scope};
use crate::value::{Object, Text, Value};

/// A security group, made in the stack or imported.
///
/// It is a handle: clones are the same group.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    scope: Scope,
    security_group_id: Text,
    /// None if it was imported: then its rules are resources of their own.
    resource: Option<CfnResource>,
    rules: Rc<Rules>,
}

/// A group's own rules. They know no place, so that the group's resource can own them.
#[derive(Debug)]
struct Rules {
    allow_all_outbound: Cell<bool>,
    ingress: RefCell<Vec<Object>>,
    egress: RefCell<Vec<Object>>,
    /// How many peers whose ids are only known at deployment have rules.
    unknown_peers: Cell<usize>,
}

impl SecurityGroup {
    /// A group in a network, from which everything can be reached.
    pub fn new(scope: &Scope, id: &str, vpc: &Vpc) -> Self {
        let scope = scope.child(id);
        let rules = Rc::new(Rules::default());
        let (ingress, egress) = (rules.clone(), rules.clone());
        let resource = CfnResource::new(&scope, "Resource", "AWS::EC2::SecurityGroup")
            .property("GroupDescription", scope.path_text())
            .lazy_property("SecurityGroupEgress", move || Some(egress.all_egress()))
            .lazy_property("SecurityGroupIngress", move || ingress.all_ingress())
            .property("VpcId", vpc.vpc_id());
        Self {
            inner: Rc::new(Inner {
                security_group_id: resource.attribute("GroupId"),
                resource: Some(resource),
                rules,
                scope,
            }),
        }
    }

    /// A group that exists already; everything can be reached from it, unless said.
    pub fn from_security_group_id(scope: &Scope, id: &str, group_id: impl Into<Text>) -> Self {
        Self {
            inner: Rc::new(Inner {
                scope: scope.child(id),
                security_group_id: group_id.into(),
                resource: None,
                rules: Rc::default(),
            }),
        }
    }

    /// What it is for; its path unless said.
    #[must_use]
    pub fn description(self, description: &str) -> Self {
        self.property("GroupDescription", description)
    }

    /// Its name; CloudFormation makes one unless said.
    #[must_use]
    pub fn security_group_name(self, name: impl Into<Text>) -> Self {
        self.property("GroupName", name.into())
    }

    /// Whether everything can be reached from it; on unless said. Say it before adding rules.
    #[must_use]
    pub fn allow_all_outbound(self, allow: bool) -> Self {
        self.inner.rules.allow_all_outbound.set(allow);
        self
    }

    /// Sets a property of the resource; nothing for an imported group.
    #[must_use]
    pub fn property(self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(resource) = &self.inner.resource {
            resource.set(name, value);
        }
        self
    }

    /// Its id.
    pub fn security_group_id(&self) -> Text {
        self.inner.security_group_id.clone()
    }

    /// Its place in the tree.
    pub fn scope(&self) -> &Scope {
        &self.inner.scope
    }

    /// Lets a peer reach what is in the group.
    pub fn add_ingress_rule(&self, peer: impl Into<Peer>, port: &Port, description: Option<&str>) {
        self.rule(Direction::Ingress, &peer.into(), port, description, false);
    }

    /// Lets what is in the group reach a peer; nothing if it can reach everything.
    pub fn add_egress_rule(&self, peer: impl Into<Peer>, port: &Port, description: Option<&str>) {
        self.rule(Direction::Egress, &peer.into(), port, description, false);
    }

    /// Adds a rule; `remote` if it is the counterpart of a rule of the peer.
    pub(super) fn rule(
        &self,
        direction: Direction,
        peer: &Peer,
        port: &Port,
        description: Option<&str>,
        remote: bool,
    ) {
        let rules = &self.inner.rules;
        if let Some(problem) = peer.problem() {
            self.scope().report(Problem::property("peer", problem));
        }
        if direction == Direction::Egress && rules.allow_all_outbound.get() {
            return;
        }
        let inline = self.inner.resource.is_some() && peer.can_inline();
        let shown = match description {
            Some(description) => description.into(),
            None => described(direction, inline)
                .then(peer.unique_id())
                .then(format!(":{}", port.shown())),
        };
        let mut rule = Object::new();
        peer.add_to(&mut rule, direction);
        port.add_to(&mut rule);
        match inline {
            true => self.inline_rule(direction, rule, shown),
            false => self.rule_resource(direction, peer, port, rule, shown, remote),
        }
    }

    fn inline_rule(&self, direction: Direction, mut rule: Object, description: Text) {
        let rules = &self.inner.rules;
        let everything = rule.get("CidrIp") == Some(&"0.0.0.0/0".into())
            && rule.get("IpProtocol") == Some(&"-1".into());
        if direction == Direction::Egress && everything {
            let message = "Cannot add an \"all traffic\" egress rule in this way; set allowAllOutbound=true on the \
                           SecurityGroup instead.";
            return self.scope().report(Problem::property("peer", message));
        }
        let mut rules = match direction {
            Direction::Ingress => rules.ingress.borrow_mut(),
            Direction::Egress => rules.egress.borrow_mut(),
        };
        let same = |other: &Object| {
            rule.iter()
                .all(|(name, value)| other.get(name) == Some(value))
        };
        if !rules.iter().any(same) {
            rule.insert("Description".to_owned(), description.into());
            rules.push(rule);
        }
    }

    /// A rule as a resource of its own: with this group, or, where the peer's stack depends on this one, with the peer.
    fn rule_resource(
        &self,
        direction: Direction,
        peer: &Peer,
        port: &Port,
        rule: Object,
        description: Text,
        remote: bool,
    ) {
        let port = port.shown();
        let (scope, id) = match peer {
            Peer::SecurityGroup(group)
                if remote && group.scope().stack_id() != self.scope().stack_id() =>
            {
                let id = format!(
                    "{}:{port} {}",
                    self.scope().unique_name(),
                    direction.reversed().word()
                );
                (group.scope(), id)
            }
            _ => {
                let id = format!("{} {}:{port}", direction.word(), self.peer_id(peer));
                (self.scope(), id.replacen('/', "_", 1))
            }
        };
        if scope.has_child(&id) {
            return;
        }
        let kind = match direction {
            Direction::Ingress => "AWS::EC2::SecurityGroupIngress",
            Direction::Egress => "AWS::EC2::SecurityGroupEgress",
        };
        let resource = CfnResource::new(scope, &id, kind)
            .property("GroupId", self.security_group_id())
            .property("Description", description);
        for (name, value) in rule {
            resource.set(&name, value);
        }
    }

    /// The peer as the id of a rule names it; one whose id is only known at deployment gets a number.
    fn peer_id(&self, peer: &Peer) -> String {
        if let Some(id) = peer.unique_id().as_literal() {
            return id.to_owned();
        }
        let unknown = &self.inner.rules.unknown_peers;
        unknown.set(unknown.get() + 1);
        match unknown.get() {
            1 => "{IndirectPeer}".to_owned(),
            number => format!("'{{IndirectPeer{number}}}'"),
        }
    }
}

/// How a rule's description begins. The CDK says `from` in a group's own outgoing rules too.
fn described(direction: Direction, inline: bool) -> Text {
    match inline {
        true => "from ".into(),
        false => format!("{} ", direction.word()).into(),
    }
}

impl Connectable for SecurityGroup {
    fn connections(&self) -> Connections {
        Connections::of_groups([self.clone()])
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            allow_all_outbound: Cell::new(true),
            ingress: RefCell::default(),
            egress: RefCell::default(),
            unknown_peers: Cell::default(),
        }
    }
}

impl Rules {
    fn all_ingress(&self) -> Option<Value> {
        let rules = self.ingress.borrow();
        (!rules.is_empty()).then(|| Value::List(rules.iter().cloned().map(Value::Object).collect()))
    }

    /// The rules for outgoing traffic. EC2 allows everything where there is none, so there is always one.
    fn all_egress(&self) -> Value {
        let rules = self.egress.borrow();
        let rules: Vec<Value> = match (self.allow_all_outbound.get(), rules.is_empty()) {
            (true, _) => vec![crate::object! {
                "CidrIp": "0.0.0.0/0",
                "Description": "Allow all outbound traffic by default",
                "IpProtocol": "-1",
            }],
            (false, true) => vec![crate::object! {
                "CidrIp": "255.255.255.255/32",
                "Description": "Disallow all traffic",
                "FromPort": 252,
                "IpProtocol": "icmp",
                "ToPort": 86,
            }],
            (false, false) => rules.iter().cloned().map(Value::Object).collect(),
        };
        Value::List(rules)
    }
}
