"""Signatures as botocore makes them."""

import base64
import hashlib
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEYS = Credentials("AKIDEXAMPLE", "s3cret/key")


def region_of(scope, service):
    key, _, region, signed, kind = scope.split("/")
    assert (key, signed, kind) == (KEYS.access_key, service, "aws4_request"), scope
    return region


def of_request(handler, body):
    """For which region a request is signed, or what is wrong with its signature."""
    given = handler.headers.get("authorization", "")
    if not given:
        return "none"
    kind, _, rest = given.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    region = region_of(parts["Credential"], "execute-api")
    names = parts["SignedHeaders"].split(";")
    headers = {name: handler.headers[name] for name in names}
    url = f"https://{headers['host']}{handler.path}"
    request = AWSRequest(handler.command, url, headers=headers, data=body)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(KEYS, "execute-api", region)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    right = auth.signature(text, request)
    return region if (kind, right) == ("AWS4-HMAC-SHA256", parts["Signature"]) else "wrong"


def of_token(token):
    """The cluster and the region of a token of `aws eks get-token`; or none."""
    prefix, _, encoded = token.partition(".")
    if prefix != "k8s-aws-v1" or "=" in encoded:
        return None
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = parse_qs(url.query)
    if query["X-Amz-Expires"] != ["60"] or query["Action"] != ["GetCallerIdentity"]:
        return None
    region = region_of(query["X-Amz-Credential"][0], "sts")
    if url.netloc != f"sts.{region}.amazonaws.com" or query["X-Amz-SignedHeaders"] != ["host;x-k8s-aws-id"]:
        return None
    unsigned = [(name, value) for name, value in parse_qsl(url.query) if name != "X-Amz-Signature"]
    # The cluster is not in the URL: whoever checks a token says which one it must be for.
    for cluster in ["mine", "other"]:
        headers = {"host": url.netloc, "x-k8s-aws-id": cluster}
        request = AWSRequest("GET", f"https://{url.netloc}/?{urlencode(unsigned)}", headers=headers)
        request.context["timestamp"] = query["X-Amz-Date"][0]
        auth = SigV4QueryAuth(KEYS, "sts", region, expires=60)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        if auth.signature(text, request) == query["X-Amz-Signature"][0]:
            return cluster, region
    return None
