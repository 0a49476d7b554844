import pytest

from serving.exports.bodies import bodies
from serving.exports.braze import Braze
from serving.exports.hubspot import HubSpot
from serving.exports.klaviyo import Klaviyo
from serving.exports.score_fields import exported_rows, present_fields
from tests.serving.exports.conftest import table

FRAME = table(*({"customer_id": str(number), "email": f"{number}@example.com"} for number in range(201)))


@pytest.mark.parametrize(
    ("receiver", "sizes"), [(HubSpot("run"), [100, 100, 1]), (Braze(), [75, 75, 51]), (Klaviyo(most=150), [150, 51])]
)
def test_no_request_holds_more_than_the_receiver_takes(receiver, sizes):
    made = list(bodies(receiver, exported_rows(FRAME, receiver.key), present_fields(FRAME)))
    assert [str(body).count("purchase_percentile") for body in made] == sizes


def test_the_documented_limits_are_kept():
    assert (HubSpot("run").most, Braze().most, Klaviyo().most) == (100, 75, 10_000)


def test_nobody_makes_no_request():
    assert list(bodies(Braze(), [], ())) == []
