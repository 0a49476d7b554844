"""Lets a request in: by a key with the scope of the route, or from this machine while there is no key at all."""

import base64
import binascii
import time
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from serving.database import Database
from serving.errors import RateError, ScopeError, UnknownKeyError
from serving.keys import Key, key_id_of, list_keys
from serving.pages.session import cookie_key
from serving.rate import RateLimit
from serving.threads import in_thread

LOOPBACK = "loopback"
FRESH = 1.0  # seconds until keys are read again: how long a revoked one may still open a route
NO_KEY = "there is no API key yet, so only programs on this machine are answered; make one by 'nextstage key create'"
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Gate:
    """Knows the keys and who asked how often.

    Parameters
    ----------
    rate
        Requests per second that one key may make of this process.
    """

    def __init__(self, database: Database, rate: float) -> None:
        self._database = database
        self._rate = RateLimit(rate)
        self._keys: Mapping[str, Key] = {}
        self._read_at = -FRESH

    async def admit(self, request: Request, scope: str) -> str:
        """Returns the caller of a request: the id of its key, or ``loopback``.

        Raises
        ------
        UnknownKeyError
            If there is no key that works in the request, and there are keys.
        ScopeError
            If the key is for other routes, or there are no keys and the request does not come from this machine.
        RateError
            If the caller asks too often.
        """
        caller = self._caller(request, await self._fresh_keys(), scope)
        wait = self._rate.wait(caller, time.monotonic())
        if wait > 0:
            raise RateError(f"more than {self._rate.per_second:g} requests per second; wait {wait:.3f} s", wait)
        return caller

    async def opens(self, secret: str, scope: str) -> bool:
        """Says whether a text is a key that works and has a scope."""
        key = (await self._fresh_keys()).get(key_id_of(secret) or "")
        return key is not None and key.is_opened_by(secret) and scope in key.scopes

    async def _fresh_keys(self) -> Mapping[str, Key]:
        if time.monotonic() - self._read_at >= FRESH:
            read_at = time.monotonic()
            keys = await in_thread(list_keys, self._database)
            self._keys, self._read_at = {key.key_id: key for key in keys}, read_at
        return self._keys

    @staticmethod
    def _caller(request: Request, keys: Mapping[str, Key], scope: str) -> str:
        if not keys:
            if not is_local(request):
                raise ScopeError(NO_KEY)
            return LOOPBACK
        secret = given_key(request.headers.get("authorization", "")) or cookie_key(request)
        key = keys.get(key_id_of(secret) or "")
        if key is None or not key.is_opened_by(secret):
            raise UnknownKeyError("the request carries no API key that works; give one as user name or bearer token")
        if scope not in key.scopes:
            raise ScopeError(f"key {key.key_id} has no scope '{scope}'; use one that has, or make one")
        return key.key_id


def given_key(authorization: str) -> str:
    """Returns the key in an Authorization header: the user name of Basic, or the token of Bearer; empty for none.

    Examples
    --------
    >>> given_key("Bearer ns_1_2"), given_key("Basic bnNfMV8yOg==")
    ('ns_1_2', 'ns_1_2')
    """
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


def is_local(request: Request) -> bool:
    """Says whether a request comes from a program on this machine, and not through a proxy or a web page."""
    client = request.client.host if request.client else ""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site") == "cross-site":  # a browser says so, also where it tells no origin
        return False
    places = [client, _host(f"//{request.headers.get('host', '')}"), *([_host(origin)] if origin else [])]
    return not any(name in request.headers for name in FORWARDED) and all(_is_loopback(place) for place in places)


@lru_cache(maxsize=1024)
def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=1024)
def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
