import json

import pytest

from features.errors import ConfigError
from serving.exports.braze import Braze
from serving.exports.destinations import (
    KEYS,
    BrazeUsers,
    HubSpotContacts,
    KlaviyoProfiles,
    Webhook,
    WebhookBody,
    destination_named,
)
from serving.exports.hubspot import HubSpot
from serving.exports.klaviyo import Klaviyo
from serving.exports.transport import Answer
from serving.exports.webhook import is_authentic

SECRET = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"  # noqa: S105 - of a test


def test_hubspot_names_a_failure_by_its_trace():
    hubspot = HubSpotContacts("t", HubSpot("run"))
    errors = [{"message": "INVALID_EMAIL", "context": {"objectWriteTraceId": ["run:b"]}}]
    partly = Answer(207, json.dumps({"numErrors": 1, "errors": errors}))
    assert hubspot.refused(["a", "b"], partly) == {"b": "INVALID_EMAIL"}
    assert hubspot.refused(["a", "b"], Answer(200, "{}")) == {}


def test_errors_that_name_nobody_may_concern_anybody():
    hubspot = HubSpotContacts("t", HubSpot("run"))
    assert hubspot.refused(["a", "b"], Answer(207, '{"numErrors": 1}')).keys() == {"a", "b"}


def test_braze_names_a_failure_by_its_place():
    braze = BrazeUsers("t", "http://127.0.0.1/users/track", Braze())
    told = Answer(201, json.dumps({"errors": [{"type": "bad", "index": 1, "input_array": "attributes"}]}))
    assert braze.refused(["a", "b"], told) == {"b": "bad"}
    assert braze.refused(["a"], Answer(201, "no JSON")) == {}


def test_each_request_proves_who_we_are_in_the_tools_own_way():
    assert HubSpotContacts("t", HubSpot("r")).headers("k", "")["Authorization"] == "Bearer t"
    assert KlaviyoProfiles("t", Klaviyo()).headers("k", "")["Authorization"] == "Klaviyo-API-Key t"
    webhook = Webhook("http://127.0.0.1/", (SECRET,), WebhookBody(), clock=lambda: 1_725_494_400.5)
    headers = webhook.headers("k", "{}")
    assert is_authentic(b"{}", headers, SECRET, 1_725_494_400)
    assert headers["webhook-id"] == "msg_k"


@pytest.mark.parametrize(("tool", "key"), KEYS.items())
def test_every_tool_is_reached_by_its_key_from_the_environment(tool, key, monkeypatch):
    monkeypatch.delenv(key, raising=False)
    with pytest.raises(ConfigError, match=f"the environment has no {key}"):
        destination_named(tool, "http://127.0.0.1/", "run")
    monkeypatch.setenv(key, SECRET)
    assert destination_named(tool, "http://127.0.0.1/", "run").url == "http://127.0.0.1/"
    if tool in ("salesforce", "braze", "webhook"):
        with pytest.raises(ConfigError, match=f"{tool} has no address of its own; give one by --url"):
            destination_named(tool, None, "run")
    else:
        assert destination_named(tool, None, "run").url.startswith("https://")
