"""The index over recorded events: which of them can answer a key, and in which order."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from agentops_eval.domain import Call, DrawRequest, Failure, Label, LlmRequest, Seam, ToolRequest
from agentops_eval.replay._canonical import raw_key, request_key
from agentops_eval.replay._cassette import Cassette
from agentops_eval.replay._headers import tell_apart, told
from agentops_eval.replay._numbers import Numbered, numbered
from agentops_eval.replay._rules import MatchRules
from agentops_eval.traces.redaction import Redactor

Slot: TypeAlias = tuple[str, Seam, str]
_Shape: TypeAlias = tuple[str, ...]
_Tag: TypeAlias = "tuple[_Shape, str | None, str | None] | _Shape"

_ADDRESS = re.compile(r"\A(\S+) [^/]*//[^/]*")


class Entry:
    """One recorded event on the shelf, and the call that took it.

    ``number`` counts recorded calls from 1 as a reader would (no draws, nothing inside tools); it
    is 0 for those. ``inside`` is the number of the call in whose body the event lies, 0 for none.
    ``added`` says that a branch recorded it.
    """

    __slots__ = (
        "added",
        "children",
        "event",
        "inside",
        "key",
        "label",
        "number",
        "raw",
        "taken_by",
        "taken_number",
    )

    def __init__(self, found: Numbered, label: Label, *, added: bool = False) -> None:
        self.added = added
        self.event = found.event
        self.number = found.number
        self.inside = found.inside
        self.label = label
        self.key = self.raw = ""
        self.taken_number = 0
        self.children: list[Entry] = []
        self.taken_by: Call | None = None

    @property
    def free(self) -> bool:
        """Whether nobody took it."""
        return self.taken_by is None

    @property
    def answers(self) -> bool:
        """Whether it can still answer: free, and its caller did not give up before an answer came."""
        return self.taken_by is None and self.event.outcome is not None


class Bucket:
    """All recorded events with one key. Each is given once; every step costs constant time.

    Byte-identical requests go first (they quote the very ids of their conversation), then those
    of the same span, in the order in which they were recorded. Where headers of the candidates
    differ, only those that sent what the call sends are candidates at all.
    """

    __slots__ = ("_queues", "entries", "names", "sent")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.names: tuple[str, ...] = ()
        self.sent: list[dict[str, str]] = []
        self._queues: dict[_Tag, deque[Entry]] | None = None

    def claim(self, call: Call, raw: str, ignore_headers: Sequence[str]) -> Entry | None:
        """The entry that answers ``call``; None where none is left. Not safe without a lock."""
        if len(self.entries) == 1:
            only = self.entries[0]
            return only if only.free else None
        if self._queues is None:
            self._queues = self._spread(ignore_headers)
        shape = self.shape(call, ignore_headers)
        span = call.span
        tags: tuple[_Tag, ...] = (
            (shape, span, raw),
            (shape, None, raw),
            (shape, span, None),
            (shape, None, None),
            shape,
        )
        for tag in tags:
            entry = _first_free(self._queues.get(tag))
            if entry is not None:
                return entry
        return None

    @property
    def unreached(self) -> Entry | None:
        """The last event where it is an llm call of a trace that reached nobody: so does its repetition."""
        last = self.entries[-1]
        outcome = last.event.outcome
        lost = isinstance(outcome, Failure) and outcome.label is Label.SYNTHESISED
        return last if lost and isinstance(last.event.request, LlmRequest) else None

    def shape(self, call: Call, ignore_headers: Sequence[str]) -> _Shape:
        """What ``call`` sends in the headers that tell this bucket's entries apart."""
        if not self.names:
            return ()
        sent = told(call.request, ignore_headers)
        return tuple(sent.get(name, "") for name in self.names)

    def rivals(self, call: Call, ignore_headers: Sequence[str]) -> list[Entry]:
        """The entries that could have answered ``call``, taken or not."""
        shape = self.shape(call, ignore_headers)
        if not self.names:
            return list(self.entries)
        pairs = zip(self.entries, self.sent, strict=True)
        return [entry for entry, sent in pairs if tuple(sent.get(n, "") for n in self.names) == shape]

    def _spread(self, ignore_headers: Sequence[str]) -> dict[_Tag, deque[Entry]]:
        queues: dict[_Tag, deque[Entry]] = {}
        self.sent = [told(entry.event.request, ignore_headers) for entry in self.entries]
        self.names = tell_apart(self.sent)
        for entry, sent in zip(self.entries, self.sent, strict=True):
            shape = tuple(sent.get(name, "") for name in self.names)
            span = entry.event.span
            tags: tuple[_Tag, ...] = (
                (shape, span, entry.raw),
                (shape, None, entry.raw),
                (shape, span, None),
                (shape, None, None),
            )
            # What happened inside a tool is the last resort: its body does not run on replay, so a
            # call that asks for it is most likely another one.
            for tag in (shape,) if entry.inside else tags:
                queues.setdefault(tag, deque()).append(entry)
        return queues


