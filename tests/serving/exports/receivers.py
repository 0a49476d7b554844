"""A small HTTP server on this machine that keeps the rules of the tools that scores are pushed to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, TypeVar


@dataclass
class Received:
    """What a server got, and what it answers first: status, headers and body, one after the other."""

    token: str = "Bearer secret"  # noqa: S105 - of a test
    answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], str]] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    stall_at: int | None = None
    stalled: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    url: str = ""
    properties: dict[str, Any] = field(default_factory=dict)

    def answer(self, method: str, path: str, headers: dict[str, str], text: str) -> tuple[int, dict[str, str], Any]:
        if path.endswith("/crm/v3/properties/contacts"):
            return self._property(method, text)
        self.requests.append((headers, text))
        if self.answers:
            return self.answers.pop(0)
        problem = self._broken_rule(headers, json.loads(text))
        if problem:
            return 400, {}, {"message": problem}
        self.taken.setdefault(headers.get("idempotency-key") or headers["webhook-id"], json.loads(text))
        if self.stall_at == len(self.requests):
            self.stalled.set()
            self.go_on.wait(30)
        return 200, {}, {"status": "COMPLETE"}

    def _property(self, method: str, text: str) -> tuple[int, dict[str, str], Any]:
        if method == "GET":
            return 200, {}, {"results": list(self.properties.values())}
        made = json.loads(text)
        if not {"name", "label", "groupName", "type", "fieldType"} <= made.keys() or made["name"] in self.properties:
            return 409, {}, {"message": "no new property"}
        self.properties[made["name"]] = made
        return 201, {}, made

    def _broken_rule(self, headers: dict[str, str], body: dict[str, Any]) -> str:
        if self.token and headers.get("authorization") != self.token:
            return "not authorized"
        for name, most in (("inputs", 100), ("attributes", 75)):
            if isinstance(body.get(name), list) and len(body[name]) > most:
                return f"more than {most} {name}"
        values = [value for made in body.get("inputs", []) for value in made["properties"].values()]
        return "" if all(isinstance(value, str) for value in values) else "a property is no string"


@dataclass
class Counted:
    """A tool with rules of its own, and how many requests it got; at one of them it is silent until it may go on."""

    tool: Any
    stall_at: int | None = None
    stalled: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    calls: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, headers: dict[str, str], text: str) -> tuple[int, dict[str, str], Any]:
        self.calls.append(f"{method} {path}")
        status, body = self.tool.answer(method, path, headers, text)
        if self.stall_at == len(self.calls):
            self.stalled.set()
            self.go_on.wait(30)
        return status, {}, body


Serving = TypeVar("Serving", Received, Counted)


@contextmanager
def serving(received: Serving) -> Iterator[Serving]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            given = {name.lower(): value for name, value in self.headers.items()}
            status, headers, body = received.answer(self.command, self.path, given, text)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())
            except (BrokenPipeError, ConnectionResetError):
                pass  # who asked is gone

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - so the server calls them

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield received
    finally:
        received.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
