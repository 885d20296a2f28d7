#!/usr/bin/env python3
"""Makes data/models.deflate: the operations, shapes and endpoint rules of every AWS service.

    python3 crates/aws-client/tools/models.py botocore-VERSION-py3-none-any.whl

`cargo xtask models` fetches the wheel in the version that this repository pins, and runs this. The
models are those of botocore (Apache-2.0, see NOTICE). Of each service the newest version is taken,
without documentation and without what only paginators, waiters and examples need.

The file begins with a line of JSON:

    {"botocore": VERSION, "partitions": [a partition, …], "rules": PLACE, "services": {NAME: PLACE, …}}

NAME is that of the service's directory in botocore. A PLACE is [OFFSET, LENGTH] behind that line; what
stands there is JSON, compressed (RFC 1951). `rules` has templates of endpoint rule sets: rule sets in
which every text is a place in the service's own list of texts, because most services' rules differ
in those only; a template a line. What a service, an operation and a shape say is described in src/model/, which reads it.
"""

import gzip
import json
import re
import sys
import zipfile
import zlib
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "data" / "models.deflate"
# What a protocol needs to know where a shape is referred to, under the name that it has here.
REFERENCE = {
    "locationName": "name",
    "location": "in",
    "queryName": "query",
    "flattened": "flattened",
    "timestampFormat": "format",
    "xmlNamespace": "namespace",
    "xmlAttribute": "attribute",
    "streaming": "streaming",
    "jsonvalue": "json",
    "hostLabel": "host",
    "idempotencyToken": "token",
    "contextParam": "context",
}
# Route 53's own clients take its ids with and without the path that its answers give them.
ROUTE53_IDS = ("ResourceId", "DelegationSetId", "ChangeId")
# Where botocore and AWS's other SDKs prefer which protocol, in this order.
PROTOCOLS = ("json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2")
PLAIN = {"character": "string", "bigdecimal": "double", "biginteger": "long"}


class Shapes:
    """The shapes of one model that its operations use; the same shape stands once."""

    def __init__(self, model):
        self.model = model
        self.places = {}
        self.list = []
        self.seen = {}

    def reference(self, at):
        """A shape where it is referred to: its place, or that with what the reference says of it."""
        shape = self.model[at["shape"]]
        # What stands at the shape holds for each reference to it that says nothing else.
        traits = {
            REFERENCE[name]: value
            for name, value in {**shape, **at}.items()
            if name in REFERENCE and value is not False
        }
        if traits.get("in") != "header":
            # Elsewhere it is a string like any.
            traits.pop("json", None)
        if "context" in traits:
            traits["context"] = traits["context"]["name"]
        if isinstance(traits.get("namespace"), str):
            traits["namespace"] = {"uri": traits["namespace"]}
        place = self.place(at["shape"])
        return {"shape": place, **traits} if traits else place

    def input(self, service, at):
        """An operation's parameters."""
        found = self.reference(at)
        members = self.model[at["shape"]].get("members", {}).items()
        ids = [name for name, member in members if member["shape"] in ROUTE53_IDS]
        written = self.list[self.places[at["shape"]]].get("members")
        for name in ids if service == "route53" else []:
            plain = {"shape": written[name]} if isinstance(written[name], int) else written[name]
            written[name] = {**plain, "segment": True}
        return found

    def place(self, name):
        if name not in self.places:
            shape = self.model[name]
            kind = PLAIN.get(shape["type"], shape["type"])
            if kind not in ("structure", "list", "map"):
                self.places[name] = self.share(simple(kind, shape))
            else:
                # Its place is known before its parts are: shapes may hold themselves.
                self.places[name] = len(self.list)
                self.list.append({})
                self.list[self.places[name]] = self.compound(kind, shape)
        return self.places[name]

    def share(self, shape):
        text = json.dumps(shape)
        if text not in self.seen:
            self.seen[text] = len(self.list)
            self.list.append(shape)
        return self.seen[text]

    def compound(self, kind, shape):
        if shape.get("document"):
            return "document"
        if shape.get("eventstream"):
            return "eventstream"
        if kind == "list":
            return {"is": kind, "of": self.reference(shape["member"]), **bounds(shape)}
        if kind == "map":
            key, value = self.reference(shape["key"]), self.reference(shape["value"])
            return {"is": kind, "key": key, "of": value, **bounds(shape)}
        members = shape.get("members", {}).items()
        return {
            "is": kind,
            **({"union": True} if shape.get("union") else {}),
            **({"payload": shape["payload"]} if "payload" in shape else {}),
            "members": {name: self.reference(member) for name, member in members},
            **({"required": shape["required"]} if shape.get("required") else {}),
        }


def bounds(shape):
    return {name: shape[name] for name in ("min", "max") if name in shape}


def simple(kind, shape):
    """A shape without parts: its type alone, or that with the values it may have."""
    if kind in ("timestamp", "boolean"):
        return kind
    rules = {**({"enum": shape["enum"]} if "enum" in shape else {}), **bounds(shape)}
    return {"is": kind, **rules} if rules else kind


def error(shapes, name, shape):
    """An exception: as what it is announced, and whether the call may be made again."""
    traits = shape.get("error", {})
    retryable = shape.get("retryable")
    return {
        "shape": shapes.place(name),
        **({"code": traits["code"]} if traits.get("code", name) != name else {}),
        **({"throttling": retryable.get("throttling", False)} if retryable is not None else {}),
    }


