"""Makes what `cdk bootstrap` makes, as far as a deployment needs it, in a server that plays AWS.

The server does not give the outputs of stacks that are made by change sets, as the command line makes them.
"""

import json
import sys
import time

import boto3

ENDPOINT, QUALIFIER = sys.argv[1:]
BUCKET = f"cdk-{QUALIFIER}-assets-123456789012-us-east-1"
TEMPLATE = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": BUCKET}},
        "Version": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Name": f"/cdk-bootstrap/{QUALIFIER}/version", "Value": "21"},
        },
    },
    "Outputs": {
        "BucketName": {"Value": {"Ref": "Bucket"}},
        "BucketDomainName": {"Value": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}},
        "BootstrapVersion": {"Value": "21"},
    },
}

cloudformation = boto3.client("cloudformation", endpoint_url=ENDPOINT)
deadline = time.monotonic() + 60
while True:
    try:
        cloudformation.create_stack(StackName="CDKToolkit", TemplateBody=json.dumps(TEMPLATE))
        break
    except Exception:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.1)
