"""A load generator that is not what is measured: raw sockets, one thread, the next request when one is answered."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Load:
    """What became of requests.

    Parameters
    ----------
    seconds
        From the first byte sent to the last one received, of each request.
    kinds
        What each request was, as whoever made it called it.
    errors
        Those that were not answered with 200, by status; connections that broke under 0.
    """

    seconds: list[float] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    errors: dict[int, int] = field(default_factory=dict)
    wall: float = 0.0

    def percentile(self, share: float, kind: str | None = None) -> float:
        """Returns a percentile of the seconds, of one kind of requests or of all."""
        own = sorted(s for s, k in zip(self.seconds, self.kinds, strict=True) if kind in (None, k))
        return own[min(len(own) - 1, int(len(own) * share))]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.seconds) / self.wall


Request = tuple[str, bytes]
"""What a request is called, and its bytes."""


def post(path: str, body: bytes) -> bytes:
    """Returns a POST request that keeps its connection."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def drive(port: int, connections: int, following: Callable[[], Request | None], load: Load | None = None) -> Load:
    """Sends requests over some connections until there is no next one, and returns what became of them."""
    load = load or Load()
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        under_way = sum(_begin(Connection(port), selector, following) for _ in range(connections))
        while under_way:
            for key, _ in selector.select():
                connection: Connection = key.data
                if connection.is_answered(load) and not connection.send(following()):
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    under_way -= 1
    load.wall += time.perf_counter() - started
    return load


def ask(port: int, request: bytes) -> bytes:
    """Returns the body of the answer to one request, which must be a 200."""
    connection, load = Connection(port), Load()
    connection.send(("once", request))
    while not connection.is_answered(load):
        pass
    connection.socket.close()
    if load.errors:
        raise RuntimeError(f"answered with {load.errors}: {connection.body[:300]!r}")
    return connection.body


@dataclass(eq=False)
class Connection:
    """One connection, with at most one request under way."""

    port: int
    received: bytes = b""
    body: bytes = b""
    kind: str = ""
    began: float = 0.0

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: Request | None) -> bool:
        """Sends a request, if there is one."""
        if request is None:
            return False
        self.kind, content = request
        self.received, self.began = b"", time.perf_counter()
        self.socket.sendall(content)
        return True

    def is_answered(self, load: Load) -> bool:
        """Reads what has come, and notes the answer once it is whole."""
        chunk = self.socket.recv(1 << 20)
        self.received += chunk
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if chunk and (not separator or len(body) < _length(head)):
            return False
        status = int(head[9:12] or 0)
        if chunk and status == 200:
            load.seconds.append(time.perf_counter() - self.began)
            load.kinds.append(self.kind)
        else:
            load.errors[status] = load.errors.get(status, 0) + 1
        if not chunk:
            raise ConnectionError(f"the service closed the connection during {self.kind}")
        self.body = body
        return True


def _begin(connection: Connection, selector: selectors.BaseSelector, following: Callable[[], Request | None]) -> int:
    if not connection.send(following()):
        connection.socket.close()
        return 0
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    return 1


def _length(head: bytes) -> int:
    place = head.lower().index(b"content-length:") + 15
    return int(head[place:].split(b"\r\n", 1)[0])
