#!/usr/bin/env python3
"""Makes data/api-models.deflate: what the responses of AWS's API actions look like.

    pip download botocore==1.44.5 --no-deps
    python3 crates/catalog/tools/api_models.py botocore-1.44.5-py3-none-any.whl

The models are those of botocore (Apache-2.0, see NOTICE). Of each service that tasks can call, the
newest version is taken, and of it only the shapes that the actions' responses are made of, without
names and documentation.

The file begins with a line of JSON, {MODEL: [OFFSET, LENGTH], …}, that says where behind that line
each model stands. A model is JSON, compressed (RFC 1951):

    {"actions": {ACTION: SHAPE, …}, "shapes": [a shape, …]}

where SHAPE is a place in `shapes`, or null for an action without a response. A shape is one of

    "string" | "number" | "boolean" | "any"             with nothing to be said of it
    {"is": "string" | "number", "enum"?, "min"?, "max"?}
    {"is": "structure", "members": {NAME: SHAPE, …}, "required"?: [NAME, …]}
    {"is": "list", "of": SHAPE, "min"?, "max"?}
    {"is": "map", "of": SHAPE}

Timestamps and blobs are strings, as Step Functions shows them.
"""

import gzip
import json
import sys
import zipfile
import zlib
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
PLAIN = {
    "string": "string",
    "character": "string",
    "timestamp": "string",
    "blob": "string",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "bigdecimal": "number",
    "biginteger": "number",
    "boolean": "boolean",
}


def models_wanted():
    """The models of all services that tasks can call."""
    sdk = json.loads((DATA / "aws-sdk.json").read_text())
    return sorted({row["model"] for row in sdk["services"].values() if row.get("model")})


def bounds(shape):
    return {name: shape[name] for name in ("min", "max") if name in shape}


def reduced(shape):
    """A shape without what a response is not checked for."""
    kind = shape["type"]
    if shape.get("document") or shape.get("eventstream"):
        return "any"
    if kind == "structure":
        # What stands in a header or in the body is the same to a task.
        members = {name: member["shape"] for name, member in shape.get("members", {}).items()}
        required = {"required": shape["required"]} if shape.get("required") else {}
        return {"is": kind, "members": members, **required}
    if kind == "list":
        return {"is": kind, "of": shape["member"]["shape"], **bounds(shape)}
    if kind == "map":
        return {"is": kind, "of": shape["value"]["shape"]}
    plain = PLAIN[kind]
    if shape["type"] in ("timestamp", "blob", "boolean"):
        return plain
    rules = {**({"enum": shape["enum"]} if "enum" in shape else {}), **bounds(shape)}
    return {"is": plain, **rules} if rules else plain


class Shapes:
    """The shapes of one model's responses; the same shape stands once."""

    def __init__(self, model):
        self.model = model
        self.places = {}
        self.list = []
        self.seen = {}

    def place(self, name):
        if name not in self.places:
            shape = reduced(self.model[name])
            if isinstance(shape, str) or shape["is"] in ("string", "number"):
                self.places[name] = self.share(shape)
            else:
                # Its place is known before its parts are: shapes may hold themselves.
                self.places[name] = len(self.list)
                self.list.append(shape)
                if "of" in shape:
                    shape["of"] = self.place(shape["of"])
                if "members" in shape:
                    members = shape["members"].items()
                    shape["members"] = {member: self.place(of) for member, of in members}
        return self.places[name]

    def share(self, shape):
        text = json.dumps(shape)
        if text not in self.seen:
            self.seen[text] = len(self.list)
            self.list.append(shape)
        return self.seen[text]


def reduced_model(model):
    shapes, actions = Shapes(model["shapes"]), {}
    for name, operation in sorted(model["operations"].items()):
        output = operation.get("output", {}).get("shape")
        actions[name] = shapes.place(output) if output else None
    return {"actions": actions, "shapes": shapes.list}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wheel = zipfile.ZipFile(sys.argv[1])
    versions = {}
    for path in wheel.namelist():
        parts = path.split("/")
        if path.startswith("botocore/data/") and parts[-1] == "service-2.json.gz":
            versions.setdefault(parts[2], []).append(path)
    index, models = {}, b""
    for name in models_wanted():
        model = json.loads(gzip.decompress(wheel.read(max(versions[name]))))
        text = json.dumps(reduced_model(model), separators=(",", ":"))
        deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = deflate.compress(text.encode()) + deflate.flush()
        index[name] = [len(models), len(packed)]
        models += packed
    target = DATA / "api-models.deflate"
    target.write_bytes(json.dumps(index, separators=(",", ":")).encode() + b"\n" + models)
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
