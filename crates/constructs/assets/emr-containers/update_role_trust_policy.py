"""Lets the jobs of a namespace take a role on: what `aws emr-containers update-role-trust-policy` does."""

import json

import boto3
import cfnresponse

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def handler(event, context):
    name = event["LogicalResourceId"]
    try:
        # The role's policy goes with the role.
        if event["RequestType"] != "Delete":
            update(**event["ResourceProperties"])
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, name)
    except Exception as error:
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, name, reason=str(error))


def update(eksClusterId, eksNamespace, roleName, **_):
    cluster = boto3.client("eks").describe_cluster(name=eksClusterId)["cluster"]
    iam = boto3.client("iam")
    policy = iam.get_role(RoleName=roleName)["Role"]["AssumeRolePolicyDocument"]
    added = statement(cluster, eksNamespace, roleName)
    if added not in policy["Statement"]:
        policy["Statement"].append(added)
        iam.update_assume_role_policy(RoleName=roleName, PolicyDocument=json.dumps(policy))


def statement(cluster, namespace, role):
    partition, account = cluster["arn"].split(":")[1:5:3]
    provider = cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    accounts = f"emr-containers-sa-*-*-{account}-{base36(role)}"
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:{partition}:iam::{account}:oidc-provider/{provider}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{provider}:sub": f"system:serviceaccount:{namespace}:{accounts}"}},
    }


def base36(text):
    number, digits = int.from_bytes(text.encode()), ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits
