"""What a trace tells of an llm's answer, as the HTTP reply that a client expects."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Chunk, Headers, HttpReply, HttpRequest, Json, KeptBody
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._parse import detect
from agentops_eval.traces.llm._told import COUNTS, usage_of
from agentops_eval.traces.llm._wire import Exchange
from agentops_eval.traces.llm.writing import _anthropic, _gemini, _openai_chat, _openai_responses
from agentops_eval.traces.llm.writing._reply import Finish, LlmReply, ToolAsk, Writer, compact

WRITERS: Mapping[str, Writer] = {
    "openai.chat": _openai_chat.WRITER,
    "openai.responses": _openai_responses.WRITER,
    "anthropic.messages": _anthropic.WRITER,
    "gemini.generate_content": _gemini.WRITER,
}
_FINISHES: Mapping[str, Finish] = {"length": "length", "content_filter": "content_filter"}


def reply_json(reply: LlmReply) -> Json:
    """A reply as a cassette keeps it. What is unknown is left out."""
    asks: list[Json] = [{"name": a.name, "arguments": a.arguments, "id": a.id} for a in reply.asks]
    counts = {name: getattr(reply.usage, name) for name in COUNTS}
    usage: dict[str, Json] = {name: count for name, count in counts.items() if count is not None}
    kept: dict[str, Json] = {
        "id": reply.id,
        "llm": reply.llm,
        "text": reply.text,
        "asks": asks,
        "usage": usage,
    }
    return {**{name: value for name, value in kept.items() if value}, "finish": reply.finish}


def error_json(status: int, message: str) -> Json:
    """An answer that was an HTTP error, as a cassette keeps it."""
    return {"status": status, "error": message}


def answer(request: HttpRequest, value: Json) -> HttpReply | None:
    """The HTTP reply to ``request`` that says what ``reply_json`` or ``error_json`` gave.

    It is streamed where the request asks for that, and in its dialect; None where that is not known.
    """
    exchange = Exchange(request=request, outcome=None)
    dialect = detect(exchange)
    if dialect is None:
        return None
    kept, asked = p.obj(value), p.obj(exchange.asked)
    status = p.count(kept.get("status"))
    if status is not None:
        said = _error(dialect.name, status, kept.get("error"))
        final = (("x-should-retry", "false"),) if kept.get("final") is True else ()
        return _reply(status, "application/json", [said], final)
    streamed = asked.get("stream") is True or exchange.path.endswith("streamGenerateContent")
    chunks = _written(dialect.name, _read(kept), asked, streamed=streamed)
    return _reply(200, "text/event-stream; charset=utf-8" if streamed else "application/json", chunks)


def written(request: HttpRequest, reply: LlmReply, *, streamed: bool) -> list[bytes]:
    """The body that says ``reply`` in the dialect of ``request``: one event an item, or all in one.

    Empty where the dialect is not known.
    """
    exchange = Exchange(request=request, outcome=None)
    dialect = detect(exchange)
    return [] if dialect is None else _written(dialect.name, reply, p.obj(exchange.asked), streamed=streamed)


def _written(dialect: str, reply: LlmReply, asked: Mapping[str, Json], *, streamed: bool) -> list[bytes]:
    writer = WRITERS[dialect]
    if streamed:
        return list(writer.frames(reply, asked))
    return [compact(writer.whole(reply, asked)).encode(errors="replace")]


def _reply(status: int, content_type: str, chunks: list[bytes], more: Headers = ()) -> HttpReply:
    headers: Headers = (("content-type", content_type), *more)
    if len(chunks) == 1:
        headers = (*headers, ("content-length", str(len(chunks[0]))))
    return HttpReply(status=status, headers=headers, body=KeptBody(chunks=tuple(map(Chunk, chunks))))


def _read(kept: Mapping[str, Json]) -> LlmReply:
    asks = (p.obj(item) for item in p.arr(kept.get("asks")))
    return LlmReply(
        id=p.text(kept.get("id")) or "synthesised",
        llm=p.text(kept.get("llm")) or "",
        text=p.text(kept.get("text")) or "",
        asks=tuple(
            ToolAsk(
                name=p.text(ask.get("name")) or "",
                arguments=p.obj(ask.get("arguments")),
                id=p.text(ask.get("id")) or f"call_{number}",
            )
            for number, ask in enumerate(asks, start=1)
        ),
        finish=_FINISHES.get(str(kept.get("finish")), "stop"),
        usage=usage_of(p.obj(kept.get("usage"))),
    )


def _error(dialect: str, status: int, message: Json) -> bytes:
    text = p.text(message) or f"status {status}"
    inner: dict[str, Json] = {"type": "error", "message": text}
    if dialect == "anthropic.messages":
        return compact({"type": "error", "error": inner}).encode()
    return compact({"error": {**inner, "code": status}}).encode()
