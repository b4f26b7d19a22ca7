"""Logfire's own instrumentations: the request and the reply as the provider's JSON, in two attributes."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import _values as v
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._legacy import told_by_events
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.llm import _openai_chat
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.reading import SourceSpan

NAME = "logfire"


def recognises(source: SourceSpan) -> bool:
    """A request or a reply in an attribute, or Logfire's scope on a span that tells of an llm."""
    given = source.span.attributes
    return (
        "request_data" in given
        or "response_data" in given
        or (source.origin.scope.startswith("logfire") and any(key.startswith("gen_ai.") for key in given))
    )


def read(source: SourceSpan) -> Reading:
    """Read the span; the record that a stream leaves at its end is a step, as its call has a span."""
    reader = Reader(source)
    asked, reply = reader.obj("request_data"), reader.obj("response_data")
    streamed = "combined_chunk_content" in reply
    record = reader.text("logfire.span_type") == "log"
    reader.ignore("async", "response", prefixes=("logfire.",))
    told_by_events(reader, reader.json("events"))
    _asked(reader, asked)
    reader.answer(reply.get("message") or reply.get("combined_chunk_content"))
    _usage(reader, p.obj(reply.get("usage")))
    if record and streamed:
        return done(reader, STEP, step="stream")
    if asked and sc.OPERATION_NAME not in reader.given:
        return done(
            reader, sc.EMBEDDINGS if "input" in asked and "embedding" in str(asked.get("model")) else sc.CHAT
        )
    return done(reader)


def _asked(reader: Reader, asked: Mapping[str, Json]) -> None:
    for key, name in _openai_chat.PARAMETERS.items():
        if name in v.KINDS and asked.get(key) is not None:
            reader.put(name, asked[key])
    reader.put(sc.REQUEST_MODEL, asked.get("model"))
    reader.put(sc.REQUEST_STREAM, asked.get("stream"))
    reader.instruct(asked.get("system") or asked.get("instructions"))
    reader.ask(asked.get("messages") or asked.get("input"))
    reader.define(asked.get("tools"))


def _usage(reader: Reader, usage: Mapping[str, Json]) -> None:
    """The provider's own counts: Anthropic's stand beside each other, OpenAI's include each other."""
    if not usage:
        return
    counted = _openai_chat.usage(usage)
    read, written = (
        v.count(usage.get("cache_read_input_tokens")),
        v.count(usage.get("cache_creation_input_tokens")),
    )
    plain = v.count(usage.get("input_tokens"))
    details = p.obj(usage.get("input_tokens_details"))
    reader.put(
        sc.USAGE_INPUT_TOKENS, counted.input_tokens if plain is None else p.total(plain, read, written)
    )
    reader.put(sc.USAGE_OUTPUT_TOKENS, p.count(usage.get("output_tokens")) or counted.output_tokens)
    reader.put(sc.USAGE_CACHE_READ, read if read is not None else counted.cache_read_tokens)
    reader.put(sc.USAGE_CACHE_READ, details.get("cached_tokens"))
    reader.put(sc.USAGE_CACHE_CREATION, written)
    reasoned = p.obj(usage.get("output_tokens_details")).get("reasoning_tokens")
    reader.put(sc.USAGE_REASONING, counted.reasoning_tokens if reasoned is None else reasoned)
