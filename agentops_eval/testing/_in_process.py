"""The scripted llm without a server: what a mock transport of httpx or httpx2 asks."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from agentops_eval.domain import Json
from agentops_eval.testing import _openai_chat
from agentops_eval.testing._dialect import Dialect
from agentops_eval.testing._http import route
from agentops_eval.testing._rules import Choice, Cut, Fail, Rule, Rulebook, retry_headers
from agentops_eval.traces.llm.writing import compact


class ScriptedLlm:
    """A scripted llm in this process: answers a client's request by rules, in the dialect of its path.

    Ten times as fast as ``LlmServer``, for thousands of runs. ``Cut`` ends the body after so many chunks.

        client = httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm([Rule(then=Say("Hello"))])))
        OpenAI(http_client=client, base_url="http://llm.test/v1", api_key="unused")
    """

    def __init__(self, rules: Sequence[Rule] = (), *, salt: str = "") -> None:
        self.salt = salt
        self.hits = 0
        self._book = Rulebook(tuple(rules))
        self._lock = threading.Lock()

    def __call__(self, request: Any) -> Any:
        """Answer one request of httpx or httpx2 with a response of the same library."""
        with self._lock:
            self.hits += 1
        library = sys.modules[type(request).__module__.partition(".")[0]]
        dialect = route(request.url.path)
        body = _object(request.content)
        if dialect is None or body is None:
            what = "The body is not a JSON object." if dialect else f"No llm speaks at {request.url.path}."
            fail = Fail(status=400 if dialect else 404, message=what)
            return _failed(library, dialect or _openai_chat.DIALECT, fail, "0" * 16)
        refused = dialect.refuse(body)
        conversation = dialect.read(request.url.path, body)
        with self._lock:
            choice = Choice(action=refused) if refused else self._book.answer(conversation)
        action = choice.action
        if isinstance(action, Fail):
            return _failed(library, dialect, action, conversation.fingerprint(salt=self.salt))
        said = action.reply if isinstance(action, Cut) else action
        limit = action.after_chunks if isinstance(action, Cut) else None
        reply = dialect.reply(conversation, said, salt=self.salt)
        headers = {"x-request-id": f"req_{reply.id.removeprefix(dialect.ids[0])}"}
        if conversation.streamed:
            frames = list(dialect.writer.frames(reply, body))[:limit]
            headers["content-type"] = "text/event-stream; charset=utf-8"
            return library.Response(200, headers=headers, stream=_frames(library, frames))
        data = compact(dialect.writer.whole(reply, body)).encode(errors="replace")
        headers["content-type"] = "application/json"
        return library.Response(200, headers=headers, content=data)


def _frames(library: Any, frames: Sequence[bytes]) -> Any:
    """A body that arrives frame by frame, for synchronous and asynchronous clients."""

    def chunks(_: object) -> Iterator[bytes]:
        return iter(frames)

    async def chunks_async(_: object) -> Any:
        for frame in frames:
            yield frame

    bases = (library.SyncByteStream, library.AsyncByteStream)
    return type("ScriptedStream", bases, {"__iter__": chunks, "__aiter__": chunks_async})()


def _failed(library: Any, dialect: Dialect, fail: Fail, seed: str) -> Any:
    headers = {"content-type": "application/json", "x-request-id": f"req_{seed}", **retry_headers(fail)}
    content = compact(dialect.error(fail, f"req_{seed}")).encode(errors="replace")
    return library.Response(fail.status, headers=headers, content=content)


def _object(raw: bytes) -> dict[str, Json] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
