"""Hostile requests to every route of the OpenAPI document: methods, paths, names, queries, keys and bodies."""

import base64
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.hostile_requests import MARK, NO_TIME, TRICKS, Headers, Hostile, hostile_bodies, odd_paths
from serving.openapi import describe_api

METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
NAMES = (*TRICKS, f"{MARK}\0", "x" * 501, "..", ".", "%", "*", "a/b?c#d", "[", "'", " ", "CON", "\u2028", MARK)
BAD_BYTES = ("%ff%fe", "%ed%a0%80", "%c0%80", "%zz", "%", "%u0041")
NO_NUMBER = ("NaN", "-1", "1e3", "0x10", "9" * 5_000, "1.5", "٣", "²", "1,2", "true", "null", "%00", "+1", "")
CHECKED = ("as_of", "horizon", "show", "against", "cursor")
"""Queries that may be any text by their description, and are looked at all the same."""
ODD_QUERIES = ("", "?", "?=", "?%00=%ff", "?a[]=1&a[]=2", "?&&&", "?" + "a" * 3_000, "?lang=%00", f"?x={MARK}")
KEYS = ("Basic ????", "Bearer", "Bearer \xff\xfe", "Negotiate x", "Basic " + "A" * 3_000, "Bearer ns_00000000_x", "")
ORIGINS = ("null", "http://[", "https://evil.example", "http://a.example:99999", "\xff", "file://")
PAGE: Headers = {"Accept": "text/html"}


@dataclass(frozen=True)
class Operation:
    """One method of one path of the document.

    Parameters
    ----------
    template
        The path, with names of parameters in braces.
    names
        An example of each parameter in the path.
    queries
        What a query may hold: names and schemas.
    others
        The methods of the same path.
    """

    method: str
    template: str
    names: dict[str, str]
    queries: dict[str, dict[str, Any]]
    others: frozenset[str]
    is_guarded: bool
    has_body: bool

    def path(self, **names: str) -> str:
        """Returns the path with its examples, or with other names, percent-encoded as they are given."""
        own = {name: quote(example, safe="") for name, example in self.names.items()} | names
        return re.sub(r"{(\w+)}", lambda match: own[match[1]], self.template)


def operations(document: dict[str, Any]) -> list[Operation]:
    """Returns every method of every path of an OpenAPI document."""
    found = []
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        kinds = frozenset(method.upper() for method in methods if method != "parameters")
        for method, described in methods.items():
            if method != "parameters":
                told = [*shared, *described.get("parameters", [])]
                names = {each["name"]: each["example"] for each in told if each["in"] == "path"}
                queries = {each["name"]: each["schema"] for each in told if each["in"] == "query"}
                facts = (kinds, "security" in described, "requestBody" in described)
                found.append(Operation(method.upper(), path, names, queries, *facts))
    return found


def hostile_requests(count: int, seed: int) -> Iterator[Hostile]:
    """Yields so many requests, the same for the same seed: one half with bodies, the other to every route in turn."""
    every = operations(describe_api())
    taking = [(each.method, each.path()) for each in every if each.has_body]
    yield from hostile_bodies(count - count // 2, seed, taking)
    rng = random.Random(seed)  # noqa: S311 - generated data
    for number in range(count // 2):
        operation = every[number % len(every)]
        ways = [(name, make) for name, (make, fits) in WAYS.items() if fits(operation)]
        name, make = ways[number // len(every) % len(ways)]
        yield make(rng, operation, f"{name} of {operation.method} {operation.template}")


def every_hostile_request(count: int, seed: int) -> list[Hostile]:
    """Returns so many requests, and some odd paths."""
    return [*hostile_requests(count, seed), *odd_paths()]


def _other_method(rng: random.Random, asked: Operation, name: str) -> Hostile:
    method = rng.choice([method for method in METHODS if method not in asked.others])
    return Hostile(name, method, asked.path() + rng.choice(ODD_QUERIES), b"", {})


def _odd_path(rng: random.Random, asked: Operation, name: str) -> Hostile:
    path = asked.path()
    made = (f"/{path}", f"{path}%00/", f"{path}//", f"{path}/..%2f", f"{path}/;a=b/", f"/x/..{path}", f"/%2e{path}")
    return Hostile(name, asked.method, rng.choice(made) + rng.choice(ODD_QUERIES), b"", {})


def _odd_name(rng: random.Random, asked: Operation, name: str) -> Hostile:
    odd = rng.choice((*(quote(each, safe="") for each in NAMES), *BAD_BYTES))
    path = asked.path(**{rng.choice(list(asked.names)): odd})
    return Hostile(name, asked.method, path + rng.choice(ODD_QUERIES), b"", {})


def _odd_query(rng: random.Random, asked: Operation, name: str) -> Hostile:
    query = rng.choice(_looked_at(asked))
    schema = asked.queries[query]
    values = NO_NUMBER if schema["type"] == "integer" else [text for text in (*TRICKS, *NO_TIME) if text]
    value = rng.choice(values)
    written = value if value.startswith("%0") else quote(value, safe="")
    return Hostile(name, asked.method, f"{asked.path()}?{query}={written}", b"", PAGE if asked.template == "/" else {})


def _odd_key(rng: random.Random, asked: Operation, name: str) -> Hostile:
    secret = base64.b64encode(rng.randbytes(12)).decode()
    headers = {"Authorization": rng.choice((*KEYS, f"Basic {secret}", f"Bearer {secret}"))}
    cookie = {"Cookie": f"nextstage_key={rng.choice((secret, MARK))}", "Origin": rng.choice(ORIGINS)}
    return Hostile(name, asked.method, asked.path(), b"", headers | (cookie if rng.random() < 0.5 else {}))


def _foreign_form(rng: random.Random, asked: Operation, name: str) -> Hostile:
    return Hostile(name, asked.method, asked.path(), f"key={MARK}".encode(), {"Origin": rng.choice(ORIGINS)})


def _looked_at(asked: Operation) -> list[str]:
    """Returns the queries of which not every text is taken."""
    found = [name for name, schema in asked.queries.items() if schema["type"] == "integer" or "enum" in schema]
    return [*found, *(name for name in CHECKED if name in asked.queries)]


Way = Callable[[random.Random, Operation, str], Hostile]
Fits = Callable[[Operation], bool]
WAYS: dict[str, tuple[Way, Fits]] = {
    "another method": (_other_method, lambda asked: bool(asked.method)),
    "an odd path": (_odd_path, lambda asked: asked.template != "/"),
    "an odd name": (_odd_name, lambda asked: bool(asked.names)),
    "an odd query": (_odd_query, lambda asked: bool(_looked_at(asked))),
    "an odd key": (_odd_key, lambda asked: asked.is_guarded),
    "a form of another site": (
        _foreign_form,
        lambda asked: asked.template.startswith("/sign-") and asked.method == "POST",
    ),
}
"""What is wrong with a request, how it is made, and for which routes."""
