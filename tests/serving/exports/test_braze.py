import json

from serving.exports.braze import Braze
from serving.exports.score_fields import exported_rows, present_fields
from tests.serving.exports.conftest import GOLDEN


def test_attributes_have_the_documented_shape_and_create_nobody(scores):
    first, second = Braze().body(list(exported_rows(scores)), present_fields(scores))["attributes"]
    (sample,) = json.loads((GOLDEN / "braze_users_track.json").read_text(encoding="utf-8"))["attributes"]
    assert (first["external_id"], first["_update_existing_only"]) == (sample["external_id"], True)
    assert first["nextstage_purchase_prob"] == sample["jp_purchase_prob"]
    assert second["nextstage_purchase_prob"] is None
