"""Tells CloudFormation on which cluster and in which namespace a virtual cluster of EMR is."""

import boto3
import cfnresponse


def handler(event, context):
    name = event["LogicalResourceId"]
    try:
        found = attributes(event) if event["RequestType"] != "Delete" else {}
        cfnresponse.send(event, context, cfnresponse.SUCCESS, found, name)
    except Exception as error:
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, name, reason=str(error))


def attributes(event):
    emr = boto3.client("emr-containers")
    cluster = emr.describe_virtual_cluster(id=event["ResourceProperties"]["id"])["virtualCluster"]
    provider = cluster["containerProvider"]
    return {
        "virtualCluster.containerProvider.id": provider["id"],
        "virtualCluster.containerProvider.info.eksInfo.namespace": provider["info"]["eksInfo"]["namespace"],
    }
