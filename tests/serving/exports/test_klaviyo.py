import json

from serving.exports.klaviyo import Klaviyo
from serving.exports.score_fields import exported_rows, present_fields
from tests.serving.exports.conftest import GOLDEN, table


def test_a_job_has_the_documented_shape(scores):
    body = Klaviyo().body(list(exported_rows(scores)), present_fields(scores))
    documented = json.loads((GOLDEN / "klaviyo_bulk_import.json").read_text(encoding="utf-8"))
    profile, sample = (made["data"]["attributes"]["profiles"]["data"][0] for made in (body, documented))
    assert body["data"]["type"] == documented["data"]["type"]
    assert (profile["type"], profile["attributes"].keys()) == (sample["type"], sample["attributes"].keys())
    assert profile["attributes"]["properties"]["nextstage_purchase_prob"] == 0.412


def test_a_customer_without_an_address_is_known_by_our_id():
    frame = table({"email": None})
    (profile,) = Klaviyo().body(list(exported_rows(frame)), ())["data"]["attributes"]["profiles"]["data"]
    assert profile["attributes"] == {"external_id": "crm-7", "properties": {}}
