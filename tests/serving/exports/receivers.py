"""A small HTTP server on this machine that keeps the rules of the tools that scores are pushed to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


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

    def answer(self, headers: dict[str, str], text: str) -> tuple[int, dict[str, str], Any]:
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

    def _broken_rule(self, headers: dict[str, str], body: dict[str, Any]) -> str:
        if self.token and headers.get("authorization") != self.token:
            return "not authorized"
        for name, most in (("inputs", 100), ("attributes", 75)):
            if isinstance(body.get(name), list) and len(body[name]) > most:
                return f"more than {most} {name}"
        values = [value for made in body.get("inputs", []) for value in made["properties"].values()]
        return "" if all(isinstance(value, str) for value in values) else "a property is no string"


@contextmanager
def serving(received: Received) -> Iterator[Received]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, headers, body = received.answer({k.lower(): v for k, v in self.headers.items()}, text)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())
            except (BrokenPipeError, ConnectionResetError):
                pass  # who asked is gone

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
