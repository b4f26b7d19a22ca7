"""Whether a recorded answer has the shape that its call's own code takes for granted.

Checked when a cassette is read, so that a file edited by hand is named with its line, instead of
failing somewhere inside of the agent.
"""

from __future__ import annotations

import math
from itertools import chain

from agentops_eval.domain import (
    ApprovalRequest,
    DrawRequest,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    LlmRequest,
    McpRequest,
    Request,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.traces import PLACEHOLDER

_REQUESTS: dict[Seam, type[Request] | tuple[type[Request], ...]] = {
    Seam.HTTP: (HttpRequest, LlmRequest),
    Seam.TOOL: ToolRequest,
    Seam.MCP: (ToolRequest, McpRequest),
    Seam.AGENT: HandoffRequest,
    Seam.HUMAN: ApprovalRequest,
    Seam.CLOCK: DrawRequest,
    Seam.ENTROPY: DrawRequest,
}
_STATUSES = ("approved", "rejected", "modified", "timeout")
_FLOATS = ("time.time", "random.random")
_INTEGERS = ("time.time_ns", "random.getrandbits")
_UUID_BYTES = 16


def check_shape(event: Event) -> None:
    """Raise ValueError, which says what is wrong, for an event that nothing could have recorded."""
    request, outcome = event.request, event.outcome
    if not isinstance(request, _REQUESTS[event.seam]):
        raise ValueError(f"a {type(request).__name__} does not cross the seam {event.seam}")
    if isinstance(request, HttpRequest):
        if isinstance(outcome, ValueReply):
            raise ValueError("an HTTP request was answered with a value - at `$.outcome`")
        if isinstance(outcome, HttpReply):
            _check_texts(outcome)
    elif isinstance(outcome, HttpReply):
        raise ValueError(f"{event.boundary} was answered with an HTTP reply - at `$.outcome`")
    if outcome is None or isinstance(outcome, (Failure, HttpReply)):
        return
    if isinstance(request, ApprovalRequest):
        _check_approval(outcome.value)
    elif isinstance(request, DrawRequest) and not _fits(request, outcome.value):
        raise ValueError(
            f"{request.source} cannot have answered {_shown(outcome.value)} - at `$.outcome.value`"
        )


def _check_texts(reply: HttpReply) -> None:
    """HTTP has bytes, for which aiohttp puts U+DC80 to U+DCFF; other lone surrogates stand for nothing."""
    texts = [reply.reason, reply.http_version, *chain.from_iterable(reply.headers)]
    if "".join(texts).isascii():  # as nearly always, and cheap
        return
    for text in texts:
        try:
            text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise ValueError(f"{_shown(text)} holds half a character (a lone surrogate)") from None


def _check_approval(value: Json) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"a person cannot have answered {_shown(value)} - at `$.outcome.value`")
    if value.get("status") not in _STATUSES:
        raise ValueError(f"the status is one of {', '.join(_STATUSES)} - at `$.outcome.value.status`")
    if not isinstance(value.get("reason"), str) or "details" not in value:
        raise ValueError("an answer has a reason, which is a text, and details - at `$.outcome.value`")


def _fits(request: DrawRequest, value: Json) -> bool:
    """Whether a reading can have this value; sources that this release does not know may say anything."""
    source = request.source
    if source in _FLOATS or source in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return _finite(value) if source in _FLOATS else isinstance(value, int)
    if source == "os.urandom":
        return _is_hex(value)
    if source.startswith("uuid."):
        return (_is_hex(value) and len(str(value)) == 2 * _UUID_BYTES) or _is_masked(value)
    return True


def _finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_hex(value: Json) -> bool:
    """Hexadecimal digits, or what stands in a recording where they were a secret's."""
    if not isinstance(value, str):
        return False
    try:
        bytes.fromhex(value)
    except ValueError:
        return _is_masked(value)
    return True


def _is_masked(value: Json) -> bool:
    return isinstance(value, str) and PLACEHOLDER.search(value) is not None


def _shown(value: Json) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
