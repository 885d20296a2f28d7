//! EC2 networks and security groups as the CDK makes them.

#![allow(clippy::unwrap_used)] // a helper that fails fails its test

extern crate stepmill_constructs as stepmill;

use std::path::Path;

use serde_json::{Map, Value as Json, json};
use stepmill::core::MissingContext;
use stepmill::prelude::*;

fn golden(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/cdk")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn resources(stack: &Stack) -> Map<String, Json> {
    let body = stack.template().unwrap().body;
    body["Resources"].as_object().unwrap().clone()
}

fn of_type<'a>(resources: &'a Map<String, Json>, kind: &str) -> Vec<&'a Json> {
    resources
        .values()
        .filter(|resource| resource["Type"] == kind)
        .collect()
}

#[test]
fn the_default_network_is_the_cdks() {
    let stack = Stack::new(&App::new(), "GoldenStack");
    let vpc = Vpc::new(&stack.child("EksCluster"), "DefaultVpc");
    let tag =
        |subnets: Vec<Subnet>, key| subnets.iter().for_each(|subnet| subnet.add_tag(key, "1"));
    tag(vpc.public_subnets(), "kubernetes.io/role/elb");
    tag(vpc.private_subnets(), "kubernetes.io/role/internal-elb");

    let golden = golden("34-emr-on-eks-create-virtual-cluster-2.json");
    let cdk = golden["template"]["Resources"].as_object().unwrap();
    let cdk = cdk
        .iter()
        .filter(|(id, _)| id.starts_with("EksClusterDefaultVpc"));
    let cdk: Map<String, Json> = cdk.map(|(id, json)| (id.clone(), json.clone())).collect();
    assert_eq!(Json::Object(resources(&stack)), Json::Object(cdk));
}

#[test]
fn without_nat_gateways_the_inner_subnets_are_isolated() {
    let stack = Stack::new(&App::new(), "Network");
    let options = VpcOptions {
        nat_gateways: Some(0),
        max_azs: Some(1),
        ..VpcOptions::default()
    };
    let vpc = Vpc::with_options(&stack, "Vpc", options);
    assert_eq!(vpc.isolated_subnets().len(), 1);
    let resources = resources(&stack);
    assert!(of_type(&resources, "AWS::EC2::NatGateway").is_empty());
    assert_eq!(of_type(&resources, "AWS::EC2::Route").len(), 1);
    let chosen = vpc.select_subnets(&SubnetSelection::default()).unwrap();
    assert!(!chosen.has_public);
    assert_eq!(chosen.subnet_ids(), [vpc.isolated_subnets()[0].subnet_id()]);
}

#[test]
fn a_network_that_is_known_is_looked_up_in_the_context() {
    let key = "vpc-provider:account=111111111111:filter.isDefault=true:region=us-east-1:returnAsymmetricSubnets=true";
    let found = json!({
        "vpcId": "vpc-1",
        "subnetGroups": [{"name": "Public", "type": "Public", "subnets": [
            {"subnetId": "subnet-1", "availabilityZone": "us-east-1a", "routeTableId": "rtb-1"},
        ]}],
    });
    let environment = Environment::new("111111111111", "us-east-1");
    let app = App::new().context(key, found);
    let stack = Stack::with_environment(&app, "Network", environment.clone());
    let vpc = Vpc::from_lookup(&stack, "Vpc", &VpcLookup::default_vpc());
    assert_eq!(vpc.vpc_id().as_literal(), Some("vpc-1"));
    assert_eq!(
        vpc.public_subnets()[0].subnet_id().as_literal(),
        Some("subnet-1")
    );
    assert!(app.missing_context().is_empty());

    let app = App::new();
    let stack = Stack::with_environment(&app, "Network", environment);
    let vpc = Vpc::from_lookup(&stack, "Vpc", &VpcLookup::default_vpc());
    assert_eq!(vpc.vpc_id().as_literal(), Some("vpc-12345"));
    let asked = json!({
        "account": "111111111111",
        "region": "us-east-1",
        "filter": {"isDefault": "true"},
        "returnAsymmetricSubnets": true,
    });
    let missing = MissingContext {
        key: key.to_owned(),
        provider: "vpc-provider".to_owned(),
        props: asked,
    };
    assert_eq!(app.missing_context(), [missing]);
}

#[test]
fn groups_allow_what_was_said_also_those_that_come_later() {
    let stack = Stack::new(&App::new(), "Network");
    let vpc = Vpc::new(&stack, "Vpc");
    let database = SecurityGroup::new(&stack, "Database", &vpc).allow_all_outbound(false);
    let task = Connections::default();
    task.allow_to(&database, &Port::tcp(5432), None);
    database.add_ingress_rule(Peer::ipv4("10.0.0.0/8"), &Port::udp(53), None);
    task.add_security_group(&SecurityGroup::new(&stack, "Task", &vpc));

    let resources = resources(&stack);
    let rules = of_type(&resources, "AWS::EC2::SecurityGroupIngress");
    let group = |id: &str| {
        let mut ids = resources.keys().filter(|key| key.starts_with(id));
        json!({"Fn::GetAtt": [ids.next().unwrap(), "GroupId"]})
    };
    assert_eq!(rules.len(), 1);
    assert_eq!(
        rules[0]["Properties"],
        json!({
            "GroupId": group("Database"),
            "SourceSecurityGroupId": group("Task"),
            "IpProtocol": "tcp",
            "FromPort": 5432,
            "ToPort": 5432,
            "Description": "from NetworkTask939E3FCF:5432",
        })
    );
    assert!(of_type(&resources, "AWS::EC2::SecurityGroupEgress").is_empty());
    let database = of_type(&resources, "AWS::EC2::SecurityGroup")
        .into_iter()
        .find(|group| group["Properties"]["GroupDescription"] == "Network/Database")
        .unwrap();
    assert_eq!(
        database["Properties"]["SecurityGroupIngress"],
        json!([{
            "CidrIp": "10.0.0.0/8",
            "Description": "from 10.0.0.0/8:UDP 53",
            "FromPort": 53,
            "IpProtocol": "udp",
            "ToPort": 53,
        }])
    );
    assert_eq!(
        database["Properties"]["SecurityGroupEgress"][0]["Description"],
        "Disallow all traffic"
    );
}
