"""What crosses a seam: a call with its request, and the outcome it had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from agentops_eval.domain._json import Json

Headers: TypeAlias = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str:
    """All values of a header joined by commas, whatever the case of its name; empty where it is absent."""
    folded = name.lower()
    return ", ".join(value for key, value in headers if key.lower() == folded)


class Seam(StrEnum):
    """A place where the agent touches the world."""

    HTTP = "http"
    TOOL = "tool"
    MCP = "mcp"
    AGENT = "agent"
    HUMAN = "human"
    CLOCK = "clock"
    ENTROPY = "entropy"


SHUT_ON_REPLAY = frozenset({Seam.TOOL, Seam.MCP, Seam.HUMAN})
"""Seams whose body does not run on replay: what a tool does, or what asks a person, stays undone."""


ANY_LANE = "*"
"""The lane of calls that another process made: which of its tasks made which is not known."""


class Label(StrEnum):
    """Where an outcome came from. Every event carries exactly one."""

    REPLAYED = "replayed"
    BRANCH = "branch"
    SYNTHESISED = "synthesised"
    SCRIPTED = "scripted"
    LIVE = "live"


class Effect(StrEnum):
    """What a tool does to the world: nothing, a change in it, or a change outside our reach."""

    READ = "read"
    WRITE = "write"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One HTTP request as it leaves the client; ``body`` holds the raw bytes."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmRequest:
    """What an llm was asked, as a trace tells it: the bytes in which it was sent are not known.

    ``llm`` is empty where the trace does not name the llm that was asked for, ``provider`` where it
    does not say whose it is, which no client's request says either: it is not matched. ``conversation``
    is what ``agentops_eval.traces.llm.conversation`` gives.
    """

    llm: str = ""
    conversation: tuple[Json, ...] = ()
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """One tool call. ``arguments`` are bound to parameter names; ``signature`` tells staleness.

    ``effect`` is None where a trace does not tell it, which is not the same as a tool that only reads.
    ``server`` is the MCP server that has the tool; empty for a tool of this process.
    """

    name: str
    arguments: Mapping[str, Json]
    effect: Effect | None = Effect.READ
    idempotency_key: str | None = None
    signature: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpRequest:
    """What an MCP session asks its server beside calling a tool: ``method`` is that of JSON-RPC.

    ``server`` is the name that it gave itself; before it said one, how it is reached.
    """

    server: str
    method: str
    params: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRequest:
    """One message from an agent to another."""

    sender: str
    recipient: str
    message: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """A question to a human. ``deadline_s`` is how long silence may last; None waits for ever."""

    action: str
    details: Json = None
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest:
    """One reading of the clock or of entropy: ``source`` is its dotted name, such as ``time.time``."""

    source: str
    argument: int | None = None


Request: TypeAlias = (
    HttpRequest | LlmRequest | ToolRequest | McpRequest | HandoffRequest | ApprovalRequest | DrawRequest
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a caller's own client waits for a connection, and for the next bytes; None waits for ever.

    A ``blocked`` caller can give up on nothing: where there is a limit, what is called has it in itself.
    """

    connect_s: float | None = None
    read_s: float | None = None
    blocked: bool = False


