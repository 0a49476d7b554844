"""What the service answers to requests that are wrong on purpose, and to what its own description allows.

Run with ``python -m benchmarks.hostile``; ``--quick`` sends less. A whole service is started on generated data. It is
sent random and hostile bodies, odd paths and broken HTTP: each must be refused by a 4xx with one sentence, nothing of
them may stand in its log, and afterwards it must be ready and hold what it held. Then schemathesis reads its OpenAPI
document and looks for a server error or an answer that the document does not describe.
"""

import http.client
import json
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bars import Bar, command_line, none_of, settle
from benchmarks.hostile_requests import MARK, Hostile
from benchmarks.hostile_routes import PAGE, every_hostile_request
from benchmarks.lived_in import live_in
from benchmarks.served import Served, is_ready, make_key, prepared, served
from models.registry import load_predictor
from serving.store import Store

PROBLEM = "application/problem+json"
LONGEST = 1_500  # characters of a sentence
BROKEN_HTTP = (
    b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n{}",
    b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}",
    b"POST /score HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"PUT /customers/\xc3\xa9\xff/consent HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /score HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"POST /sc\x00re HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"POST /score HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000,
)
CUT_SHORT = b"POST /v1/track HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 4000\r\n\r\n{"


def main() -> int:
    """Measures every bar, prints the table, and returns 1 if one is missed."""
    parser = command_line(__doc__, "1,000 requests, 5 examples for each route")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--paths", default="", help="only schemathesis, on paths that this regular expression finds")
    arguments = parser.parse_args()
    count, examples = (1_000, 5) if arguments.quick else (10_000, 100)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = prepared(folder)
        with Store(settings.database_url) as store:
            live_in(store, load_predictor(settings.model), folder, store.newest() or 0)
        with served(settings, folder, make_key(settings)) as service:
            bars = [] if arguments.paths else hostility(service, count, arguments.seed)
            found = schemathesis(service, examples, arguments.seed, arguments.paths)
            bars.append(none_of("faults that schemathesis finds", int(found is not None)))
            bars += log_bars(service.log)
    if found is not None:
        print(found)
    return settle(bars, "Hostile requests to the service, generated data", arguments.json)


def hostility(service: Served, count: int, seed: int) -> list[Bar]:
    """Returns what became of hostile requests, broken HTTP, and of what the service held."""
    before = known_score(service)
    requests = every_hostile_request(count, seed)
    faults, refused = ask_all(service, requests)
    dropped = broken_http(service)
    is_same = is_ready(service.port) and known_score(service) == before
    kinds = ", ".join(f"{status}: {number:,}" for status, number in sorted(refused.items()))
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    return [
        none_of(f"{len(requests):,} hostile requests: not refused with a sentence", len(faults)),
        Bar("their answers by status", "", kinds),
        none_of("broken HTTP answered by 5xx", len(dropped)),
        Bar("ready afterwards, with the same score", "yes", "yes" if is_same else "no", is_same),
    ]


def log_bars(log: Path) -> list[Bar]:
    """Returns whether a service's log holds a trace or a word of a request."""
    told = log.read_text(encoding="utf-8", errors="replace")
    return [
        none_of("stack traces in the log", told.count("Traceback")),
        none_of("failures named in the log", told.count(" failed: ")),
        none_of("words of requests in the log", told.count(MARK)),
    ]


def ask_all(service: Served, requests: Iterable[Hostile]) -> tuple[list[str], Counter[int]]:
    """Sends requests one after the other; returns what is wrong with the answers, and how many have each status."""
    faults, statuses = [], Counter[int]()
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    for request in requests:
        try:
            status, kind, body = ask(connection, service.key, request)
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            faults.append(f"{request.name} {request.path}: no answer, {problem!r}")
            continue
        statuses[status] += 1
        wrong = fault(status, kind, body, is_page=request.headers.get("Accept") == PAGE["Accept"])
        if wrong:
            faults.append(f"{request.name} {request.path}: {wrong}; sent {request.body[:200]!r} {request.headers}")
    connection.close()
    return faults, statuses


def ask(connection: http.client.HTTPConnection, key: str, request: Hostile) -> tuple[int, str, bytes]:
    """Sends a request and returns status, media type and body of the answer."""
    headers = {"Authorization": f"Bearer {key}", **request.headers}
    connection.putrequest(request.method, request.path, skip_host="Host" in headers)
    length = {"Transfer-Encoding": "chunked"} if request.is_chunked else {"Content-Length": str(len(request.body))}
    for name, value in (headers | length).items():
        connection.putheader(name, value.encode("latin-1"))
    connection.endheaders()
    if request.is_chunked:
        pieces = [request.body[first : first + 1_000] for first in range(0, len(request.body), 1_000)]
        connection.send(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n")
    else:
        connection.send(request.body)
    answer = connection.getresponse()
    return answer.status, answer.headers.get_content_type(), answer.read()


def fault(status: int, kind: str, body: bytes, is_page: bool = False) -> str | None:
    """Returns what is wrong with an answer to a hostile request; None if it is refused as it should be.

    Parameters
    ----------
    is_page
        Whether a page was asked for, so that the sentence may come as one.
    """
    if not 400 <= status < 500:
        return f"answered with {status} {body[:200]!r}"
    if is_page and kind == "text/html":
        return None if b"</html>" in body and b"Traceback" not in body else f"{body[:200]!r} is no page"
    if kind != PROBLEM:
        return f"{status} comes as {kind}"
    said = json.loads(body)
    detail = said.get("detail", "")
    if said.keys() != {"type", "title", "status", "detail"} or said["status"] != status:
        return f"{said} is no problem"
    if not 10 < len(detail) < LONGEST or "\n" in detail or "Traceback" in detail or ".py" in detail:
        return f"{detail[:300]!r} is no sentence"
    return None


def broken_http(service: Served) -> list[bytes]:
    """Sends what is no HTTP, and bodies that are shorter than they say; returns answers that are a 5xx."""
    cut_short = CUT_SHORT % service.key.encode()
    answers = [exchange(service.port, data) for data in (*BROKEN_HTTP, cut_short, cut_short)]
    return [answer for answer in answers if answer.startswith(b"HTTP/1.1 5")]


def exchange(port: int, data: bytes) -> bytes:
    """Sends bytes, says that no more will come, and returns the answer."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except OSError:  # it was hung up on us: no answer is an answer, too
            return b""


def known_score(service: Served) -> Any:
    """Returns the score of a customer at a fixed moment."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    question = json.dumps({"customer_ids": ["c0001"], "as_of": "2024-06-01T00:00:00Z"})
    connection.request("POST", "/score", question, {"Authorization": f"Bearer {service.key}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"a score was answered with {answer.status}: {body!r}")
    return json.loads(body)["scores"]


def schemathesis(service: Served, examples: int, seed: int, paths: str = "") -> str | None:
    """Returns what schemathesis finds against the service's own OpenAPI document; None if that is nothing.

    Parameters
    ----------
    examples
        How many requests it makes up for each route and phase.
    paths
        A regular expression that the paths of the routes match; empty for all of them.
    """
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"]
    command += [f"http://127.0.0.1:{service.port}/openapi.json", "--header", f"Authorization: Bearer {service.key}"]
    command += ["--max-examples", str(examples), "--seed", str(seed), "--checks", "all", "--no-color"]
    # a schema cannot say that a time must not lie ahead, or that an id is known: a described 422 does
    command += ["--exclude-checks", "positive_data_acceptance"]
    command += ["--include-path-regex", paths] if paths else []
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=service.log.parent, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
