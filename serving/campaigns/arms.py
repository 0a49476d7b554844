"""Divides the customers of a campaign into those it is sent to and a random few who are left alone to compare."""

import hashlib
import hmac
import json
from collections.abc import Iterable

import numpy as np

from features.arrays import Bools, Floats

TREATED, CONTROL = "treated", "control"


def is_held_out(salt: bytes, campaign: str, customers: Iterable[str], holdout: float) -> Bools:
    """Says which customers are in the control group, for the same campaign always the same ones.

    A customer's place is a keyed hash of campaign and customer: independent of every other customer and campaign, and
    unknown to whoever lacks the salt. With a larger holdout the control group grows and loses nobody.
    """
    return places(salt, campaign, customers) < holdout


def places(salt: bytes, campaign: str, customers: Iterable[str]) -> Floats:
    """Returns a number from 0 up to 1 for each customer, evenly spread."""
    said = (json.dumps([campaign, customer]).encode() for customer in customers)
    digests = b"".join(hmac.digest(salt, text, hashlib.sha256)[:8] for text in said)
    numbers = np.frombuffer(digests, dtype=">u8") >> np.uint64(11)  # as many bits as a float holds
    return numbers.astype(np.float64) / 2.0**53
