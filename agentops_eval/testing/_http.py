"""One HTTP exchange of the scripted llm: route, read, ask the rules, write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from agentops_eval.domain import Headers, Json
from agentops_eval.testing import _anthropic_messages, _gemini, _openai_chat, _openai_responses
from agentops_eval.testing._dialect import Body, Dialect
from agentops_eval.testing._rules import Choice, Cut, Fail, retry_headers
from agentops_eval.traces.llm.writing import compact

if TYPE_CHECKING:
    from agentops_eval.testing._server import LlmServer

_SUFFIXES = {
    "/chat/completions": _openai_chat.DIALECT,
    "/responses": _openai_responses.DIALECT,
    "/messages": _anthropic_messages.DIALECT,
}
_PIECE = 64


def route(path: str) -> Dialect | None:
    """Find the dialect that is spoken at a path; prefixes such as ``/v1`` do not matter."""
    if _gemini.PATH.search(path):
        return _gemini.DIALECT
    return next((dialect for suffix, dialect in _SUFFIXES.items() if path.endswith(suffix)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that reached the server, and how it was answered: the rule's name and the status."""

    method: str
    path: str
    headers: Headers
    body: bytes
    dialect: str
    rule: str
    status: int


class Exchange(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "agentops-scripted-llm"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def owner(self) -> LlmServer:
        """The server that this connection came to."""
        return cast("LlmServer", self.server.owner)  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: what was asked is in ``LlmServer.requests``."""

    def do_GET(self) -> None:
        """Refuse: llms are asked by POST."""
        self._refuse(b"", 404, f"{self.command} {self.path} is not served here.")

    def do_POST(self) -> None:
        """Answer one request in the dialect of its path."""
        raw = self._body()
        path = urlsplit(self.path).path
        dialect = route(path)
        if dialect is None:
            self._refuse(raw, 404, f"No llm speaks at {path}.")
            return
        body = _object(raw)
        if body is None:
            self._refuse(raw, 400, "The body is not a JSON object.", dialect)
            return
        refused = dialect.refuse(body)
        conversation = dialect.read(path, body)
        choice = Choice(action=refused, name="refused") if refused else self.owner.choose(conversation)
        self._note(raw, dialect, choice)
        self.owner.pause(self.owner.reply_delay_s)
        action = choice.action
        if isinstance(action, Fail):
            self._fail(dialect, action, conversation.fingerprint(salt=self.owner.salt))
            return
        limit = action.after_chunks if isinstance(action, Cut) else None
        said = action.reply if isinstance(action, Cut) else action
        reply = dialect.reply(conversation, said, salt=self.owner.salt)
        seed = reply.id.removeprefix(dialect.ids[0])
        if conversation.streamed:
            self._stream(dialect.writer.frames(reply, body), seed, limit)
        else:
            self._whole(dialect.writer.whole(reply, body), seed, limit)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            parts: list[bytes] = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _note(self, raw: bytes, dialect: Dialect | None, choice: Choice) -> None:
        status = choice.action.status if isinstance(choice.action, Fail) else 200
        self.owner.note(
            Seen(
                method=self.command,
                path=self.path,
                headers=tuple(self.headers.items()),
                body=raw,
                dialect=dialect.name if dialect else "",
                rule=choice.name,
                status=status,
            )
        )

    def _refuse(self, raw: bytes, status: int, message: str, dialect: Dialect | None = None) -> None:
        fail = Fail(status=status, message=message)
        self._note(raw, dialect, Choice(action=fail, name="refused"))
        self._fail(dialect or _openai_chat.DIALECT, fail, "0" * 16)

    def _fail(self, dialect: Dialect, fail: Fail, seed: str) -> None:
        headers = {"content-type": "application/json", **retry_headers(fail)}
        data = compact(dialect.error(fail, f"req_{seed}")).encode(errors="replace")
        self._head(fail.status, seed, headers | {"content-length": str(len(data))})
        self.wfile.write(data)
        self.wfile.flush()

    def _whole(self, data: Json, seed: str, limit: int | None) -> None:
        text = compact(data).encode(errors="replace")
        self._head(200, seed, {"content-type": "application/json", "content-length": str(len(text))})
        self.wfile.write(text if limit is None else text[: limit * _PIECE])
        self.wfile.flush()
        if limit is not None:
            self._break()

    def _stream(self, frames: Iterable[bytes], seed: str, limit: int | None) -> None:
        content = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
        self._head(200, seed, content | {"cache-control": "no-cache"})
        self.wfile.flush()
        for number, frame in enumerate(frames):
            if number == limit:
                self._break()
                return
            if number:
                self.owner.pause(self.owner.chunk_delay_s)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _head(self, status: int, seed: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name in ("x-request-id", "request-id"):
            self.send_header(name, f"req_{seed}")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _break(self) -> None:
        """End the connection where the client still waits for more."""
        self.close_connection = True


def _object(raw: bytes) -> Body | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
