"""A proxy in front of a server, recording and then replaying, and a client that tells all it sees."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from agentops_eval import Settings
from agentops_eval.harness import ActiveRun, RecordMode, open_run
from agentops_eval.seams.proxy import Proxy, plan

# The client is of this process, and a replay would keep it from connecting to anything.
SETTINGS = Settings(allowed_hosts=("127.0.0.1",))
TOLD = ("content-type", "content-encoding", "set-cookie", "content-length", "retry-after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a client saw: status 0 where there was no head, ``whole`` whether the body came to its end."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = False


@contextmanager
def proxied(
    path: Path, upstream: str, *, replaying: bool = False, patience_s: float = 30.0
) -> Iterator[tuple[Proxy, ActiveRun]]:
    """A proxy whose ``/up`` leads to ``upstream``, in a run on the recording at ``path``."""
    made = plan({}, given={"up": upstream}, recorded={}, extra={})
    mode = RecordMode.NONE if replaying else RecordMode.ALL
    with open_run(path, replace(SETTINGS, record=mode), upstreams=made.special) as run:
        with Proxy(run.scope, made, patience_s=patience_s) as proxy:
            yield proxy, run


def ask(base: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Seen:
    """One request on a connection of its own."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, parts.path + path, body, headers)
        response = connection.getresponse()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Seen()
    try:
        data, whole = response.read(), True
    except http.client.IncompleteRead as cut:
        data, whole = cut.partial, False
    except OSError:
        data, whole = b"", False
    connection.close()
    told = [(name.lower(), value) for name, value in response.headers.items() if name.lower() in TOLD]
    return Seen(status=response.status, headers=tuple(sorted(told)), body=data, whole=whole)


def talk(base: str, data: bytes, *, finish: bool = False) -> bytes:
    """Send bytes as they are, and read until the other side is done."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as connection:
        connection.sendall(data)
        if finish:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer
