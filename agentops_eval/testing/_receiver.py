"""A receiver of OTLP over HTTP on loopback: keeps what it is sent, answers as it is told."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from typing import cast
from urllib.parse import urlsplit

from agentops_eval.domain import ExtraMissing, Headers, Json, header, with_extra
from agentops_eval.testing._listener import Listener
from agentops_eval.testing._service import Listening, Service
from agentops_eval.traces.otlp import OtlpScope, decode_request
from agentops_eval.traces.otlp import _protobuf as wire


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpReply:
    """How one request is answered.

    ``rejected`` and ``message`` make a partial success. ``body`` stands instead of what follows from
    them. With ``reset`` the connection breaks and nothing is answered; ``delay_s`` passes before.
    """

    status: int = 200
    headers: Headers = ()
    body: bytes | None = None
    rejected: int = 0
    message: str = ""
    delay_s: float = 0.0
    reset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtlpRequest:
    """A request that reached the receiver; ``body`` is unpacked."""

    path: str
    headers: Headers
    body: bytes
    packed: bool
    status: int

    @property
    def encoding(self) -> str:
        """``json`` or ``protobuf``."""
        return "json" if "json" in header(self.headers, "content-type") else "protobuf"

    @property
    def scopes(self) -> tuple[OtlpScope, ...]:
        """Its spans, by resource and scope. Protobuf needs the extra ``otlp``."""
        document: Json = json.loads(self.body) if self.encoding == "json" else _protobuf(self.body)
        return decode_request(document)


def _protobuf(body: bytes) -> Json:
    try:
        to_dict = import_module("google.protobuf.json_format").MessageToDict
        service = import_module("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    except ImportError as error:
        raise ExtraMissing(
            "reading protobuf needs a package that is not installed",
            difference=str(error),
            remedy=with_extra("otlp"),
        ) from error
    request = service.ExportTraceServiceRequest.FromString(body)
    document: Json = to_dict(request, use_integers_for_enums=True)
    return document


class OtlpReceiver(Listening):
    """A receiver on loopback that takes every span, or answers by ``replies``.

    The first request gets the first of ``replies`` and so on, later ones ``then``. Only paths that end
    in ``/v1/traces`` are served; others get 404.

        with OtlpReceiver([OtlpReply(status=503)]) as receiver:
            ...  # send to receiver.url
        receiver.requests[0].scopes
    """

    def __init__(
        self, replies: Sequence[OtlpReply] = (), *, then: OtlpReply | None = None, port: int = 0
    ) -> None:
        self._replies = list(replies)
        self._then = then or OtlpReply()
        self._lock = threading.Lock()
        self._requests: list[OtlpRequest] = []
        self._service = Service(_Exchange, owner=self, thread="agentops-otlp-receiver", port=port)

    def __repr__(self) -> str:
        state = self.url if self._service.is_running else "stopped"
        return f"<OtlpReceiver {state} requests={len(self._requests)}>"

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>/v1/traces``."""
        return f"{self._service.address}/v1/traces"

    @property
    def requests(self) -> tuple[OtlpRequest, ...]:
        """Every request so far, oldest first, also those that were refused."""
        with self._lock:
            return tuple(self._requests)

    @property
    def taken(self) -> tuple[OtlpScope, ...]:
        """The spans of every request that was answered with a status of 2xx."""
        done = [request for request in self.requests if request.status // 100 == 2]
        return tuple(scope for request in done for scope in request.scopes)

    def answer(self, path: str, headers: Headers, raw: bytes) -> OtlpReply:
        """Keep a request, and say how it is answered."""
        packed = header(headers, "content-encoding") == "gzip"
        try:
            body = gzip.decompress(raw) if packed else raw
        except (OSError, EOFError, zlib.error):
            return OtlpReply(status=400, body=b"the body is no gzip")
        with self._lock:
            reply = self._replies.pop(0) if self._replies else self._then
            if not path.endswith("/v1/traces"):
                reply = OtlpReply(status=404, body=b"not found")
            status = 0 if reply.reset else reply.status
            self._requests.append(
                OtlpRequest(path=path, headers=headers, body=body, packed=packed, status=status)
            )
        return reply

    def pause(self, seconds: float) -> None:
        """Let real time pass, until the receiver stops."""
        self._service.pause(seconds)


class _Exchange(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "agentops-otlp-receiver"
    sys_version = ""
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: what was sent is in ``OtlpReceiver.requests``."""

    def do_POST(self) -> None:
        """Take one request."""
        owner = cast("OtlpReceiver", cast("Listener", self.server).owner)
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = tuple(self.headers.items())
        reply = owner.answer(urlsplit(self.path).path, headers, raw)
        owner.pause(reply.delay_s)
        if reply.reset:
            linger = struct.pack("ii", 1, 0)  # closing then sends a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            return
        kind, body = _answer(reply, as_json="json" in header(headers, "content-type"))
        self.send_response(reply.status)
        given = {"content-type": kind, "content-length": str(len(body)), **dict(reply.headers)}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _answer(reply: OtlpReply, *, as_json: bool) -> tuple[str, bytes]:
    if reply.body is not None:
        return "text/plain", reply.body
    if reply.status // 100 != 2:
        return "text/plain", reply.message.encode()
    if as_json:
        partial = {"rejectedSpans": str(reply.rejected), "errorMessage": reply.message}
        held = {"partialSuccess": partial} if reply.rejected or reply.message else {}
        return "application/json", json.dumps(held).encode()
    counted = b"\x08" + wire.varint(reply.rejected) if reply.rejected else b""
    inner = counted + wire.text(2, reply.message)
    return "application/x-protobuf", wire.block(1, inner) if inner else b""
