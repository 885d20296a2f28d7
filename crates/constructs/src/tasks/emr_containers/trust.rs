//! Lets the jobs of a virtual cluster take a role on.
//!
//! The role's trust policy names the OIDC provider of the EKS cluster, which is only known at deployment: functions
//! that CloudFormation calls find it out.

use crate::core::{CfnResource, Duration, RemovalPolicy, Scope, Size};
use crate::iam::{Role, Statement};
use crate::resources::{Code, Function, Runtime, SingletonFunction};
use crate::value::Text;

const DESCRIBE: &str = include_str!("../../../assets/emr-containers/describe_virtual_cluster.py");
const UPDATE: &str = include_str!("../../../assets/emr-containers/update_role_trust_policy.py");

/// Lets the jobs of a virtual cluster, by its id, take a role on.
pub(super) fn trust_jobs_of(scope: &Scope, virtual_cluster_id: &Text, role: &Role) {
    let cluster = describe(scope, virtual_cluster_id);
    let cluster_id = cluster.attribute("virtualCluster.containerProvider.id");
    let function = function(
        scope,
        "Call Update-Role-Trust-Policy",
        ("8693BB64-9689-44B6-9AAF-B0CC9EB8757C", "SingletonLambda"),
        UPDATE,
    )
    .timeout(Duration::seconds(30))
    .memory_size(Size::mebibytes(256));
    let cluster_arn = scope.arn("eks", Text::from("cluster/").then(&cluster_id));
    function.add_to_role_policy(Statement::allow(["eks:DescribeCluster"], [cluster_arn]));
    function.add_to_role_policy(Statement::allow(
        ["iam:GetRole", "iam:UpdateAssumeRolePolicy"],
        [role.role_arn()],
    ));
    let namespace = cluster.attribute("virtualCluster.containerProvider.info.eksInfo.namespace");
    let place = scope.child("Custom Resource");
    CfnResource::new(&place, "Default", "AWS::CloudFormation::CustomResource")
        .property("ServiceToken", function.function_arn())
        .property("eksNamespace", namespace)
        .property("eksClusterId", cluster_id)
        .property("roleName", role.role_name())
        .removal_policy(RemovalPolicy::Destroy);
}

/// A resource whose attributes are those of a virtual cluster.
fn describe(scope: &Scope, virtual_cluster_id: &Text) -> CfnResource {
    let place = scope.child("GetEksClusterInfo");
    let function = function(
        &place,
        "Provider",
        ("679f53fa-c002-430c-b0da-5b7982bd2287", "AWS"),
        DESCRIBE,
    )
    .timeout(Duration::minutes(2));
    let statement = Statement::allow(["emr-containers:DescribeVirtualCluster"], ["*"]);
    let policy_place = place.child("CustomResourcePolicy");
    let policy = CfnResource::new(&policy_place, "Resource", "AWS::IAM::Policy");
    let document = crate::object! {
        "Statement": [statement.to_value()],
        "Version": "2012-10-17",
    };
    let roles: Vec<Text> = function.role().into_iter().map(Role::role_name).collect();
    policy.set("PolicyDocument", document);
    policy.set("PolicyName", policy.logical_id());
    policy.set("Roles", roles);
    let resource = CfnResource::new(&place.child("Resource"), "Default", "Custom::AWS")
        .property("ServiceToken", function.function_arn())
        .property("id", virtual_cluster_id);
    resource.depends_on(&policy_place);
    resource.removal_policy(RemovalPolicy::Destroy);
    resource
}

/// The stack's function of a UUID and purpose.
fn function(scope: &Scope, id: &str, (uuid, purpose): (&str, &str), code: &str) -> Function {
    let code = Code::from_inline(code);
    let runtime = Runtime::PYTHON_3_13;
    let function =
        SingletonFunction::new(scope, id, uuid, purpose, &runtime, "index.handler", code);
    Function::clone(&function)
}
