"""Prints, as JSON, what was deployed to a server that plays AWS: published files, and definitions of machines."""

import json
import sys

import boto3

ENDPOINT, QUALIFIER = sys.argv[1:]

s3 = boto3.client("s3", endpoint_url=ENDPOINT)
machines = boto3.client("stepfunctions", endpoint_url=ENDPOINT)
functions = boto3.client("lambda", endpoint_url=ENDPOINT)
bucket = f"cdk-{QUALIFIER}-assets-123456789012-us-east-1"
listed = machines.list_state_machines()["stateMachines"]
described = [machines.describe_state_machine(stateMachineArn=machine["stateMachineArn"]) for machine in listed]
print(
    json.dumps(
        {
            "files": [file["Key"] for file in s3.list_objects_v2(Bucket=bucket).get("Contents", [])],
            "functions": [function["FunctionArn"] for function in functions.list_functions()["Functions"]],
            "definitions": [json.loads(machine["definition"]) for machine in described],
        }
    )
)
