"""Requests that are wrong on purpose: each one must be refused with a sentence, whatever it is made of."""

import base64
import gzip
import json
import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MARK = "whisper"
"""Stands in what customers are said to have done, and must never be read in the service's log."""

Headers = dict[str, str]
JSON: Headers = {"Content-Type": "application/json"}
OWN_PAGE: Headers = {"Host": "a.example", "Origin": "http://a.example"}
"""As a browser sends with a form of a page that it was shown by the same host."""
SEGMENTS = "/segments/"
MESSAGES = ("track", "identify", "page", "screen", "group", "alias")
TRICKS = (
    "'; DROP TABLE events; --",
    '" OR 1=1 --',
    "1) UNION SELECT digest FROM keys --",
    "../../../../etc/passwd",
    "..%2f..%2fnextstage.db",
    "file:///etc/passwd",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "$(id)",
    "%s%n%x",
    "\u202e\ufeff\u0000",
    "=cmd|' /C calc'!A0",
    "\U0001d54a" * 60,
)
NO_TIME = (
    "soon",
    "2024-13-45T99:99:99Z",
    "0000-00-00",
    "9" * 400,
    "-1",
    "1e9",
    "2024-01-01T00:00:00+99:99",
    "٢٠٢٤",
    "",
)


@dataclass(frozen=True)
class Hostile:
    """One request.

    Parameters
    ----------
    name
        What is wrong with it.
    is_chunked
        Whether its body comes in pieces, without its length.
    """

    name: str
    method: str
    path: str
    body: bytes
    headers: Headers = field(default_factory=lambda: dict(JSON))
    is_chunked: bool = False


