"""Moves tasks away from an instance that is about to end, then lets it end."""
import json
import os
import time

import boto3

ecs = boto3.client("ecs")
autoscaling = boto3.client("autoscaling")
cluster = os.environ["CLUSTER"]


def lambda_handler(event, context):
    ending = json.loads(event["Records"][0]["Sns"]["Message"])
    instance_id = ending.get("EC2InstanceId")
    if not instance_id:
        return
    found = ecs.list_container_instances(cluster=cluster, filter="ec2InstanceId==" + instance_id)
    for arn in found["containerInstanceArns"]:
        ecs.update_container_instances_state(
            cluster=cluster, containerInstances=[arn], status="DRAINING"
        )
        while is_busy(arn):
            time.sleep(10)
    let_end(ending)


def is_busy(arn):
    described = ecs.describe_container_instances(cluster=cluster, containerInstances=[arn])
    instances = described["containerInstances"]
    return any(one["runningTasksCount"] + one["pendingTasksCount"] > 0 for one in instances)


def let_end(ending):
    names = ("LifecycleHookName", "LifecycleActionToken", "AutoScalingGroupName")
    action = {name: ending[name] for name in names}
    try:
        autoscaling.complete_lifecycle_action(LifecycleActionResult="CONTINUE", **action)
    except autoscaling.exceptions.ClientError as error:
        # It may have ended by itself meanwhile.
        print(error)
