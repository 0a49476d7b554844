import json

import pytest

from features.errors import NextstageError
from features.sources.segment_message import KINDS
from serving.message_schemas import message_schema
from serving.messages import parse_message
from serving.openapi import MESSAGES

NOW = 1_769_860_800_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_message_needs_is_what_is_refused_without_it(kind: str) -> None:
    whole = MESSAGES[kind]
    assert parse_message(json.dumps(whole).encode(), kind, NOW)
    for name in message_schema(kind)["required"]:
        rest = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(NextstageError, match=name):
            parse_message(json.dumps(rest).encode(), kind, NOW)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_has_a_type_is_refused_in_another(kind: str) -> None:
    for name, schema in message_schema(kind)["properties"].items():
        wrong = {**MESSAGES[kind], name: {"of": "another type"}}
        if "type" in schema:
            with pytest.raises(NextstageError):
                parse_message(json.dumps(wrong).encode(), kind, NOW)
        else:
            assert parse_message(json.dumps(wrong).encode(), kind, NOW)
