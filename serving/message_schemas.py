"""What a tracking message may look like, as JSON schemas: as strict as the routes are, where a schema can say it."""

from typing import Any

from features.sources.segment_message import KINDS, LONGEST

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "integer", "null"], "maxLength": LONGEST}
TIME: Schema = {"type": ["string", "null"], "description": "ISO 8601 with a zone, at most a day ahead"}
OWN = {"track": "event", "alias": "previousId", "group": "groupId"}
NEEDED = ("event", "previousId")
FREE = {
    "properties": "an object; revenue, or value, is the event's value",
    "traits": "an object; texts and numbers become attributes",
    "context": "an object; its campaign names the channel",
}


def message_schema(kind: str) -> Schema:
    """Returns the schema of the body of one message."""
    own = [OWN[kind]] if kind in OWN else []
    return _message(dict.fromkeys(own, TEXT), [name for name in own if name in NEEDED])


def batch_schema() -> Schema:
    """Returns the schema of a batch; each message says its type."""
    messages = {"type": "array", "minItems": 1, "items": _message({"type": {"enum": list(KINDS)}}, ["type"])}
    return {
        "type": "object",
        "required": ["batch"],
        "properties": {"batch": messages, "context": {"description": FREE["context"]}, "sentAt": TIME},
    }


def _message(own: Schema, needed: list[str]) -> Schema:
    free = {name: {"description": words} for name, words in FREE.items()}
    return {
        "type": "object",
        "required": needed,
        "anyOf": [{"required": ["userId"]}, {"required": ["anonymousId"]}],
        "properties": {"userId": TEXT, "anonymousId": TEXT, "messageId": TEXT, "timestamp": TIME, **own, **free},
    }
