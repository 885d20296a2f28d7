"""Values for shapes of botocore's models, and responses that have them.

Nothing here is botocore's but the models: what a response looks like is written down once more.
"""

import base64
import datetime
import json
from email.utils import format_datetime
from xml.sax.saxutils import escape

TIME = datetime.datetime(2026, 11, 23, 1, 2, 3, tzinfo=datetime.timezone.utc)
TEXT = "téxt &<\"'>/ +%"
PLAIN = 'plain, "text" 1'
DEEP = 4


def is_json(shape):
    """Whether a header has it as JSON."""
    traits = shape.serialization
    return "jsonvalue" in traits and traits.get("location") == "header"


class Values:
    """Valid values: of all members, or of those alone that are required."""

    def __init__(self, everything, response=False):
        self.everything = everything
        self.response = response

    def of(self, shape, depth=0, plain=False):
        kind = shape.type_name
        if getattr(shape, "is_document_type", False):
            return {"any": [1, "x", None, {"y": 1.5}]}
        return getattr(self, f"of_{kind}")(shape, depth, plain)

    def of_structure(self, shape, depth, plain):
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False):
            # Which one depends on the depth, so that not all of a kind have the same. Those without
            # structures end what else had no end.
            simple = [n for n in names if shape.members[n].type_name not in ("structure", "list", "map")]
            names = [(simple or names)[0] if depth > DEEP else names[depth % len(names)]]
        elif depth > DEEP or not self.everything:
            names = [n for n in names if self.wanted(shape, n)]
        return {
            name: self.member(shape.members[name], depth)
            for name in names
            if not shape.members[name].serialization.get("eventstream")
        }

    def wanted(self, shape, name):
        traits = shape.members[name]
        needed = name in shape.required_members or traits.serialization.get("hostLabel")
        # An answer whose body is a member has a body.
        needed = needed or self.response and shape.serialization.get("payload") == name
        return needed or traits.metadata.get("idempotencyToken")

    def member(self, shape, depth):
        if shape.serialization.get("hostLabel"):
            return "label-1"
        if is_json(shape):
            return {"json": [1, "e"]}
        in_header = shape.serialization.get("location") in ("header", "headers")
        return self.of(shape, depth + 1, plain=in_header)

    def of_list(self, shape, depth, plain):
        if depth > 3 * DEEP:
            return []
        count = 2 if depth <= DEEP else 1
        items = [self.of(shape.member, depth + 1, plain) for _ in range(count)]
        if plain and self.response:
            # Commas divide the items in headers.
            items = ["plain" if i == PLAIN else i for i in items]
        return items

    def of_map(self, shape, depth, plain):
        keys = shape.key.enum[:2] if shape.key.enum else ["a-key", "other"]
        if depth > 3 * DEEP:
            return {}
        return {key: self.of(shape.value, depth + 1, plain) for key in keys}

    def of_string(self, shape, depth, plain):
        if shape.enum:
            return shape.enum[0]
        return PLAIN if plain else TEXT

    of_character = of_string

    def of_integer(self, shape, depth, plain):
        return 7

    def of_long(self, shape, depth, plain):
        return -(2**40)

    def of_float(self, shape, depth, plain):
        return 1.5

    def of_double(self, shape, depth, plain):
        return -0.25

    def of_boolean(self, shape, depth, plain):
        return depth % 2 == 0

    def of_blob(self, shape, depth, plain):
        return "blöb".encode() if shape.serialization.get("streaming") or self.response else b"\x00\xffblob"

    def of_timestamp(self, shape, depth, plain):
        return TIME


def shown(shape, value):
    """A value as the client is to show it, and as it takes parameters: names of the model, base64."""
    if value is None or getattr(shape, "is_document_type", False) or is_json(shape):
        return value
    kind = shape.type_name
    if kind == "structure":
        return {n: shown(shape.members[n], v) for n, v in value.items()}
    if kind == "list":
        return [shown(shape.member, v) for v in value]
    if kind == "map":
        return {k: shown(shape.value, v) for k, v in value.items()}
    if kind == "blob":
        value = value.encode() if isinstance(value, str) else value
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def name_of(shape, default):
    return shape.serialization.get("name", default)


def timestamp(shape, value, default):
    form = shape.serialization.get("timestampFormat", default).lower()
    if form == "iso8601":
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "rfc822":
        return format_datetime(value, usegmt=True)
    return int(value.timestamp())


def to_json(shape, value):
    if getattr(shape, "is_document_type", False):
        return value
    kind = shape.type_name
    if kind == "structure":
        return {name_of(shape.members[n], n): to_json(shape.members[n], v) for n, v in value.items()}
    if kind == "list":
        return [to_json(shape.member, v) for v in value]
    if kind == "map":
        return {k: to_json(shape.value, v) for k, v in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return timestamp(shape, value, "unixTimestamp")
    return value


def text(shape, value):
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return str(timestamp(shape, value, "iso8601"))
    return str(value)


def element(name, inner, attributes=""):
    return f"<{name}{attributes}>{inner}</{name}>"


def to_xml(shape, value, name):
    kind = shape.type_name
    if kind == "structure":
        return element(name, members_to_xml(shape, value), attributes_of(shape, value))
    flat = shape.serialization.get("flattened")
    if kind == "list":
        own = name_of(shape.member, None)
        items = [to_xml(shape.member, v, (own or name) if flat else own or "member") for v in value]
        return "".join(items) if flat else element(name, "".join(items))
    if kind == "map":
        key, val = name_of(shape.key, "key"), name_of(shape.value, "value")
        entries = [
            element(name if flat else "entry", to_xml(shape.key, k, key) + to_xml(shape.value, v, val))
            for k, v in value.items()
        ]
        return "".join(entries) if flat else element(name, "".join(entries))
    return element(name, escape(text(shape, value)))


def attributes_of(shape, value):
    found = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute") and name in value:
            return f'{found} {member.serialization["name"]}="{escape(value[name])}"'
    return ""


def members_to_xml(shape, value):
    parts = []
    for name, inner in value.items():
        member = shape.members[name]
        if member.serialization.get("location") or member.serialization.get("xmlAttribute"):
            continue
        parts.append(to_xml(member, inner, name_of(member, name)))
    return "".join(parts)


def header_text(shape, value):
    if is_json(shape):
        return base64.b64encode(json.dumps(value).encode()).decode()
    if shape.type_name == "timestamp":
        return str(timestamp(shape, value, "rfc822"))
    if shape.type_name == "list":
        return ",".join(header_text(shape.member, v) for v in value)
    return text(shape, value)


def head(shape, value):
    """The headers of a REST response, and its status."""
    headers, status = {}, 200
    for name, inner in value.items():
        member = shape.members[name]
        location, wire = member.serialization.get("location"), name_of(member, name)
        if location == "header":
            headers[wire] = header_text(member, inner)
        elif location == "headers":
            headers.update({wire + key: val for key, val in inner.items()})
        elif location == "statusCode":
            status = inner
    return headers, status


def body_members(shape, value):
    return {n: v for n, v in value.items() if not shape.members[n].serialization.get("location")}
