"""Which provider's dialect an HTTP exchange speaks, if any: by its path, else by its shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from agentops_eval.domain import HttpRequest, Outcome, header
from agentops_eval.traces.llm import _anthropic, _gemini, _openai_chat, _openai_responses
from agentops_eval.traces.llm._call import LlmCall
from agentops_eval.traces.llm._wire import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One provider's API: two ways to recognise it, one to read it."""

    name: str
    by_path: Callable[[Exchange], bool]
    by_shape: Callable[[Exchange], bool]
    parse: Callable[[Exchange], LlmCall]


DIALECTS = tuple(
    Dialect(name=name, by_path=module.by_path, by_shape=module.by_shape, parse=module.parse)
    for name, module in (
        ("openai.chat", _openai_chat),
        ("openai.responses", _openai_responses),
        ("anthropic.messages", _anthropic),
        ("gemini.generate_content", _gemini),
    )
)
"""Every dialect that is read. Paths are asked first, because an error's body has no shape."""


def parse_llm_call(request: HttpRequest, outcome: Outcome | None) -> LlmCall | None:
    """Read an llm call from an HTTP exchange; None where it is none.

    Never raises on what it reads: what cannot be read is left out and ``complete`` is False. The
    host plays no part, so that gateways and local servers are read like the provider itself.
    """
    if request.method.upper() != "POST":
        return None
    exchange = Exchange(request=request, outcome=outcome)
    dialect = detect(exchange)
    return None if dialect is None else dialect.parse(exchange)


def detect(exchange: Exchange) -> Dialect | None:
    """The dialect of an exchange, None where it is not an llm's."""
    for dialect in DIALECTS:
        if dialect.by_path(exchange):
            return dialect
    return next((dialect for dialect in DIALECTS if dialect.by_shape(exchange)), None)


_KEPT_BYTES = 256 * 1024


def dialect_of(request: HttpRequest) -> str:
    """The name of the dialect in which a request asks an llm; empty where it asks none.

    Kept for the latest requests: runs under faults ask it several times of each call, and of the same
    calls in each run.
    """
    if request.method.upper() != "POST":
        return ""
    find = _dialect if len(request.body) <= _KEPT_BYTES else _dialect.__wrapped__
    return find(request.url, header(request.headers, "content-encoding"), request.body)


@lru_cache(maxsize=128)
def _dialect(url: str, encoding: str, body: bytes) -> str:
    headers = (("content-encoding", encoding),) if encoding else ()
    request = HttpRequest(method="POST", url=url, headers=headers, body=body)
    found = detect(Exchange(request=request, outcome=None))
    return "" if found is None else found.name
