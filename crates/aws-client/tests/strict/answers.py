"""Responses: made of the model, or as a script has them."""

import collections
import copy
import datetime
import itertools
import json
import threading

import botocore.utils
from moto.core.eventstream import EventStreamEncoder
from moto.core.model import ShapeResolver, StructureShape

import messages
import models
import reader
import task
import wire
from values import Bounded

# Of a script's answers, the last one stays.
FORMS = ({"result"}, {"error"})
XML = ("query", "ec2", "rest-xml")


class Account:
    """What is asked by one access key, and how that is answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.script = {}
        self.requests = []
        self.tokens = {}

    def prepare(self, script):
        """Takes a script, `{"athena.GetQueryExecution": [answer, …]}`, if it fits the models."""
        check(script)
        self.script.update({name: collections.deque(answers) for name, answers in script.items()})

    def answer(self, call):
        """The status, the headers and the body of the response."""
        with self.lock:
            answer = self.next(call)
            if "then" in answer:
                self.prepare(answer["then"])
            if "error" in answer:
                return self.fail(call, **answer["error"])
            token = idempotency_token(call)
            result = self.tokens.get(token) or result_of(call.operation, answer, self.numbers)
            if token:
                self.tokens[token] = result
            self.record(call, result=task.shown(call.operation.output_shape, result, times_of(call)) if result else {})
            return respond(call, result)

    def refuse(self, refused):
        """The response to a request that is wrong."""
        with self.lock:
            return self.fail(refused.call, refused.code, refused.message, refused.status)

    def fail(self, call, code, message="", status=None):
        shape = error_shape(call, code)
        status = status or shape.metadata.get("error", {}).get("httpStatusCode", 400)
        self.record(call, error={"code": code, "message": message, "status": status})
        named = [name for name in shape.members if name.lower() == "message"]
        if call.protocol in XML or not named:
            # Models have no member for the text that all errors have.
            named = ["Message" if call.protocol in XML else "message"]
            shape = named_error(shape.metadata.get("error", {}).get("code", shape.name), named[0])
        _, headers, content = messages.error_response(call.protocol, shape, {name: message for name in named})
        return status, headers, content

    def next(self, call):
        answers = self.script.get(call.name)
        if not answers:
            return {"result": {}}
        return answers.popleft() if len(answers) > 1 else answers[0]

    def record(self, call, **more):
        shape = call.operation.input_shape
        self.requests.append(
            {
                "service": call.service.name,
                "operation": call.operation.name,
                "region": call.region,
                "parameters": task.shown(shape, call.parameters, times_of(call)) if shape else {},
                "token": token_member(call),
                **more,
            }
        )


def check(script):
    """That a script fits the models, and the words that they list."""
    for name, answers in script.items():
        operation = operation_named(name)
        for answer in answers:
            if set(answer) - {"then"} not in FORMS:
                raise ValueError(f"{name}: an answer has 'result' or 'error', and maybe 'then': {answer}")
            if "result" in answer and operation.output_shape:
                result = result_of(operation, answer, itertools.count())
                wrong = [*reader.beyond(operation.output_shape, result, name)]
                if wrong:
                    raise ValueError("; ".join(wrong))
            check(answer.get("then", {}))


def result_of(operation, answer, numbers):
    shape = operation.output_shape
    if shape is None:
        return {}
    value = Bounded(numbers, response=True).of(shape)
    if operation.has_event_stream_output:
        value[shape.event_stream_name] = []
    return merged(shape, value, answer["result"], operation.name)


def times_of(call):
    """ECS is the one service whose times tasks show as text (observed)."""
    return "text" if call.service.name == "ecs" else "milliseconds"


def operation_named(name):
    service, _, operation = name.rpartition(".")
    return models.service(service).model.operation_model(operation)


def token_member(call):
    """The member that makes a call that is made again the same call, as tasks write it."""
    members = call.operation.input_shape.members if call.operation.input_shape else {}
    found = [name for name, member in members.items() if member.metadata.get("idempotencyToken")]
    return found[0][0].upper() + found[0][1:] if found else None


def idempotency_token(call):
    shown = task.shown(call.operation.input_shape, call.parameters) if call.operation.input_shape else {}
    name = token_member(call)
    return (call.name, shown[name]) if name in shown else None


def merged(shape, value, change, path):
    """A value with what a script says of it; null takes a member away."""
    kind = shape.type_name
    if shape.serialization.get("eventstream") and isinstance(change, list):
        return [merged(shape, {}, event, path) for event in change]
    if kind == "structure" and isinstance(change, dict):
        result = dict(value)
        for name, inner in change.items():
            if name not in shape.members:
                raise ValueError(f"{path} has no member {name}")
            if inner is None:
                result.pop(name, None)
            else:
                result[name] = merged(shape.members[name], result.get(name, {}), inner, f"{path}.{name}")
        return result
    if kind == "list" and isinstance(change, list):
        model = value[0] if value else {}
        return [merged(shape.member, copy.deepcopy(model), inner, f"{path}[]") for inner in change]
    if kind == "timestamp":
        return botocore.utils.parse_timestamp(change).astimezone(datetime.timezone.utc)
    if kind == "blob":
        return change.encode()
    return change


def respond(call, result):
    if call.operation.output_shape is None:
        return 200, {}, ""
    if call.operation.has_event_stream_output:
        return 200, {"Content-Type": "application/vnd.amazon.eventstream"}, event_stream(call.operation, result)
    return messages.response(call.operation, call.protocol, call.operation.output_shape, result)


def event_stream(operation, result):
    """The events of a result, each `{"messageStop": {…}}`, of which exceptions are errors."""
    name = operation.output_shape.event_stream_name
    messages = []
    for event in result[name]:
        for variant, value in event.items():
            shape = operation.output_shape.members[name].members[variant]
            kind = "exception" if shape.metadata.get("exception") else "event"
            headers = {":message-type": kind, f":{kind}-type": variant, ":content-type": "application/json"}
            content = json.dumps(wire.to_json(shape, value)).encode()
            messages.append(EventStreamEncoder().encode_message(headers, content))
    return b"".join(messages)


def error_shape(call, code):
    """The error's shape in the model, or one for an error that no model has."""
    for shape in [*call.operation.error_shapes, *call.service.model.error_shapes]:
        if code in (shape.name, shape.metadata.get("error", {}).get("code")):
            return shape
    return named_error(code, "message")


def named_error(code, member):
    texts = ShapeResolver({"Text": {"type": "string"}})
    return StructureShape(code, {"type": "structure", "members": {member: {"shape": "Text"}}}, texts)
