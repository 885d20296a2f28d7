//! The role with which Bedrock reads data and writes results of a customization.

use super::create_model_customization_job::{
    BedrockCreateModelCustomizationJob, BedrockCreateModelCustomizationJobVpcConfig,
    DataBucketConfiguration,
};
use crate::core::Scope;
use crate::iam::{PolicyDocument, Principal, Role, Statement};
use crate::value::{Text, Value};

/// A role of the task's own.
pub(super) fn role(scope: &Scope, job: &BedrockCreateModelCustomizationJob) -> Role {
    let principal = Principal::service("bedrock.amazonaws.com")
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .when("ArnEquals", "aws:SourceArn", jobs(scope));
    let role = Role::new(scope, "BedrockRole", principal);
    let network = job.vpc_config.iter().flat_map(|vpc| network(scope, vpc));
    let validation = job.validation_data.as_deref().unwrap_or_default();
    let arn = |data: &DataBucketConfiguration| data.bucket.bucket_arn();
    let objects = |data: &DataBucketConfiguration| data.bucket.arn_for_objects("*");
    let read = [arn(&job.training_data), objects(&job.training_data)]
        .into_iter()
        .chain(validation.iter().map(arn))
        .chain(validation.iter().map(objects));
    let write = [arn(&job.output_data), objects(&job.output_data)];
    let data = [
        Statement::allow(["s3:GetObject", "s3:ListBucket"], read),
        Statement::allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], write),
    ];
    let document = PolicyDocument::of(network.chain(data));
    role.add_inline_policy("BedrockCreateModelCustomizationJob", document);
    role
}

/// What Bedrock must be allowed to work within a network.
fn network(scope: &Scope, vpc: &BedrockCreateModelCustomizationJobVpcConfig) -> Vec<Statement> {
    let interfaces = || scope.arn("ec2", "network-interface/*");
    let of = |kind: &'static str, id: Text| scope.arn("ec2", Text::from(kind).then("/").then(id));
    let groups = vpc.security_groups.iter();
    let groups = groups.map(|group| of("security-group", group.security_group_id()));
    let subnets = vpc.subnets.iter();
    let subnets: Vec<Text> = subnets
        .map(|subnet| of("subnet", subnet.subnet_id()))
        .collect();
    vec![
        Statement::allow(
            [
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeVpcs",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeSubnets",
                "ec2:DescribeSecurityGroups",
            ],
            ["*"],
        ),
        Statement::allow(["ec2:CreateNetworkInterface"], [interfaces()])
            .condition("StringEquals", "aws:RequestTag/BedrockManaged", ["true"])
            .condition(
                "ArnEquals",
                "aws:RequestTag/BedrockModelCustomizationJobArn",
                [jobs(scope)],
            ),
        Statement::allow(
            ["ec2:CreateNetworkInterface"],
            groups.chain(subnets.iter().cloned()),
        ),
        Statement::allow(
            [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            ["*"],
        )
        .condition("ArnEquals", "ec2:Subnet", subnets)
        .condition(
            "ArnEquals",
            "ec2:ResourceTag/BedrockModelCustomizationJobArn",
            [jobs(scope)],
        )
        .condition("StringEquals", "ec2:ResourceTag/BedrockManaged", "true"),
        Statement::allow(["ec2:CreateTags"], [interfaces()])
            .condition(
                "StringEquals",
                "ec2:CreateAction",
                ["CreateNetworkInterface"],
            )
            .condition(
                "ForAllValues:StringEquals",
                "aws:TagKeys",
                Value::from(["BedrockManaged", "BedrockModelCustomizationJobArn"]),
            ),
    ]
}

fn jobs(scope: &Scope) -> Text {
    scope.arn("bedrock", "model-customization-job/*")
}