def operation(shapes, service, name, model, ambiguous):
    http = model["http"]
    # S3's endpoints have the bucket, so it does not stand in the path again.
    uri = re.sub(r"^/\{Bucket\}", "", http["requestUri"]) if service == "s3" else http["requestUri"]
    checksum = model.get("httpChecksum", {})
    found = {
        "method": http["method"] if http["method"] != "POST" else None,
        "uri": uri if uri != "/" else None,
        "input": shapes.input(service, model["input"]) if "input" in model else None,
        "output": shapes.reference(model["output"]) if "output" in model else None,
        "wrapper": model.get("output", {}).get("resultWrapper"),
        # The answer's root is the member itself.
        "unwrapped": True if (service, name) == ("s3", "GetBucketLocation") else None,
        # Which of the errors that a code may stand for.
        "errors": [e["shape"] for e in model.get("errors", []) if e["shape"] in ambiguous] or None,
        "host": model.get("endpoint", {}).get("hostPrefix"),
        "static": {k: v["value"] for k, v in model.get("staticContextParams", {}).items()} or None,
        "unauthenticated": model.get("authtype") == "none" or None,
        "unsigned": model.get("unsignedPayload"),
        "checksum": checksum.get("requestAlgorithmMember"),
        "checksum_required": checksum.get("requestChecksumRequired")
        or model.get("httpChecksumRequired")
        or None,
        "discovers": model.get("endpointdiscovery", {}).get("required") or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def template(rules, texts):
    """A rule set with places in `texts` for its texts."""
    if isinstance(rules, dict):
        return {k: template(v, texts) for k, v in rules.items() if k not in ("documentation", "version")}
    if isinstance(rules, list):
        return [template(v, texts) for v in rules]
    if isinstance(rules, str):
        if rules not in texts:
            texts.append(rules)
        return texts.index(rules)
    # Numbers are places; those that are not say so.
    return {"number": rules} if type(rules) is int else rules


def service(name, model, rules, templates):
    meta = model["metadata"]
    shapes = Shapes(model["shapes"])
    protocols = meta.get("protocols") or [meta["protocol"]]
    protocol = next(p for p in PROTOCOLS if p in protocols)
    texts = []
    text = json.dumps(template(rules, texts), separators=(",", ":"))
    if text not in templates:
        templates.append(text)
    operations = sorted(model["operations"].items())
    errors = sorted((n, s) for n, s in model["shapes"].items() if s.get("exception"))
    codes = {n: s.get("error", {}).get("code", n) for n, s in errors}
    ambiguous = {n for n, code in codes.items() if list(codes.values()).count(code) > 1}
    found = {
        "id": meta["serviceId"],
        "protocol": protocol,
        "version": meta["apiVersion"],
        "json": meta.get("jsonVersion"),
        "target": meta.get("targetPrefix"),
        "prefix": meta["endpointPrefix"],
        "signing_name": meta.get("signingName"),
        "auth": meta.get("auth"),
        "signature": meta["signatureVersion"] if meta["signatureVersion"] in ("v2", "bearer") else None,
        "query_compatible": "awsQueryCompatible" in meta or None,
        "operations": {n: operation(shapes, name, n, o, ambiguous) for n, o in operations},
        "errors": {n: error(shapes, n, s) for n, s in errors},
        "shapes": shapes.list,
        "rules": templates.index(text),
        "texts": texts,
    }
    return {key: value for key, value in found.items() if value is not None}


def packed(text):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    return deflate.compress(text.encode()) + deflate.flush()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wheel = zipfile.ZipFile(sys.argv[1])
    read = lambda path: json.loads(gzip.decompress(wheel.read(path)))
    newest = {}
    for path in sorted(wheel.namelist()):
        parts = path.split("/")
        if path.startswith("botocore/data/") and parts[-1] == "service-2.json.gz":
            newest[parts[2]] = path.rsplit("/", 1)[0]
    partitions = json.loads(wheel.read("botocore/data/partitions.json"))["partitions"]
    for partition in partitions:
        partition["regions"] = sorted(partition["regions"])
    version = re.search(r"botocore-([0-9.]+)-", Path(sys.argv[1]).name).group(1)
    header = {"botocore": version, "partitions": partitions, "rules": None, "services": {}}
    templates, blobs = [], b""
    for name, directory in newest.items():
        model = read(f"{directory}/service-2.json.gz")
        if name == "s3":
            # Botocore's own correction: the response's header of this name is a date.
            model["shapes"]["Expires"] = {"type": "timestamp"}
        rules = read(f"{directory}/endpoint-rule-set-1.json.gz")
        blob = packed(json.dumps(service(name, model, rules, templates), separators=(",", ":")))
        header["services"][name] = [len(blobs), len(blob)]
        blobs += blob
    blob = packed("\n".join(templates))
    header["rules"] = [len(blobs), len(blob)]
    blobs += blob
    TARGET.write_bytes(json.dumps(header, separators=(",", ":")).encode() + b"\n" + blobs)
    print(f"{TARGET}: {len(newest)} services, {len(templates)} rule sets, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