_ENDLESS = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One crossing of a seam, before its outcome is known.

    ``boundary`` names what is called (``POST https://api.openai.com/v1/responses``, a tool's
    name). ``span`` is the logical path of the caller: ``/`` for the run, ``/billing#0`` inside a
    hand-off, ``/~0.2`` for a draw by the third task that the run's first task started. ``lane``
    tells from which task or thread it was made (see ``Event``). ``index`` is the event's number, set
    by the event log, -1 before; ``site`` is the ``module:function:line`` that made the call where
    that is known. ``patience`` is that of the client, which a handler that lets time pass has to ask.
    """

    seam: Seam
    boundary: str
    request: Request
    span: str = "/"
    lane: str = ""
    index: int = -1
    site: str = ""
    patience: Patience = field(default=_ENDLESS, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An exception as a value: type name, its module, message and JSON arguments.

    ``native`` holds the exception object in the process that saw it; it is never written.
    """

    kind: str
    module: str
    message: str
    arguments: tuple[Json, ...] = ()
    label: Label = Label.LIVE
    native: BaseException | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they arrived, ``at_s`` seconds after the request was sent (monotonic).

    ``wait_s`` is how long a stage holds them up before they go on; never kept.
    """

    data: bytes
    at_s: float = 0.0
    wait_s: float = field(default=0.0, compare=False, repr=False)


class EndKind(StrEnum):
    """How a body ended: read to its end, closed by the caller, or cut by the world."""

    EOF = "eof"
    CLOSED = "closed"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnd:
    """The end of a body; ``failure`` is set when the world cut it."""

    kind: EndKind = EndKind.EOF
    failure: Failure | None = None


class Stage(Protocol):
    """A step that a streamed body passes, chunk by chunk, without I/O of its own."""

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        """Take one chunk, give the chunks that go on."""
        ...

    def finish(self, end: StreamEnd) -> StreamEnd:
        """Take the end, give the end that goes on. Called exactly once."""
        ...


class Rewrite:
    """A stage that may also hold chunks up, end the body early, and give more at its end.

    Chunks with ``wait_s`` reach the next stage after that time. Once ``over`` is set the body ends so, and
    nothing more is read of it: neither further chunks nor, where ``feed`` set it, ``rest``.
    """

    __slots__ = ("over",)

    def __init__(self) -> None:
        self.over: StreamEnd | None = None

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        """Take one chunk, give the chunks that go on."""
        return (chunk,)

    def rest(self, end: StreamEnd) -> Iterable[Chunk]:
        """Give what goes on behind the last chunk of a body that ends like this by itself."""
        return ()

    def finish(self, end: StreamEnd) -> StreamEnd:
        """Take the end, give the end that goes on. Called exactly once."""
        return end


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBody:
    """A body whose chunks are known."""

    chunks: tuple[Chunk, ...] = ()
    end: StreamEnd = StreamEnd()

    @property
    def data(self) -> bytes:
        """All bytes in order."""
        return b"".join(chunk.data for chunk in self.chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBody:
    """A body still on the wire. ``handle`` belongs to the transport adapter that made it."""

    handle: object


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """Status line, headers and body of one HTTP response, compressed as it came.

    ``stages`` are the steps that the body still has to pass, innermost first. ``pace`` scales the
    recorded offsets of a kept body: 0 plays it at once, 1 as recorded.
    """

    status: int
    reason: str = ""
    headers: Headers = ()
    http_version: str = "HTTP/1.1"
    body: KeptBody | LiveBody = KeptBody()
    stages: tuple[Stage, ...] = ()
    pace: float = 0.0
    label: Label = Label.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueReply:
    """The JSON rendering of what a tool, an agent, a human, the clock or entropy answered.

    ``native`` holds the object itself in the process that saw it; it is never written.
    """

    value: Json
    label: Label = Label.LIVE
    native: object = field(default=None, compare=False, repr=False)


Outcome: TypeAlias = HttpReply | ValueReply | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A call with its outcome, as cassettes keep it and traces are derived from it.

    ``parent`` is the index of the tool call or hand-off inside which this one happened. Times are
    seconds since the run began. ``outcome`` is None while a call is open, and in the event of a
    caller that was cancelled before an answer came; a kept HTTP outcome always has a KeptBody.
    ``key`` is the canonical hash of the request, empty until something needed it. ``lane`` is empty
    in the run's own task or thread; ``4:0.1:2`` is the third task (2) that was started, after one
    call of its own (1), by the first task (0) that the run started after four calls (4). ``ANY_LANE``
    is that of calls whose task is not known.
    """

    index: int
    seam: Seam
    boundary: str
    request: Request
    outcome: Outcome | None
    span: str = "/"
    parent: int | None = None
    label: Label = Label.LIVE
    started_s: float = 0.0
    ended_s: float = 0.0
    key: str = ""
    site: str = ""
    lane: str = ""
