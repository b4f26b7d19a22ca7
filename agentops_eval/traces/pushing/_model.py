"""What is sent, where to, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from agentops_eval.domain import Headers
from agentops_eval.traces.reading import SourceSpan


class Encoding(StrEnum):
    """How OTLP is spelt on the wire."""

    PROTOBUF = "protobuf"
    JSON = "json"

    @property
    def content_type(self) -> str:
        """What HTTP calls it."""
        return f"application/{'x-protobuf' if self is Encoding.PROTOBUF else 'json'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A receiver: its address, and the headers that it wants, which are never shown.

    ``shown`` is the address without credentials. ``unused`` says which headers of the environment were
    left out because they belong to another receiver.
    """

    url: str
    shown: str
    headers: Headers = ()
    unused: str = ""

    def __repr__(self) -> str:
        return f"<Target {self.shown} with {len(self.headers)} headers>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one request may hold. A span that is larger by itself is sent alone."""

    spans: int = 512
    size: int = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One request: its number from 1, what it holds, and the bytes that go out."""

    number: int
    spans: tuple[SourceSpan, ...]
    body: bytes

    @property
    def traces(self) -> tuple[str, ...]:
        """The ids of the traces that it holds spans of, in order."""
        return tuple(dict.fromkeys(one.span.trace_id for one in self.spans))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the receiver answered; of a long body the beginning."""

    status: int
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""


class Cause(StrEnum):
    """Why there was no answer."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    NAME = "name"
    TLS = "tls"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """There was no answer; ``again`` says whether a second try may have one."""

    cause: Cause
    message: str
    again: bool = True


Answer: TypeAlias = Reply | Unreached
Notify: TypeAlias = Callable[[str], None]


class Sender(Protocol):
    """Sends one request and gives what came of it; it never raises."""

    def __call__(self, body: bytes, headers: Headers, /) -> Answer:
        """Send ``body`` with these headers added to the target's own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReport:
    """What was sent and what the receiver made of it.

    ``rejected`` counts the spans that it said it does not keep. ``messages`` are its words, which may
    also warn of spans that it kept. ``retries`` counts requests that were sent again.
    """

    spans: int = 0
    traces: int = 0
    batches: int = 0
    size: int = 0
    rejected: int = 0
    retries: int = 0
    messages: tuple[str, ...] = ()

    @property
    def accepted(self) -> int:
        """Spans that the receiver did not reject."""
        return self.spans - self.rejected
