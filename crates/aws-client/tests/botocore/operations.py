"""Requests and results of every operation of every service, compared with botocore's own."""

import base64
import sys

import botocore
import botocore.handlers
import botocore.loaders
import botocore.model
import botocore.parsers
from botocore.awsrequest import HeadersDict

import messages
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
        "body": messages.body(protocol, base64.b64decode(answer["body"]), messages.is_raw(operation.input_shape)),
    }




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
        expected = messages.expected_request(operation, protocol, parameters)
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
            sent = messages.response(operation, protocol, shape, value)
            expected = wire.shown(shape, parse(protocol, *sent, shape))
        answer = peer.ask(response=encoded(*sent), **at)
        peer.check("result", f"{label}, result", answer.get("result", answer), expected)



def check_errors(peer, service, model, protocol):
    known = {
        shape.name: (shape, name)
        for name in model.operation_names
        for shape in model.operation_model(name).error_shapes
    }
    for name, (shape, operation) in known.items():
        value = wire.Values(True, response=True).of(shape)
        sent = messages.error_response(protocol, shape, value)
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
