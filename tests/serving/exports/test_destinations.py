import json

from serving.exports.braze import Braze
from serving.exports.destinations import BrazeUsers, HubSpotContacts, KlaviyoProfiles, Webhook, WebhookBody
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
