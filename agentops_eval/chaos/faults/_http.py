"""Faults at the HTTP seam. The target is ``llm``, or a host or ``METHOD URL`` with ``*`` in it."""

from __future__ import annotations

from typing import Literal, Unpack

from agentops_eval.chaos.faults._hits import Hits, fault
from agentops_eval.domain import Fault

Distribution = Literal["fixed", "uniform", "normal", "lognormal", "exponential"]
How = Literal["close", "reset", "clean", "stall"]


def latency(
    target: str = "*",
    *,
    seconds: float = 8.0,
    distribution: Distribution = "fixed",
    spread_s: float = 0.0,
    **hits: Unpack[Hits],
) -> Fault:
    """The answer comes ``seconds`` seconds later, at HTTP, tools, MCP servers and agents alike.

    Or a time that is drawn: ``seconds`` is the mean (the median of ``lognormal``), ``spread_s`` half the
    width of ``uniform``, and the standard deviation of ``normal`` and ``lognormal``.
    """
    return fault("latency", target, hits=hits, seconds=seconds, distribution=distribution, spread_s=spread_s)


def stall(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """It takes the request and never answers: only the client's own timeout ends it."""
    return fault("stall", target, hits=hits)


def slow_drip(
    target: str = "*", *, piece_bytes: int = 16, seconds: float = 0.5, **hits: Unpack[Hits]
) -> Fault:
    """The body comes in pieces of ``piece_bytes`` bytes, ``seconds`` seconds before each."""
    return fault("slow_drip", target, hits=hits, piece_bytes=piece_bytes, seconds=seconds)


def timeout(
    target: str = "*",
    *,
    phase: Literal["connect", "read"] = "connect",
    after_s: float = 60.0,
    **hits: Unpack[Hits],
) -> Fault:
    """It times out: by the client's limit of this ``phase``, or after ``after_s`` where that comes first."""
    return fault("timeout", target, hits=hits, phase=phase, after_s=after_s)


def refused(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The connection is refused."""
    return fault("refused", target, hits=hits)


def reset(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The connection is reset before the request is taken."""
    return fault("reset", target, hits=hits)


def reply_lost(target: str = "*", *, after_s: float = 0.0, **hits: Unpack[Hits]) -> Fault:
    """It is done, and the connection breaks ``after_s`` seconds later, before the answer comes."""
    return fault("reply_lost", target, hits=hits, after_s=after_s)


def rate_limit(
    target: str = "*",
    *,
    retry_after_s: float = 2.0,
    form: Literal["seconds", "date", "ms", "none"] = "seconds",
    **hits: Unpack[Hits],
) -> Fault:
    """It answers 429 with ``Retry-After`` in this ``form``, and with the provider's own headers and words."""
    return fault("rate_limit", target, hits=hits, retry_after_s=retry_after_s, form=form)


def server_error(target: str = "*", *, status: int = 500, **hits: Unpack[Hits]) -> Fault:
    """It answers with this status, from 500 on."""
    return fault("server_error", target, hits=hits, status=status)


def overloaded(target: str = "llm", **hits: Unpack[Hits]) -> Fault:
    """The llm is overloaded: 529 or 503."""
    return fault("overloaded", target, hits=hits)


def expired_auth(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The key or token is accepted no more: 401."""
    return fault("expired_auth", target, hits=hits)


def quota_exhausted(target: str = "*", *, status: int = 0, **hits: Unpack[Hits]) -> Fault:
    """Nothing is left to pay with: 429 without a time to wait for, or 402, unless ``status`` says another."""
    return fault("quota_exhausted", target, hits=hits, status=status)


def context_length(target: str = "llm", **hits: Unpack[Hits]) -> Fault:
    """The conversation is too long for the llm: 400."""
    return fault("context_length", target, hits=hits)


def content_filter(
    target: str = "llm", *, how: Literal["finish", "error"] = "finish", **hits: Unpack[Hits]
) -> Fault:
    """A filter stops the answer: it ends as filtered (``finish``), or the call is refused (``error``)."""
    return fault("content_filter", target, hits=hits, how=how)


def length_stop(target: str = "llm", *, keep: float = 0.5, **hits: Unpack[Hits]) -> Fault:
    """The answer ends for its length, with this share of it said."""
    return fault("length_stop", target, hits=hits, keep=keep)


def torn_arguments(target: str = "llm", **hits: Unpack[Hits]) -> Fault:
    """The llm asks for a tool with arguments that are no JSON."""
    return fault("torn_arguments", target, hits=hits)


def llm_swapped(target: str = "llm", *, llm: str = "another-llm", **hits: Unpack[Hits]) -> Fault:
    """The answer says that it is from ``llm``."""
    return fault("llm_swapped", target, hits=hits, llm=llm)


def llm_degraded(
    target: str = "llm", *, how: Literal["shortened", "garbled"] = "shortened", **hits: Unpack[Hits]
) -> Fault:
    """The answer is well-formed and worse."""
    return fault("llm_degraded", target, hits=hits, how=how)


def price_spike(target: str = "llm", *, factor: float = 10.0, **hits: Unpack[Hits]) -> Fault:
    """The same answer tells of ``factor`` times the tokens."""
    return fault("price_spike", target, hits=hits, factor=factor)


def malformed_json(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The body is almost JSON."""
    return fault("malformed_json", target, hits=hits)


def truncated_json(target: str = "*", *, keep: float = 0.5, **hits: Unpack[Hits]) -> Fault:
    """The body is this share of its JSON, and as long as it says."""
    return fault("truncated_json", target, hits=hits, keep=keep)


def wrong_content_type(target: str = "*", *, status: int = 200, **hits: Unpack[Hits]) -> Fault:
    """A gateway answers with a page to sign in."""
    return fault("wrong_content_type", target, hits=hits, status=status)


def stream_cut(
    target: str = "*",
    *,
    after_bytes: int | None = None,
    inside: Literal["between", "event", "json", "utf8"] = "json",
    event: int = 1,
    how: How = "close",
    **hits: Unpack[Hits],
) -> Fault:
    """The stream breaks off behind ``after_bytes`` bytes, or at one of its events that carry words.

    That is the ``event``-th, from 1, or from the end where it is negative; ``inside`` says where: behind it
    (``between``), before its blank line (``event``), within its data (``json``), or within the first letter
    of several bytes in it or a later one (``utf8``). ``how`` it ends: closed too early, reset, cleanly as if
    it were whole, or with silence (``stall``).
    """
    if after_bytes is not None:
        return fault("stream_cut", target, hits=hits, after_bytes=after_bytes, how=how)
    return fault("stream_cut", target, hits=hits, inside=inside, event=event, how=how)


def stream_error(target: str = "llm", *, after_events: int = 2, **hits: Unpack[Hits]) -> Fault:
    """The llm gives up within its answer: the stream tells of an overload behind ``after_events`` events."""
    return fault("stream_error", target, hits=hits, after_events=after_events)


def stream_duplicated(target: str = "*", *, event: int = 1, **hits: Unpack[Hits]) -> Fault:
    """The ``event``-th event that carries words comes twice."""
    return fault("stream_duplicated", target, hits=hits, event=event)


def stream_reordered(target: str = "*", *, event: int = 1, **hits: Unpack[Hits]) -> Fault:
    """The ``event``-th event that carries words comes behind the next one."""
    return fault("stream_reordered", target, hits=hits, event=event)


def stream_empty(target: str = "*", **hits: Unpack[Hits]) -> Fault:
    """The stream begins well and holds nothing."""
    return fault("stream_empty", target, hits=hits)
