import base64
import hashlib
import hmac

import pytest

from features.errors import ConfigError
from serving.exports.webhook import TOLERANCE, is_authentic, signed_headers

KEY, OTHER = (base64.b64encode(bytes([number]) * 24).decode() for number in (1, 2))
BODY, NOW = b'{"customer_id": "crm-7"}', 1_725_494_400


def test_the_signature_is_that_of_the_specification():
    headers = signed_headers(BODY, "msg_1", NOW, [f"whsec_{KEY}"])
    digest = hmac.new(base64.b64decode(KEY), b"msg_1.1725494400." + BODY, hashlib.sha256).digest()
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1725494400",
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def test_while_secrets_are_exchanged_both_hold():
    headers = signed_headers(BODY, "msg_1", NOW, [KEY, OTHER])
    assert is_authentic(BODY, headers, KEY, NOW)
    assert is_authentic(BODY, headers, OTHER, NOW)


@pytest.mark.parametrize(
    "change", [{"webhook-id": "msg_2"}, {"webhook-timestamp": str(NOW + 1)}, {"webhook-signature": "v1,x v2,y"}, {}]
)
def test_whatever_is_changed_is_not_authentic(change):
    headers = signed_headers(BODY, "msg_1", NOW, [KEY])
    assert not is_authentic(BODY if change else BODY + b" ", headers | change, KEY, NOW)
    assert not is_authentic(BODY, headers, OTHER, NOW)


def test_an_old_message_is_not_taken_again():
    headers = signed_headers(BODY, "msg_1", NOW, [KEY])
    assert is_authentic(BODY, headers, KEY, NOW + TOLERANCE)
    assert not is_authentic(BODY, headers, KEY, NOW + TOLERANCE + 1)


@pytest.mark.parametrize(("secrets", "says"), [([], "not sent unsigned"), (["whsec_%"], "is not base64")])
def test_without_a_usable_secret_nothing_is_signed(secrets, says):
    with pytest.raises(ConfigError, match=says):
        signed_headers(BODY, "msg_1", NOW, secrets)
