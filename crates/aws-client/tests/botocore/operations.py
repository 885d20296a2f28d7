"""Requests and results of every operation of every service, compared with botocore's own."""

import base64
import json
import sys
import urllib.parse
from xml.etree import ElementTree

import botocore
import botocore.handlers
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict

import wire
from dialogue import Peer

METADATA = "ResponseMetadata"
# What differs, and why that is right.
EXPLAINED = {
    "rest-xml s3.GetBucketNotification (all members), result": "two members have one element's name: botocore "
    "shows its own elements",
}


def service_model(loader, name):
    model = loader.load_service_model(name, "service-2")
    # SourceRegion asks botocore for a presigned URL and is no member of the API.
    for shape in model["shapes"].values():
        if name in ("rds", "docdb", "neptune"):
            shape.get("members", {}).pop("SourceRegion", None)
    if name == "s3":
        for operation in model["operations"].values():
            # Endpoints have the bucket.
            uri = operation["http"]["requestUri"]
            operation["http"]["requestUri"] = uri.removeprefix("/{Bucket}")
    return botocore.model.ServiceModel(model, name)


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


def expected_request(service, operation, protocol, parameters):
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


def found_request(operation, protocol, answer, expected):
    headers = {k.lower(): v for k, v in answer["headers"]}
    if "content-type" not in expected["headers"]:
        # Botocore leaves the type of XML to its HTTP client.
        headers = {k: v for k, v in headers.items() if (k, v) != ("content-type", "application/xml")}
    return {
        "method": answer["method"],
        "path": answer["path"],
        "query": sorted((name, value or "") for name, value in answer["query"]),
        "headers": headers,
        "host": answer["host_prefix"],
        "body": body(protocol, base64.b64decode(answer["body"]), is_raw(operation.input_shape)),
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


def parse(protocol, status, headers, content, shape):
    content = content.encode() if isinstance(content, str) else content
    answer = {
        "status_code": status,
        "headers": HeadersDict(headers),
        "body": content,
        "context": {"operation_name": ""},
    }
    parsed = botocore.parsers.create_parser(protocol).parse(answer, shape)
    parsed.pop(METADATA, None) if isinstance(parsed, dict) else None
    return parsed


def encoded(status, headers, content):
    content = content.encode() if isinstance(content, str) else content
    return {"status": status, "headers": headers, "body": base64.b64encode(content).decode()}


def check_operation(peer, service, name, operation, protocol):
    at = {"service": service, "operation": name, "protocol": protocol}
    label = f"{protocol} {service}.{name}"
    streams = operation.has_event_stream_input or operation.has_event_stream_output
    if streams:
        refused = peer.ask(request={}, **at).get("event_stream")
        peer.check("refused", label, bool(refused), True)
        return
    for everything in (True, False):
        label = f"{protocol} {service}.{name} ({'all members' if everything else 'required members'})"
        shape = operation.input_shape
        parameters = wire.Values(everything).of(shape) if shape else {}
        shown = wire.shown(shape, parameters) if shape else {}
        answer = peer.ask(request=shown, **at)
        if service == "route53" and shape:
            botocore.handlers.fix_route53_ids(parameters, operation)
        expected = expected_request(service, operation, protocol, parameters)
        if "error" in answer:
            peer.check("request", label, answer, expected)
        else:
            peer.check("request", label, found_request(operation, protocol, answer, expected), expected)
        shape = operation.output_shape
        value = wire.Values(everything, response=True).of(shape) if shape else {}
        if (service, name) == ("s3", "GetBucketLocation"):
            text = value.get("LocationConstraint", "")
            sent = (200, {}, wire.element("LocationConstraint", text))
            expected = value
        elif shape is None:
            sent, expected = (200, {}, ""), {}
        else:
            sent = response(operation, protocol, shape, value)
            expected = wire.shown(shape, parse(protocol, *sent, shape))
        answer = peer.ask(response=encoded(*sent), **at)
        peer.check("result", f"{label}, result", answer.get("result", answer), expected)


def error_response(service, protocol, shape, value):
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


def check_errors(peer, service, model, protocol):
    known = {
        shape.name: (shape, name)
        for name in model.operation_names
        for shape in model.operation_model(name).error_shapes
    }
    for name, (shape, operation) in known.items():
        value = wire.Values(True, response=True).of(shape)
        sent = error_response(service, protocol, shape, value)
        parsed = parse(protocol, *sent, None)["Error"]
        detail = wire.shown(shape, parse(protocol, *sent, shape))
        answer = peer.ask(response=encoded(*sent), error=True, service=service, operation=operation, protocol=protocol)
        expected = {"shape": name, "code": parsed["Code"], "message": parsed.get("Message") or "", "detail": detail}
        peer.check("error", f"{protocol} {service} {name}", answer.get("announced"), expected)


def main():
    loader = botocore.loaders.create_loader()
    peer = Peer(EXPLAINED)
    wanted = sys.argv[1:]
    names = loader.list_available_services("service-2")
    operations = 0
    for service in wanted or names:
        model = service_model(loader, service)
        preferred = model.resolved_protocol
        cbor_too = "smithy-rpc-v2-cbor" in model.protocols if "protocols" in model.metadata else False
        protocols = {preferred, "smithy-rpc-v2-cbor"} if cbor_too else {preferred}
        operations += len(model.operation_names)
        for protocol in sorted(protocols):
            for name in model.operation_names:
                check_operation(peer, service, name, model.operation_model(name), protocol)
            check_errors(peer, service, model, protocol)
    peer.report(services=len(wanted or names), operations=operations)


if __name__ == "__main__":
    main()
