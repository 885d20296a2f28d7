//! Networks and security groups.

use stepmill::prelude::*;

use super::problems;

/// That a network is refused for one reason.
#[track_caller]
fn no_network(property: &'static str, message: &str, options: VpcOptions) {
    let found = problems(&[], |stack| {
        Vpc::with_options(stack, "Vpc", options);
    });
    assert_eq!(found, [(Some(property), message.to_owned())]);
}

fn of_groups(groups: impl IntoIterator<Item = SubnetConfiguration>) -> VpcOptions {
    VpcOptions {
        subnet_configuration: Some(groups.into_iter().collect()),
        ..VpcOptions::default()
    }
}

#[test]
fn networks() {
    let private = || SubnetConfiguration::new("Inner", SubnetType::PrivateWithEgress);
    let public = || SubnetConfiguration::new("Outer", SubnetType::Public);
    let cidr = VpcOptions {
        cidr: Some("10.0.0.0".to_owned()),
        ..VpcOptions::default()
    };
    no_network("cidr", "10.0.0.0 is not a valid CIDR range", cidr);
    let mut wide = public();
    wide.cidr_mask = Some(16);
    let message = "1 of /16 exceeds remaining space of 10.0.0.0/16";
    no_network("cidr", message, of_groups([wide]));
    let message = "If you configure PRIVATE subnets in 'subnetConfiguration', you must also configure PUBLIC \
                   subnets to put the NAT gateways into.";
    no_network("nat_gateways", message, of_groups([private()]));
    let message = "If you do not want NAT gateways (natGateways=0), make sure you don't configure any \
                   PRIVATE(_WITH_NAT) subnets in 'subnetConfiguration' (make them PUBLIC or ISOLATED instead)";
    let without = VpcOptions {
        nat_gateways: Some(0),
        ..of_groups([public(), private()])
    };
    no_network("nat_gateways", message, without);
    let mut mapped = private();
    mapped.map_public_ip_on_launch = Some(true);
    let message = "Private subnet cannot include mapPublicIpOnLaunch parameter";
    no_network(
        "subnet_configuration",
        message,
        of_groups([public(), mapped]),
    );
}

#[test]
fn a_look_up_needs_an_environment() {
    let app = App::new();
    let stack = Stack::new(&app, "Stack");
    Vpc::from_lookup(&stack, "Vpc", &VpcLookup::default_vpc());
    let errors = app.errors();
    let message = "Cannot retrieve value from context provider vpc-provider since account/region are not \
                   specified at the stack level. Configure \"env\" with an account and region when you define \
                   your stack.";
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), format!("Stack/Vpc: {message}"));
}

#[test]
fn imported_subnets_are_as_many_in_each_zone() {
    let attributes = VpcAttributes {
        vpc_id: "vpc-1".into(),
        availability_zones: vec!["a".into(), "b".into()],
        public_subnet_ids: vec!["subnet-1".into()],
        ..VpcAttributes::default()
    };
    let found = problems(&[], |stack| {
        Vpc::from_vpc_attributes(stack, "Vpc", attributes);
    });
    let message = "Number of publicSubnetIds (1) must be a multiple of availability zones (2).";
    assert_eq!(found, [(Some("availability_zones"), message.to_owned())]);
}

#[test]
fn subnets_are_selected_among_those_that_there_are() {
    let stack = Stack::new(&App::new(), "Stack");
    let vpc = Vpc::new(&stack, "Vpc");
    let refused =
        |selection: SubnetSelection| vpc.select_subnets(&selection).unwrap_err().to_string();
    let by_name = SubnetSelection {
        subnet_group_name: Some("Data".to_owned()),
        ..SubnetSelection::default()
    };
    assert_eq!(
        refused(by_name.clone()),
        "There are no subnet groups with name 'Data' in this VPC. Available names: Public,Private"
    );
    assert_eq!(
        refused(SubnetType::PrivateIsolated.into()),
        "There are no 'Isolated' subnet groups in this VPC. Available types: Private,Public"
    );
    let both = SubnetSelection {
        subnet_type: Some(SubnetType::Public),
        ..by_name
    };
    assert_eq!(
        refused(both),
        "Only one of 'subnetType,subnetGroupName' can be supplied to subnet selection."
    );
}

#[test]
fn rules() {
    let rule = |egress: bool, peer: Peer| {
        problems(&[], |stack| {
            let vpc = Vpc::new(stack, "Vpc");
            let group = SecurityGroup::new(stack, "Group", &vpc).allow_all_outbound(false);
            match egress {
                true => group.add_egress_rule(peer, &Port::all_traffic(), None),
                false => group.add_ingress_rule(peer, &Port::tcp(80), None),
            }
        })
    };
    let cases = [
        (false, Peer::ipv4("10.0.0"), "Invalid IPv4 CIDR: \"10.0.0\""),
        (
            false,
            Peer::ipv4("10.0.0.1"),
            "CIDR mask is missing in IPv4: \"10.0.0.1\". Did you mean \"10.0.0.1/32\"?",
        ),
        (false, Peer::ipv6("x/64"), "Invalid IPv6 CIDR: \"x/64\""),
        (
            false,
            Peer::ipv6("::1"),
            "CIDR mask is missing in IPv6: \"::1\". Did you mean \"::1/128\"?",
        ),
        (
            true,
            Peer::any_ipv4(),
            "Cannot add an \"all traffic\" egress rule in this way; set allowAllOutbound=true on the \
             SecurityGroup instead.",
        ),
    ];
    for (egress, peer, message) in cases {
        assert_eq!(rule(egress, peer), [(Some("peer"), message.to_owned())]);
    }
}
