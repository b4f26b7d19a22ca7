"""A fault of whatever answers: it says the same over and over, so that there is always more to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.domain import (
    Call,
    Chunk,
    FaultClass,
    HttpReply,
    KeptBody,
    Label,
    Outcome,
    Seam,
    StreamEnd,
    ValueReply,
)
from agentops_eval.seams import Next, Steps


@kind(Seam.HTTP, Seam.TOOL, Seam.MCP, Seam.AGENT, does=FaultClass.WRONG)
def answer_repeated(hit: Hit, call: Call, next: Next) -> Steps:
    """It answers every call as it answered the first, and does nothing more: a loop on it never ends."""
    first = _kept(hit.memory.get(call.boundary))
    if first is not None:
        hit.told = f"{call.boundary} gave its first answer again"
        return first
    outcome = yield next(call)
    assert outcome is not None
    if isinstance(outcome, ValueReply):
        hit.memory[call.boundary] = outcome
    elif isinstance(outcome, HttpReply):
        copy = _Copy()
        hit.memory[call.boundary] = (replace(outcome, body=KeptBody(), stages=()), copy)
        outcome = replace(outcome, stages=(*outcome.stages, copy))
    hit.told = f"{call.boundary} gave its first answer"
    return outcome


@dataclass(slots=True)
class _Copy:
    """A stage that keeps a body on its way; ``end`` is None until it is whole."""

    chunks: list[Chunk] = field(default_factory=list)
    end: StreamEnd | None = None

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        self.chunks.append(chunk)
        return (chunk,)

    def finish(self, end: StreamEnd) -> StreamEnd:
        self.end = end
        return end


def _kept(first: object) -> Outcome | None:
    """The first answer once more; None where there is none yet, or it is still on its way."""
    if isinstance(first, ValueReply):
        return replace(first, native=None, label=Label.SCRIPTED)
    if not isinstance(first, tuple):
        return None
    head, copy = first
    if not isinstance(head, HttpReply) or not isinstance(copy, _Copy) or copy.end is None:
        return None
    return replace(head, body=KeptBody(chunks=tuple(copy.chunks), end=copy.end), label=Label.SCRIPTED)


REPEATED_KINDS = (answer_repeated,)
