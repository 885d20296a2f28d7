"""Requests, read by the models and taken strictly.

A request is parsed by moto's parsers and validated by botocore. Then botocore makes the request of
the parameters that were found: what was sent must be that request. So there is nothing in it that
the model does not have, and everything in it is written as AWS's own client writes it.
"""

import re
import urllib.parse

import botocore.parsers
import botocore.utils
import botocore.validate
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from werkzeug.exceptions import NotFound

import messages
import models

CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
CBOR = "smithy-rpc-v2-cbor"
CBOR_PATH = re.compile(r"/service/[^/]+/operation/([^/]+)")
# Headers that botocore's HTTP client and not its serializer makes.
LEFT_TO_CLIENTS = {"content-type", "content-length"}


class Refused(Exception):
    """A request that is not answered: the code and the status of the error, and what is wrong."""

    def __init__(self, code, message, status=400, call=None):
        super().__init__(message)
        self.code, self.message, self.status, self.call = code, message, status, call


class Call:
    """Who asks for which operation, with what."""

    def __init__(self, who, region, service, operation, protocol):
        self.who, self.region = who, region
        self.service, self.operation, self.protocol = service, operation, protocol
        self.parameters = {}

    @property
    def name(self):
        return f"{self.service.name}.{self.operation.name}"


def read(method, target, headers, content):
    """The call that a request makes."""
    signed = CREDENTIAL.search(headers.get("Authorization", ""))
    if not signed:
        raise Refused("MissingAuthenticationToken", "The request is not signed", 403)
    who, region, signing_name = signed.groups()
    request = Request.from_primitives(method, f"http://{headers['Host']}{target}", headers, content)
    for service in models.signed_as(signing_name):
        found = find(service, request)
        if found:
            break
    else:
        raise Refused("UnknownOperationException", f"{signing_name} has no operation for {method} {target}", 404)
    operation, protocol, labels = found
    call = Call(who, region, service, operation, protocol)
    try:
        call.parameters = parse(call, request, labels, content)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Refused("SerializationException", f"The request cannot be read: {error!r}", call=call)
    wrong = [*invalid(call), *different(call, request, content)]
    if wrong:
        raise Refused(refusal(operation), "; ".join(wrong), call=call)
    return call


def find(service, request):
    """The operation, its protocol, and what the path says."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        match = CBOR_PATH.fullmatch(request.raw_path)
        known = match and match.group(1) in service.model.operation_names
        return (service.model.operation_model(match.group(1)), CBOR, {}) if known else None
    try:
        operation, labels = service.router.match(request)
        return operation, determine_request_protocol(service.model, request.content_type), labels
    except (NotFound, NotImplementedError):
        return None


def parse(call, request, labels, content):
    shape = call.operation.input_shape
    if shape is None:
        return {}
    if call.protocol == CBOR:
        answer = {"status_code": 200, "headers": {"smithy-protocol": "rpc-v2-cbor"}, "body": content, "context": {}}
        parsed = botocore.parsers.create_parser(CBOR).parse(answer, shape) if content else {}
        parsed.pop("ResponseMetadata", None)
        return parsed
    parser = PROTOCOL_PARSERS[call.protocol](call.operation, timestamp_parser=botocore.utils.parse_timestamp)
    parsed = parser.parse(
        {
            "body": content,
            "headers": request.headers,
            "method": request.method,
            "url_params": labels,
            "url_path": request.raw_path,
            "values": request.values,
        }
    )
    # What is not there is empty for the parser, where there could be several.
    located = {name for name, member in shape.members.items() if member.serialization.get("location")}
    return {name: value for name, value in parsed.items() if name not in located or value not in ([], {}, None)}


def invalid(call):
    """What the model forbids: unknown members, missing ones, wrong types, lengths, words."""
    shape = call.operation.input_shape
    if shape is None:
        return []
    errors = botocore.validate.ParamValidator().validate(call.parameters, shape)
    return [*errors.generate_report().splitlines(), *beyond(shape, call.parameters, "")]


def beyond(shape, value, path):
    """What botocore leaves to services: longest lengths, largest numbers, words of a list."""
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return
    if kind == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            if name in shape.members:
                yield from beyond(shape.members[name], inner, f"{path}.{name}")
    elif kind == "structure" and isinstance(value, list):
        # The events of a stream.
        for index, event in enumerate(value):
            yield from beyond(shape, event, f"{path}[{index}]")
    elif kind == "list" and isinstance(value, list):
        for index, inner in enumerate(value):
            yield from beyond(shape.member, inner, f"{path}[{index}]")
    elif kind == "map" and isinstance(value, dict):
        for key, inner in value.items():
            yield from beyond(shape.key, key, f"{path} (a key)")
            yield from beyond(shape.value, inner, f"{path}.{key}")
    if isinstance(value, str) and getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    most = shape.metadata.get("max")
    size = value if isinstance(value, (int, float)) else len(value) if hasattr(value, "__len__") else 0
    if most is not None and size > most:
        yield f"{path}: {size} is more than {most}"


def different(call, request, content):
    """What differs from the request that botocore makes of the parameters."""
    try:
        expected = messages.expected_request(call.operation, call.protocol, call.parameters)
    except Exception as error:  # What validation has found already.
        return [f"botocore cannot make this request: {error!r}"]
    headers = {name.lower(): value for name, value in request.headers.items()}
    wanted = {k: v for k, v in expected["headers"].items() if k not in LEFT_TO_CLIENTS}
    query = urllib.parse.parse_qsl(request.query_string.decode(), keep_blank_values=True)
    found = {
        "method": request.method,
        "path": request.raw_path,
        "query": sorted(query),
        "headers": {name: headers.get(name) for name in wanted},
        "body": body(call, content),
    }
    expected = {**expected, "headers": wanted}
    return [f"{part} is {found[part]!r} and not {expected[part]!r}" for part in found if found[part] != expected[part]]


def body(call, content):
    try:
        return messages.body(call.protocol, content, messages.is_raw(call.operation.input_shape))
    except ValueError as error:
        return f"unreadable: {error}"


def refusal(operation):
    """The operation's own error for requests that are wrong."""
    names = [shape.name for shape in operation.error_shapes]
    words = ("Validation", "InvalidInput", "InvalidParameter", "InvalidRequest", "BadRequest", "Client")
    fitting = (name for word in words for name in names if word in name)
    return next(fitting, "ValidationException")
