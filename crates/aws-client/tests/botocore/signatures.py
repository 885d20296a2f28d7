"""Signatures of requests of every sort, compared with botocore's."""

import base64
import datetime
import itertools

import botocore.auth
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dialogue import Peer

TIME = datetime.datetime(2026, 11, 23, 1, 2, 3, tzinfo=datetime.timezone.utc)
URLS = [
    "https://dynamodb.us-east-1.amazonaws.com/",
    "http://localhost:5000/",
    "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3A1/invocations",
    "https://bucket.s3.amazonaws.com/a//b/../c%20d/%C3%A9~.txt?versionId=a%2Bb&acl",
    "https://s3.amazonaws.com/bucket?delete&list-type=2&prefix=%20%2F",
    "https://host:8443/path%2Fwith%2Fslashes?b=2&a=1&a=0&B=&%C3%BC=%26",
]
HEADERS = [
    {},
    {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.GetItem"},
    {"x-amz-meta-spaced": "a  b   c", "Range": "bytes=0-5", "Content-MD5": "abc=="},
]
BODIES = [b"", b"{}", "blöb\n".encode()]


def main():
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: TIME.replace(tzinfo=None) if remove_tzinfo else TIME
    peer = Peer()
    for name, token, url, headers, body, method in itertools.product(
        ("s3", "dynamodb"), (None, "t0/ken=="), URLS, HEADERS, BODIES, ("GET", "POST")
    ):
        credentials = Credentials("AKIDEXAMPLE", "se/cret+", token)
        request = AWSRequest(method=method, url=url, headers=dict(headers), data=body)
        signer = S3SigV4Auth if name == "s3" else SigV4Auth
        if name == "s3":
            # Botocore leaves a body out where TLS protects it; the client never does.
            request.context["payload_signing_enabled"] = True
            request.context["client_config"] = type("Config", (), {"s3": {"payload_signing_enabled": True}})
        signer(credentials, name, "us-east-1").add_auth(request)
        answer = peer.ask(
            name=name,
            token=token,
            method=method,
            url=url,
            headers=headers,
            body=base64.b64encode(body).decode(),
            time=int(TIME.timestamp()),
        )
        expected = request.headers["Authorization"]
        peer.check("signature", f"{name} {method} {url} {headers} {body}", answer["authorization"], expected)
    peer.report()


if __name__ == "__main__":
    main()
