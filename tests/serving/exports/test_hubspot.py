import json

from serving.exports.hubspot import HubSpot, import_request, properties
from serving.exports.score_fields import exported_rows, present_fields
from tests.serving.exports.conftest import GOLDEN, shape


def golden(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def test_an_upsert_has_the_documented_shape_and_every_value_is_text(scores):
    body = HubSpot("run-1").body(list(exported_rows(scores, "email")), present_fields(scores))
    first, second = body["inputs"]
    documented = golden("hubspot_batch_upsert.json")["inputs"][0]
    assert first.keys() == documented.keys()
    assert {type(value) for value in first["properties"].values()} == {str}
    assert first["objectWriteTraceId"] == "run-1:crm-7"
    assert first["properties"]["nextstage_scored_at"] == "1725494400000"
    assert first["properties"]["nextstage_stage_next_prob"] == "0.412"
    assert second["properties"]["nextstage_purchase_prob"] == ""  # clears what stood there


def test_a_property_has_the_documented_shape(scores):
    made = {body["name"]: body for body in properties(present_fields(scores))}
    assert shape(made["nextstage_purchase_prob"]) == shape(golden("hubspot_property_create.json"))
    assert made["nextstage_purchase_prob"]["numberDisplayHint"] == "probability"
    kinds = ("nextstage_scored_at", "nextstage_stage_next", "nextstage_horizon_days")
    assert [made[name]["type"] for name in kinds] == ["datetime", "string", "number"]


def test_an_import_request_has_the_documented_shape(scores):
    made = import_request("scores", "hubspot_import.csv", present_fields(scores))
    assert shape(made) == shape(golden("hubspot_importRequest.json"))
    assert len(made["files"][0]["fileImportPage"]["columnMappings"]) == 1 + len(present_fields(scores))
