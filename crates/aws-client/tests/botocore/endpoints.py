"""Endpoints of every service, compared with those that botocore's rules give."""

import itertools
import sys

import botocore.loaders
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

from dialogue import Peer

REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "aws-global", "eu-west-9"]
ENDPOINTS = [None, "http://localhost:5000", "https://vpce-1.example.com/path"]
FLAGS = [(False, False), (True, False), (False, True), (True, True)]
BUCKETS = [
    "bucket",
    "dotted.bucket",
    "Upper_Case",
    "directory--use1-az4--x-s3",
    "alias-opqrstuvwxyz1234567890123456--op-s3",
    "arn:aws:s3:us-west-2:123456789012:accesspoint/point",
    "arn:aws:s3::123456789012:accesspoint/point.mrap",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/banner",
    "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01234567890123456/accesspoint/reports",
    "arn:aws:sns:us-east-1:123456789012:topic",
]
# What services know beside what all know.
MORE = {
    "s3": [
        {"Bucket": bucket, "ForcePathStyle": path, "UseArnRegion": True, "DisableS3ExpressSessionAuth": True}
        for bucket in BUCKETS
        for path in (False, True)
    ],
    "s3control": [
        {"AccountId": "123456789012", "RequiresAccountId": True},
        {"AccountId": "123456789012", "Bucket": BUCKETS[-2], "UseArnRegion": True},
        {"OutpostId": "op-01234567890123456"},
    ],
    "events": [{"EndpointId": "abc.def"}],
    "sts": [{"UseGlobalEndpoint": True}],
    "dynamodb": [{"AccountId": "123456789012", "AccountIdEndpointMode": "preferred"}],
    "kinesis": [
        {"StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s", "OperationType": "data"},
        {"ConsumerARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1", "OperationType": "control"},
    ],
    "acm": [{"ServiceType": "ACM"}, {"ServiceType": "ACM-ACME"}],
}


def main():
    loader = botocore.loaders.create_loader()
    partitions = loader.load_data("partitions")
    peer = Peer()
    names = sys.argv[1:] or loader.list_available_services("endpoint-rule-set-1")
    for service in names:
        rules = loader.load_service_model(service, "endpoint-rule-set-1")
        provider = EndpointProvider(rules, partitions)
        for region, (fips, dual), endpoint in itertools.product(REGIONS, FLAGS, ENDPOINTS):
            for more in [{}, *MORE.get(service, [])]:
                known = {"Region": region, "UseFIPS": fips, "UseDualStack": dual, "Endpoint": endpoint, **more}
                known = {k: v for k, v in known.items() if k in rules["parameters"] and v is not None}
                try:
                    found = provider.resolve_endpoint(**known)
                    properties = {k: v for k, v in found.properties.items()}
                    expected = {"url": found.url, "properties": properties, "headers": found.headers}
                except EndpointProviderError as error:
                    expected = {"error": error.kwargs["msg"]}
                answer = peer.ask(service=service, parameters=known)
                peer.check("endpoint", f"{service} {known}", answer, expected)
    peer.report(services=len(names))


if __name__ == "__main__":
    main()