class Index:
    """Entries of one or two cassettes (a branch after its parent's prefix), found in constant time."""

    def __init__(
        self, parts: Iterable[tuple[Cassette, Label]], rules: MatchRules, redactor: Redactor
    ) -> None:
        self.rules = rules
        self.redactor = redactor
        self.entries: list[Entry] = []
        self.keys: dict[str, str] = {}
        self.buckets: dict[str, Bucket] = {}
        self.slots: dict[Slot, list[Entry]] = {}
        self.draws: dict[tuple[str, str, int | None], deque[Entry]] = {}
        self.signatures: dict[str, set[str]] = {}
        self.has_llms = False
        first = 1
        for cassette, label in parts:
            first = self._add(cassette, label, first, known=cassette.header.rules == rules.digest)

    def slot(self, seam: Seam, boundary: str, span: str) -> Slot:
        """Where a call stands: the same place in two runs, whatever is asked there."""
        if self.rules.any_host and seam is Seam.HTTP:
            boundary = _ADDRESS.sub(r"\1 ", boundary)
        return span, seam, boundary

    def _add(self, cassette: Cassette, label: Label, first: int, *, known: bool) -> int:
        """Add the events of a cassette, its calls numbered from ``first``; give the number after them."""
        by_index: dict[int, Entry] = {}
        for found in numbered(cassette.events, first=first):
            first = max(first, found.number + 1)
            event = found.event
            made = event.label is Label.SYNTHESISED
            entry = Entry(found, event.label if made else label, added=label is Label.BRANCH)
            holder = None if event.parent is None else by_index.get(event.parent)
            if holder is not None:
                holder.children.append(entry)
            by_index[event.index] = entry
            self.entries.append(entry)
            if isinstance(event.request, DrawRequest):
                self._add_draw(entry, event.request)
            else:
                self._add_call(entry, event.key if known else "")
        return first

    def _add_draw(self, entry: Entry, request: DrawRequest) -> None:
        # Draws inside a tool's body are not served: whoever draws on replay is not that body.
        if not entry.inside and entry.event.outcome is not None:
            place = (entry.event.span, request.source, request.argument)
            self.draws.setdefault(place, deque()).append(entry)

    def _add_call(self, entry: Entry, key: str) -> None:
        event, request = entry.event, entry.event.request
        entry.raw = raw_key(event.seam, event.boundary, request, rules=self.rules)
        entry.key = key or request_key(
            event.seam, event.boundary, request, rules=self.rules, redactor=self.redactor
        )
        self.has_llms |= isinstance(request, LlmRequest)
        if isinstance(request, ToolRequest) and request.signature:
            self.signatures.setdefault(event.boundary, set()).add(request.signature)
        if not entry.inside:
            self.slots.setdefault(self.slot(event.seam, event.boundary, event.span), []).append(entry)
        # A call that its caller gave up stands in line too: its retry must not get its turn.
        self.keys.setdefault(entry.raw, entry.key)
        self.buckets.setdefault(entry.key, Bucket()).entries.append(entry)


def _first_free(queue: deque[Entry] | None) -> Entry | None:
    while queue:
        entry = queue.popleft()
        if entry.free:
            return entry
    return None
