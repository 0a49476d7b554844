import pytest

from serving.exports.transport import PushError, RequestRefusedError, Transport
from tests.serving.exports.receivers import Received, serving

WAITED: list[float] = []


def transport(**changes: object) -> Transport:
    WAITED.clear()
    return Transport(wait=WAITED.append, **changes)  # type: ignore[arg-type]


def post(received: Received, way: Transport) -> int:
    return way.post(received.url, '{"inputs": []}', {"Idempotency-Key": "k"}).status


def test_a_failure_that_may_pass_is_tried_again_later_each_time():
    with serving(Received(token="", answers=[(503, {}, {})] * 4)) as received:
        assert post(received, transport(first=1.0, longest=4.0)) == 200
    assert len(received.requests) == 5
    for waited, longest in zip(WAITED, (1.0, 2.0, 4.0, 4.0), strict=True):
        assert longest / 2 <= waited <= longest


def test_two_senders_do_not_come_back_together():
    pauses = []
    for _ in range(2):
        with serving(Received(token="", answers=[(500, {}, {})])) as received:
            post(received, transport())
        pauses += WAITED
    assert pauses[0] != pauses[1]


def test_a_receiver_that_names_a_time_gets_that_time():
    with serving(Received(token="", answers=[(429, {"Retry-After": "7"}, {})])) as received:
        assert post(received, transport()) == 200
    assert WAITED == [7.0]


def test_what_is_wrong_is_not_tried_again_and_no_secret_is_told():
    refusal = pytest.raises(RequestRefusedError, match="refuses the request with 400")
    with serving(Received()) as received, refusal as refused:
        transport().post(received.url, "{}", {"Authorization": "Bearer hidden"})
    assert (len(received.requests), WAITED) == (1, [])
    assert "hidden" not in str(refused.value)


def test_who_never_answers_is_given_up():
    silence = pytest.raises(PushError, match=r"does not answer after 3 tries \(status 500\)")
    with serving(Received(token="", answers=[(500, {}, {})] * 3)) as received, silence:
        post(received, transport(tries=3))
    with pytest.raises(PushError, match="does not answer after 2 tries"):
        post(received, transport(tries=2))  # nobody listens there any more
