import pytest

from serving.errors import RequestError
from serving.inline import inline_log
from serving.schemas import InlineEvent

EVENT = {"customer_id": "a", "timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "value": 2.0}


def test_extra_dimensions_and_measures_join_the_log() -> None:
    first = InlineEvent(**EVENT, dimensions={"size": "L"}, measures={"weight": 0.5})
    log = inline_log([first, InlineEvent(**EVENT)], {})
    assert log.dimensions["size"].names == ("L",)
    assert str(log.measures["weight"].tolist()) == "[0.5, nan]"


def test_a_name_is_used_for_one_thing() -> None:
    with pytest.raises(RequestError, match="'value' is used for two things"):
        inline_log([InlineEvent(**EVENT, dimensions={"value": "x"})], {})
