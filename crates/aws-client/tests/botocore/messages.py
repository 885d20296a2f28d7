"""Requests and responses as they are on the wire.

Requests are those that botocore makes. Responses are written as `wire` has it.
"""

import json
import urllib.parse
from xml.etree import ElementTree

import botocore.serialize

import wire


def canonical_xml(text):
    return ElementTree.canonicalize(text) if text else ""


def body(protocol, content, raw):
    """A body as what it means."""
    if raw:
        return content.hex()
    if protocol in ("query", "ec2"):
        return sorted(urllib.parse.parse_qsl(content.decode(), keep_blank_values=True))
    if protocol == "smithy-rpc-v2-cbor":
        return content.hex()
    if not content:
        return ""
    return canonical_xml(content.decode()) if protocol == "rest-xml" else json.loads(content)


def is_raw(shape):
    payload = shape.serialization.get("payload") if shape else None
    return payload is not None and shape.members[payload].type_name in ("blob", "string")


def expected_request(operation, protocol, parameters):
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    found = serializer.serialize_to_request(parameters, operation)
    path, _, query = found["url_path"].partition("?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    for name, value in (found["query_string"] or {}).items():
        pairs += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
    content = found["body"]
    if isinstance(content, dict):
        content = urllib.parse.urlencode(content).encode()
    return {
        "method": found["method"],
        "path": path,
        "query": sorted(pairs),
        "headers": {k.lower(): str(v) for k, v in found["headers"].items()},
        "host": found.get("host_prefix"),
        "body": body(protocol, content, is_raw(operation.input_shape)),
    }


def response(operation, protocol, shape, value):
    """What a service would answer: status, headers, body."""
    meta = operation.service_model.metadata
    if protocol == "json":
        return 200, {}, json.dumps(wire.to_json(shape, value))
    if protocol == "smithy-rpc-v2-cbor":
        return 200, {}, cbor(shape, value)
    if protocol in ("query", "ec2"):
        inner = wire.members_to_xml(shape, value)
        wrapper = shape.serialization.get("resultWrapper")
        inner = wire.element(wrapper, inner) if wrapper else inner
        inner += wire.element("requestId", "id-1")
        space = f' xmlns="{meta["xmlNamespace"]}"' if meta.get("xmlNamespace") else ""
        return 200, {}, wire.element(f"{operation.name}Response", inner, space)
    headers, status = wire.head(shape, value)
    payload = shape.serialization.get("payload")
    if payload is not None and payload not in value:
        return status, headers, ""
    if is_raw(shape):
        return status, headers, value[payload]
    inner_shape, inner = (shape.members[payload], value[payload]) if payload else (shape, value)
    if protocol == "rest-json":
        inner = inner if payload else wire.body_members(shape, value)
        return status, headers, json.dumps(wire.to_json(inner_shape, inner))
    name = wire.name_of(inner_shape, f"{operation.name}Response")
    attributes = ' xmlns="http://example.com/doc/"'
    return status, headers, wire.element(name, wire.members_to_xml(inner_shape, inner), attributes)


def cbor(shape, value):
    out = bytearray()
    serializer = botocore.serialize.create_serializer("smithy-rpc-v2-cbor", include_validation=False)
    serializer._serialize_data_item(out, value, shape)
    return bytes(out)


def error_response(protocol, shape, value):
    code = shape.metadata.get("error", {}).get("code", shape.name)
    if protocol == "json":
        return 400, {}, json.dumps({"__type": f"com.amazonaws#{code}", **wire.to_json(shape, value)})
    if protocol == "rest-json":
        headers = {name.lower(): text for name, text in wire.head(shape, value)[0].items()}
        headers["x-amzn-errortype"] = f"{code}:http://example.com/"
        return 400, headers, json.dumps(wire.to_json(shape, wire.body_members(shape, value)))
    if protocol == "smithy-rpc-v2-cbor":
        content = bytearray(cbor(shape, value))
        # One more entry of a short map: its type.
        assert content[0] < 0xA0 + 23
        content[0] += 1
        name = f"com.amazonaws#{code}".encode()
        return 400, {}, bytes(content) + b"\x66__type\x78" + bytes([len(name)]) + name
    inner = {name: part for name, part in value.items() if name != "Code"}
    inner = wire.element("Code", code) + wire.members_to_xml(shape, inner)
    if protocol == "ec2":
        inner = wire.element("Errors", wire.element("Error", inner))
        return 400, {}, wire.element("Response", inner + wire.element("RequestID", "id-1"))
    inner = wire.element("Error", inner) + wire.element("RequestId", "id-1")
    return 400, {}, wire.element("ErrorResponse", inner)
