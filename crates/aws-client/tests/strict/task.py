"""What a Task state shows of parameters and responses: names with a capital first letter, bytes as
text, or in base64 where they are none, times as milliseconds since 1970 or as text.

The rules are written down once more here, for a second opinion.
"""

import base64
import datetime

import wire


def shown(shape, value, times="milliseconds"):
    if value is None or getattr(shape, "is_document_type", False) or wire.is_json(shape):
        return value
    if shape.serialization.get("eventstream"):
        events = [(n, shape.members[n], v) for event in value for n, v in event.items()]
        return [{n[0].upper() + n[1:]: shown(member, v, times)} for n, member, v in events]
    kind = shape.type_name
    if kind == "structure":
        return {n[0].upper() + n[1:]: shown(shape.members[n], v, times) for n, v in value.items()}
    if kind == "list":
        return [shown(shape.member, v, times) for v in value]
    if kind == "map":
        return {k: shown(shape.value, v, times) for k, v in value.items()}
    if kind == "blob":
        return text(value) if isinstance(value, bytes) else value
    if kind == "timestamp":
        value = value.astimezone(datetime.timezone.utc)
        return int(value.timestamp() * 1000) if times == "milliseconds" else value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def text(content):
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()