def hostile_bodies(count: int, seed: int, routes: Sequence[tuple[str, str]]) -> Iterator[Hostile]:
    """Yields so many requests with bodies, the same for the same seed, to routes in turn.

    Parameters
    ----------
    routes
        Method and path of each.
    """
    rng = random.Random(seed)  # noqa: S311 - generated data
    makers = list(MAKERS.items())
    for number in range(count):
        method, route = routes[number % len(routes)]
        name, make = makers[number // len(routes) % len(makers)]
        body, headers = make(rng, route)
        own = OWN_PAGE if route.startswith("/sign-") else {}
        yield Hostile(name, method, route, body, JSON | own | headers, rng.random() < 0.2)


def valid(rng: random.Random, route: str) -> dict[str, Any]:
    """Returns a body that the route would take."""
    if route == "/score":
        return {"customer_ids": [f"{MARK}-{rng.randrange(9)}"], "as_of": "2024-06-01T00:00:00Z"}
    if route.endswith("consent"):
        return {"decision": "granted", "source": MARK}
    if route.startswith(SEGMENTS):
        return {"where": "stage == 'loyal'", "order_by": "purchase_prob", "top": rng.randint(1, 9)}
    if route.startswith("/sign-"):
        return {"key": f"ns_{MARK}", "next": "/"}
    kind = route.removeprefix("/v1/")
    if kind in ("batch", "import"):
        return {"batch": [{**message(rng, each), "type": each} for each in rng.choices(MESSAGES, k=rng.randint(1, 5))]}
    return message(rng, kind)


def message(rng: random.Random, kind: str) -> dict[str, Any]:
    """Returns a tracking message that would be taken."""
    own: dict[str, Any] = {"userId": f"{MARK}-{rng.randrange(9)}", "timestamp": "2024-06-01T00:00:00Z"}
    if kind == "track":
        own |= {"event": "Order Completed", "properties": {"revenue": 12.5}}
    return own | ({"previousId": f"{MARK}-old"} if kind == "alias" else {})


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _cut_off(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    body = _encoded(valid(rng, route))
    return body[: rng.randrange(len(body))], {}


def _no_utf8(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    body = _encoded(valid(rng, route))
    if rng.random() < 0.2:
        return body.decode().encode(rng.choice(("utf-16", "utf-32", "utf-8-sig"))), {}
    place = rng.randrange(len(body))
    return body[:place] + rng.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")) + body[place:], {}


def _nested(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    del route
    depth = rng.choice((10, 500, 990, 1_500, 15_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    deep = opening * depth + b"1" + (closing * depth if len(opening) * depth < 16_000 else b"")
    return rng.choice((deep, b'{"batch":' + deep + b"}", b'{"customer_ids":' + deep + b"}")), {}


def _no_number(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    number = rng.choice((b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e999", b"9" * 5_000, b"0x10", b"01", b"1."))
    return _with_wrong(route, number), {}


def _wrong_type(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    return _with_wrong(
        route, rng.choice((b"true", b"1.5", b"[]", b"{}", b"[[]]", b'[null, {"a": 1}]', b'{"$ne": 1}'))
    ), {}


def _with_wrong(route: str, wrong: bytes) -> bytes:
    """Returns a body whose most needed value is something else."""
    if route == "/score":
        return b'{"customer_ids": ["1"], "as_of": ' + wrong + b"}"
    if route.endswith("consent"):
        return b'{"decision": ' + wrong + b"}"
    if route.startswith(SEGMENTS):
        return b'{"where": "stage == 1", "top": ' + wrong + b"}"
    if route in ("/v1/batch", "/v1/import"):
        return b'{"batch": [{"type": "track", "event": "visit", "userId": ' + wrong + b"}]}"
    return b'{"event": "visit", "previousId": "x", "userId": ' + wrong + b"}"


def _trick(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    """Puts what other programs stumble over where a time or one of a few words is asked for."""
    text = rng.choice((*TRICKS, *NO_TIME, f"{MARK}\u0000"))
    body = valid(rng, route)
    if route == "/score":
        wrong: dict[str, Any] = rng.choice(({"as_of": text}, {"targets": [text]}, {"customer_ids": [text]}))
        return _encoded(body | wrong), {}
    if route.endswith("consent"):
        return _encoded(body | rng.choice(({"decision": text}, {"at": text}, {text: 1}))), {}
    if route.startswith(SEGMENTS):
        wrong = rng.choice(
            ({"where": text or "("}, {"where": f"stage == {text}"}, {"order_by": text}, {"within": text})
        )
        return _encoded(body | wrong), {}
    if "batch" in body:
        body["batch"].append({"type": "track", "event": MARK, "userId": MARK, "timestamp": text})
        return _encoded(body), {}
    return _encoded(body | {"timestamp": text}), {}


def _unstorable(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    """Puts characters into an id that no database or answer can hold, or too many of them."""
    bad = rng.choice((f"{MARK}\u0000", f"{MARK}\ud800", "\udfff", "x" * 501, f"{MARK}{'y' * 3_000}"))
    wrong = _encoded(bad)
    return (b'{"customer_ids": [' + wrong + b"]}" if route == "/score" else _with_wrong(route, wrong)), {}


def _too_large(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    most = 4_096 if route.endswith("consent") else 32_768
    if route in ("/v1/batch", "/v1/import"):
        body = valid(rng, route)
        body["batch"].append({"type": "track", "userId": MARK, "event": "visit", "padding": "x" * most})
        return _encoded(body), {}
    if route == "/score":  # its limit is 8 MiB: more ids than one request may name say the same in less
        return _encoded({"customer_ids": ["1"] * 10_001}), {}
    return _encoded(valid(rng, route) | {"padding": "x" * rng.choice((most, 2 * most))}), {}


def _packed(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    body = _encoded(valid(rng, route))
    whole = gzip.compress(body)
    most = 8 * 1024 * 1024 if route == "/score" else 600_000
    packed, encoding = rng.choice(
        (
            (body, "gzip"),
            (whole[: rng.randrange(len(whole))], "gzip"),
            (whole + b"more", "gzip"),
            (whole + whole, "gzip"),
            (gzip.compress(b" " * (most + 1)), "gzip"),
            (gzip.compress(whole), "gzip"),
            (whole, "br"),
            (whole, "gzip, gzip"),
            (body, "\xff"),
        )
    )
    return packed, {"Content-Encoding": encoding}


def _random_bytes(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    del route
    return rng.randbytes(rng.choice((0, 1, 17, 300, 3_000))) + b"\xff", {}


def _random_json(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    value = _any_json(rng, 4)
    if route.startswith(SEGMENTS):
        value = {"of nobody": value}  # a segment without a word takes everybody
    elif isinstance(value, dict):
        value = {key: inner for key, inner in value.items() if key not in valid(rng, route)}
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass"), {}


def _any_json(rng: random.Random, depth: int) -> Any:
    if depth == 0 or rng.random() < 0.3:
        return rng.choice((None, True, -0.0, 1e308, 2**63, -1, "", MARK, "\ud800", "🜁", rng.choice(TRICKS)))
    if rng.random() < 0.5:
        return [_any_json(rng, depth - 1) for _ in range(rng.randrange(4))]
    keys = ("type", "batch", "events", "context", "traits", "__proto__", "constructor", "a.b", "x" * 600)
    return {rng.choice(keys): _any_json(rng, depth - 1) for _ in range(rng.randrange(4))}


def _odd_headers(rng: random.Random, route: str) -> tuple[bytes, Headers]:
    """Adds headers that programs stumble over to a body that is refused in any case."""
    odd: Headers = rng.choice(
        (
            {"Content-Type": "text/html; charset=utf-7"},
            {"Content-Type": "multipart/form-data; boundary=" + "x" * 500},
            {"Authorization": "Basic ????"},
            {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:" + rng.randbytes(20)).decode()},
            {"Authorization": "Bearer \xff\xfe"},
            {"Authorization": "Bearer ns_" + "".join(rng.choices(string.ascii_letters, k=40))},
            {"Authorization": "Bearer ns_00000000_" + "x" * 5_000},
            {"Host": "["},
            {"Host": "evil.example:99999"},
            {"X-Forwarded-For": "127.0.0.1, " * 300},
            {"Accept-Encoding": "gzip;q=-1, *;q=nan"},
            {"Expect": "200-ok"},
            {"Cookie": "\x80\x81=" + "c" * 4_000},
            {"X-HTTP-Method-Override": "DELETE"},
            {"Range": "bytes=18446744073709551615-"},
        )
    )
    return _cut_off(rng, route)[0], odd


Maker = Callable[[random.Random, str], tuple[bytes, Headers]]
MAKERS: dict[str, Maker] = {
    "cut off": _cut_off,
    "no UTF-8": _no_utf8,
    "nested deeply": _nested,
    "no number": _no_number,
    "of another type": _wrong_type,
    "SQL and path tricks": _trick,
    "unstorable texts": _unstorable,
    "too large": _too_large,
    "packed wrongly": _packed,
    "random bytes": _random_bytes,
    "random JSON": _random_json,
    "odd headers": _odd_headers,
}


def odd_paths() -> list[Hostile]:
    """Returns requests with odd paths; a customer's id may be any text, so what refuses them is their body."""
    names = ("%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%27%3B%20DROP%20TABLE%20events%3B--", "x" * 501, "%ed%a0%80")
    names += (
        "..",
        ".",
        "%2e%2e",
        "a%2fb",
        "%25",
        "%",
        "%zz",
        "*",
        "a;b=c",
        "a?b=%00",
        "a?events=1&events=-1",
        "[",
    )
    consents = [Hostile("odd path", "PUT", f"/customers/{name}/consent", b'{"decision": "perhaps"}') for name in names]
    lost = ("//", "/v1", "/v1/", "/v1/track/", "/score/", "/SCORE", "/v1/batch%00", "/../score", "/%2e%2e/score", "/*")
    return consents + [Hostile("no path", "POST", path, b"{}") for path in lost]
