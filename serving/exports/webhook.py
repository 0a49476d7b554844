"""Webhooks signed as Standard Webhooks asks, so that a receiver can tell ours from anybody's.

https://github.com/standard-webhooks/standard-webhooks
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from features.errors import ConfigError

SECRET_PREFIX = "whsec_"  # noqa: S105 - how secrets begin, not one
VERSION = "v1"
TOLERANCE = 300  # seconds that a receiver's clock may be off


def signed_headers(body: bytes, message: str, timestamp: int, secrets: Sequence[str]) -> dict[str, str]:
    """Returns the headers of a webhook.

    Parameters
    ----------
    message
        What identifies it: sent again, it is the same, so that the receiver takes it once.
    timestamp
        Seconds since 1970.
    secrets
        ``whsec_`` and base64; several while they are being exchanged, the new one first.

    Raises
    ------
    ConfigError
        If there is no secret, or one is not base64.
    """
    if not secrets:
        raise ConfigError("a webhook is not sent unsigned; give a secret")
    signatures = [f"{VERSION},{_signature(body, message, timestamp, secret)}" for secret in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def is_authentic(body: bytes, headers: Mapping[str, str], secret: str, now: int) -> bool:
    """Says whether a webhook was signed with a secret, and not long ago."""
    told = headers.get("webhook-timestamp", "")
    if not told.isdecimal() or abs(now - int(told)) > TOLERANCE:
        return False
    expected = _signature(body, headers.get("webhook-id", ""), int(told), secret)
    given = (signature.partition(",") for signature in headers.get("webhook-signature", "").split())
    return any(version == VERSION and hmac.compare_digest(value, expected) for version, _, value in given)


def _signature(body: bytes, message: str, timestamp: int, secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError("a webhook's secret is not base64; give one like whsec_ and base64") from None
    signed = f"{message}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
