"""The values in what was asked and answered, by which they are found again elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from agentops_eval.chaos._texts import number_text
from agentops_eval.domain import (
    Attribute,
    Event,
    Failure,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Span,
    ValueReply,
)
from agentops_eval.traces import Price, cost_of
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.llm import LlmCall, parse_llm_call

LEAST = 4
"""Shorter values are found in every text and tell nothing; as a whole argument two letters do."""
_MOST = 300
_LOOKED_AT = 2_000
"""So many single values of one answer: a page of a million is recognised by its beginning."""
_BODY = 65_536
_PIECE = 12
_KEPT = 4_096
_FAILED = 400
_SPLIT = re.compile(r"[\n.!?;]+")
_WORD = re.compile(r"[^\W_][\w.@:+/-]{2,}[^\W_]")
_TRIVIAL = frozenset({"true", "false", "none", "null", "ok", "okay", "yes", "no", "done", "sent", "error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What an llm's answer holds, and what it cost; None where that is not known."""

    values: tuple[str, ...] = ()
    cost_usd: float | None = None


@dataclass(slots=True)
class Llms:
    """Reads llm calls, each only once: under faults most calls of a run were seen before."""

    price: Callable[[Span], Price | None] = cost_of
    _known: dict[tuple[str, bytes, bytes], Read | None] = field(default_factory=dict)

    def read(self, call: Event) -> Read | None:
        """What an answered llm call holds; None for any other call."""
        request, reply = call.request, call.outcome
        if (
            not isinstance(request, HttpRequest)
            or not isinstance(reply, HttpReply)
            or reply.status >= _FAILED
        ):
            return None  # no provider charges for what it did not answer
        key = (request.url, request.body, body_of(reply))
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            told = parse_llm_call(request, reply)
            self._known[key] = None if told is None else self._of(told)
        return self._known[key]

    def _of(self, told: LlmCall) -> Read:
        facts: dict[str, Attribute | None] = {
            sc.PROVIDER_NAME: told.provider,
            sc.REQUEST_MODEL: told.request_model,
            sc.RESPONSE_MODEL: told.response_model,
            sc.USAGE_INPUT_TOKENS: told.usage.input_tokens,
            sc.USAGE_OUTPUT_TOKENS: told.usage.output_tokens,
            sc.USAGE_CACHE_READ: told.usage.cache_read_tokens,
            sc.USAGE_CACHE_CREATION: told.usage.cache_creation_tokens,
        }
        attributes = {name: value for name, value in facts.items() if value is not None}
        price = self.price(Span(name="chat", trace_id="", span_id="", attributes=attributes))
        said: list[Json] = [dict(part) for message in told.output_messages for part in message.parts]
        texts = [one for part in said if isinstance(part, dict) for one in _said(part)]
        return Read(values=_few(texts), cost_usd=None if price is None else float(price.amount))


def _said(part: Mapping[str, Json]) -> Iterator[str]:
    """What a part says: its text in pieces, or the arguments of its call."""
    content, arguments = part.get("content"), part.get("arguments")
    if isinstance(content, str):
        yield from pieces(content)
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            yield from pieces(str(arguments))
            return
    yield from scalars(arguments)


def values_of(call: Event, llms: Llms) -> frozenset[str]:
    """The values that a call answered, those left out that it was asked with."""
    outcome = call.outcome
    if isinstance(outcome, ValueReply):
        found: Iterable[str] = (piece for one in scalars(outcome.value) for piece in pieces(one))
    elif isinstance(outcome, Failure):
        found = (outcome.message,)
    elif isinstance(outcome, HttpReply):
        read = llms.read(call)
        text = body_of(outcome)[:_BODY].decode("utf-8", "replace")
        found = _words(text) if read is None else read.values
    else:
        return frozenset()
    return frozenset(_few(found))


def pieces(text: str) -> Iterator[str]:
    """A text, its sentences, and its words with digits: an agent may pass on only some."""
    whole = text[:_BODY].strip()
    yield whole
    if len(whole) >= _PIECE:
        yield from (one.strip() for one in _SPLIT.split(whole) if len(one.strip()) >= _PIECE)
        yield from _words(whole)


def scalars(value: Json) -> Iterator[str]:
    """The single values in a JSON value that tell something apart."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from scalars(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield number_text(value)


def told_apart(values: Iterable[str]) -> frozenset[str]:
    """The values by which something is recognised, flags and single signs left out."""
    seen = islice(values, _LOOKED_AT)
    return frozenset(one for one in seen if len(one) >= 2 and one.casefold() not in _TRIVIAL)


def _few(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(told_apart(values)))[:_MOST]


def _words(text: str) -> Iterable[str]:
    """The words with a digit in them: names of orders, amounts, moments."""
    return {word for word in _WORD.findall(text) if any(map(str.isdigit, word))}


def in_text(text: str, values: Iterable[str]) -> bool:
    """Whether a text, which may be JSON, holds any of the values."""
    return any(len(value) >= LEAST and (value in text or _escaped_in(value, text)) for value in values)


def _escaped_in(value: str, text: str) -> bool:
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return False
    return any(json.dumps(value, ensure_ascii=plain)[1:-1] in text for plain in (False, True))


def body_of(reply: HttpReply) -> bytes:
    """The bytes of a reply, as far as they are known."""
    return reply.body.data if isinstance(reply.body, KeptBody) else b""
