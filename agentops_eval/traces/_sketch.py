"""How alike two runs are, from a small sketch of each: to tell repetitions among thousands of runs."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agentops_eval.domain import Json, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import failed
from agentops_eval.traces._steps import kind_and_title
from agentops_eval.traces.llm._wire import load_json

KEPT = 128
"""Hashes in a sketch. The standard error of a likeness is at most 0.5 / sqrt(KEPT), under 0.05."""

_LOOKED_UP = 8
_RUN = 3
_COUNTED = re.compile(r"\d+|[0-9a-f]{12,}", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_SAID = (
    sc.INPUT_MESSAGES,
    sc.OUTPUT_MESSAGES,
    sc.TOOL_CALL_ARGUMENTS,
    sc.AGENTOPS_HANDOFF_MESSAGE,
    sc.AGENTOPS_HITL_DETAILS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What a run did, and a sample of what was said in it.

    ``shape`` is a digest of its steps: kinds, names, nesting, what failed. ``sample`` has the smallest
    hashes of its runs of three words, in order.
    """

    shape: str
    sample: bytes

    @property
    def hashes(self) -> tuple[int, ...]:
        """The sample as numbers: packed, many sketches take little memory."""
        return struct.unpack(f">{len(self.sample) // 8}Q", self.sample)

    def likeness(self, other: Sketch) -> float:
        """From 0 to 1: 0 where the steps differ, else the share of what was said that both have.

        That is the Jaccard index of the two sets of word runs, estimated from their bottom-k sketches
        (Cohen and Kaplan, 2007), exact where both sets have at most ``KEPT`` members.
        """
        if self.shape != other.shape:
            return 0.0
        mine, others = frozenset(self.hashes), frozenset(other.hashes)
        union = sorted(mine | others)[:KEPT]
        if not union:
            return 1.0
        return sum(one in mine and one in others for one in union) / len(union)


def sketch(trace: Trace) -> Sketch:
    """Sketch a run. Numbers and long ids do not count, nor do instructions and what tools answered."""
    shape = hashlib.sha256()
    depths: dict[str, int] = {}
    histories: dict[str, str] = {}
    found: set[int] = set()
    for span in trace.spans:
        depths[span.span_id] = depths.get(span.parent_id, -1) + 1
        kind, title = kind_and_title(span)
        step = f"{depths[span.span_id]} {kind} {title} {failed(span)}\n"
        shape.update(step.encode("utf-8", "surrogatepass"))
        for key in _SAID:
            text = span.attributes.get(key)
            if isinstance(text, str):
                new = _new_in(text, span.parent_id, histories) if key == sc.INPUT_MESSAGES else text
                found.update(_hashes(_words(load_json(new)), key))
    kept = sorted(found)[:KEPT]
    return Sketch(shape=shape.hexdigest(), sample=struct.pack(f">{len(kept)}Q", *kept))


def _new_in(history: str, parent: str, before: dict[str, str]) -> str:
    """The messages that the agent's chat before this one did not have, where it goes on from that."""
    known = before.get(parent, "")[:-1]  # without the bracket at its end
    before[parent] = history
    if len(known) > 1 and history.startswith(f"{known},"):
        return f"[{history[len(known) + 1 :]}"
    return history


def _words(value: Json) -> Iterator[str]:
    """All words in a document, keys included, in their order. What tools answered is left out."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            if item.get("type") != "tool_call_response":
                stack += [
                    part for key in sorted(item, reverse=True) if key != "id" for part in (item[key], key)
                ]
        elif isinstance(item, (list, tuple)):
            stack += reversed(item)
        elif item is not None:
            yield from _WORDS.findall(_COUNTED.sub("0", str(item)))


def _hashes(words: Iterable[str], salt: str) -> Iterator[int]:
    run: list[str] = []
    for word in words:
        run = [*run[-(_RUN - 1) :], word]
        text = "\0".join((salt, *run)).encode("utf-8", "surrogatepass")
        yield int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


class Repetitions:
    """Runs met one by one; each is either new, or repeats one of those met before.

    Only runs that share one of their smallest hashes are compared, so that many unlike runs cost
    little: of two runs with a likeness of 0.9, one in ten million is overlooked.
    """

    def __init__(self, least: float) -> None:
        self._least = least
        self._sketches: list[Sketch] = []
        self._known: dict[tuple[str, int], list[int]] = {}

    def place(self, found: Sketch) -> int | None:
        """The number of the earlier run that this one repeats, the likest; None where it is new."""
        keys = [(found.shape, one) for one in found.hashes[:_LOOKED_UP] or (-1,)]
        near = sorted({number for key in keys for number in self._known.get(key, ())})
        likest = max(near, key=lambda number: (found.likeness(self._sketches[number]), -number), default=None)
        if likest is not None and found.likeness(self._sketches[likest]) >= self._least:
            return likest
        for key in keys:
            self._known.setdefault(key, []).append(len(self._sketches))
        self._sketches.append(found)
        return None
