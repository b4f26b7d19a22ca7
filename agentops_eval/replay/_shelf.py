"""The shelf: recorded answers, each of which is given to one call."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from agentops_eval.domain import (
    SHUT_ON_REPLAY,
    Call,
    DrawRequest,
    Event,
    HttpRequest,
    Label,
    LlmRequest,
    Request,
    Seam,
    ToolRequest,
)
from agentops_eval.replay._canonical import canonical_request, raw_key, request_key
from agentops_eval.replay._cassette import Cassette
from agentops_eval.replay._headers import HeaderClash, clashes, told
from agentops_eval.replay._index import Bucket, Entry, Index, Slot
from agentops_eval.replay._numbers import Numbered
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._standins import masked, may_be_masked, stand_ins, written
from agentops_eval.traces import LLM_BOUNDARY
from agentops_eval.traces.llm import llm_request
from agentops_eval.traces.redaction import Redactor


class How(StrEnum):
    """How an answer was found.

    Same key and span; same key elsewhere; equal but for what stands where the recording has
    placeholders for secrets; or another request in the same place.
    """

    EXACT = "exact"
    ELSEWHERE = "elsewhere"
    STAND_IN = "stand-in"
    DRIFT = "drift"


class MissReason(StrEnum):
    """Why there is no answer."""

    NOT_RECORDED = "not-recorded"
    CONSUMED = "already-consumed"
    DRIFTED = "drifted"
    STALE = "stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A recorded event that answers the ``number``-th call of this run.

    ``label`` says whether a branch recorded it. An event whose outcome is None was given up by its
    caller before an answer came: it answers by never answering.
    """

    event: Event
    how: How
    label: Label = Label.REPLAYED
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Numbered):
    """A recorded call as it stands on the shelf, for explanations.

    ``taken_number`` is the number of the call that took it, 0 while it is free, and ``taken_site``
    where that call came from.
    """

    taken_number: int = 0
    taken_site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A call without an answer: the ``number``-th call of this run, and what is known of why.

    ``place`` is the recorded call that stands where this one does, if any; ``consumed`` are those
    that had its answer; ``clashes`` are headers that were never recorded with what it sends;
    ``signatures`` are those under which the tool was recorded.
    """

    reason: MissReason
    call: Call
    number: int
    key: str
    place: Recorded | None = None
    consumed: tuple[Recorded, ...] = ()
    clashes: tuple[HeaderClash, ...] = ()
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A recorded call that was served although its request differs, and the call that got it.

    ``number`` is that of the call that got it, ``recorded`` that of the recorded one.
    """

    event: Event
    call: Call
    number: int
    recorded: int

    def __str__(self) -> str:
        # The event's boundary is redacted, the call's is not.
        at = f"call {self.number}, {self.event.seam.value} {self.event.boundary}"
        return f"{at}: got the answer of recorded call {self.recorded}, which asked otherwise"


class Shelf:
    """Recorded events by key; ``take`` gives each of them to at most one call.

    ``branch`` adds the events of a branch after those of ``cassette`` (see ``shelf_of_branch``).
    Keys in the cassette are used if they were computed under the same rules, else computed anew.
    Safe under threads. A call costs the same whether 10 or 5,000 events are recorded.
    """

    def __init__(
        self, cassette: Cassette, *, rules: MatchRules, redactor: Redactor, branch: Cassette | None = None
    ) -> None:
        parts = [(cassette, Label.REPLAYED)]
        if branch is not None:
            parts.append((branch, Label.BRANCH))
        self._index = Index(parts, rules, redactor)
        self._rules = rules
        self._redactor = redactor
        self._lock = threading.Lock()
        self._arrivals: dict[Slot, int] = {}
        self._arrived = 0
        self._served: Counter[How] = Counter()
        self._drifted: list[Drift] = []
        self._masked: list[tuple[Entry, str]] | None = None
        self._stood_in: list[str] = []

    def __repr__(self) -> str:
        with self._lock:
            free = sum(entry.free for entry in self._index.entries)
        return f"<Shelf: {free} of {len(self._index.entries)} events left>"

    @property
    def rules(self) -> MatchRules:
        """The rules of matching."""
        return self._rules

    @property
    def redactor(self) -> Redactor:
        """What redacts a request before its key is computed."""
        return self._redactor

    def take(self, call: Call, *, allow_drift: bool = False) -> Hit | Missed:
        """Give the recorded answer to ``call``, and never give it again.

        In this order: the same key in the same span, the same key anywhere, an answer from a trace to
        what tells an llm the same, a request that equals the
        call but for what stands where it has placeholders for secrets, and, only where
        ``allow_drift`` is set, the recorded call that stood in the same place (span, seam,
        boundary, ordinal) with another request, which is kept in ``drifted``. Byte-identical
        requests go before those that are equal in canonical form only. An answer inside a tool
        goes with the tool: serving the tool takes it off the shelf. Only an llm call of a trace that
        reached nobody is given again: its span covers the repetitions of a client.
        """
        raw = raw_key(call.seam, call.boundary, call.request, rules=self._rules)
        key = self._index.keys.get(raw)
        if key is None:
            key = request_key(
                call.seam, call.boundary, call.request, rules=self._rules, redactor=self._redactor
            )
        bucket = self._index.buckets.get(key)
        with self._lock:
            if bucket is None and self._index.has_llms:
                bucket = self._told_alike(call)
            self._arrived = number = self._arrived + 1
            place = self._place(call)
            if signatures := self._stale(call):
                return Missed(
                    reason=MissReason.STALE, call=call, number=number, key=key, signatures=signatures
                )
            entry, how = self._find(call, number, raw, bucket)
            if entry is None and allow_drift and place is not None and place.answers:
                entry, how = place, How.DRIFT
                self._drifted.append(
                    Drift(event=place.event, call=call, number=number, recorded=place.number)
                )
            if entry is None:
                return self._missed(call, number, key, bucket, place)
            self._served[how] += 1
            _consume(entry, call, number)
            return Hit(event=entry.event, how=how, label=entry.label, number=number)

    def _find(self, call: Call, number: int, raw: str, bucket: Bucket | None) -> tuple[Entry | None, How]:
        """A request that was never recorded as it is may be one behind placeholders."""
        if bucket is None:
            return self._behind_placeholders(call, number), How.STAND_IN
        entry = bucket.claim(call, raw, self._rules.ignore_headers) or bucket.unreached
        here = entry is not None and entry.event.span == call.span
        return entry, How.EXACT if here else How.ELSEWHERE

    def given_up(self, hit: Hit, call: Call) -> Missed:
        """Say of a hit without an outcome that ``call`` did not give up when its recording did."""
        shown = next((r for r in self.recorded if r.event is hit.event), None)
        return Missed(
            reason=MissReason.NOT_RECORDED, call=call, number=hit.number, key=hit.event.key, place=shown
        )

    def take_draw(self, call: Call) -> Hit | None:
        """Give the next recorded reading of this source in this span; None where none is left."""
        assert isinstance(call.request, DrawRequest)
        queue = self._index.draws.get((call.span, call.request.source, call.request.argument))
        with self._lock:
            while queue:
                entry = queue.popleft()
                if entry.free:
                    entry.taken_by = call
                    return Hit(event=entry.event, how=How.EXACT, label=entry.label)
        return None

    @property
    def left(self) -> tuple[Recorded, ...]:
        """Recorded calls that nobody asked for: no draws, nothing inside tools, nothing given up."""
        with self._lock:
            return tuple(_shown(entry) for entry in self._index.entries if entry.number and entry.answers)

    @property
    def unused(self) -> tuple[Event, ...]:
        """The events of what is ``left``."""
        return tuple(call.event for call in self.left)

    @property
    def drifted(self) -> tuple[Drift, ...]:
        """What was served although the request differs, in order."""
        with self._lock:
            return tuple(self._drifted)

    @property
    def stood_in(self) -> tuple[str, ...]:
        """The calls that were answered although a value stands where the recording has a placeholder."""
        with self._lock:
            return tuple(self._stood_in)

    @property
    def served(self) -> Mapping[How, int]:
        """How many answers were found in which way; draws are not counted."""
        with self._lock:
            return {how: self._served[how] for how in How}

    @property
    def prefix(self) -> tuple[int, ...]:
        """Indices of the recording's own events that gave an answer, draws included, in order."""
        with self._lock:
            taken = (e.event for e in self._index.entries if e.taken_by and e.label is Label.REPLAYED)
            return tuple(sorted(event.index for event in taken if event.outcome is not None))

    @property
    def taken(self) -> tuple[int, ...]:
        """The same, with events that were made from a trace."""
        with self._lock:
            found = (e.event for e in self._index.entries if e.taken_by and not e.added)
            return tuple(sorted(event.index for event in found if event.outcome is not None))

    @property
    def recorded(self) -> tuple[Recorded, ...]:
        """All recorded calls as they stand now, draws left out: the material of explanations."""
        with self._lock:
            entries = self._index.entries
            return tuple(_shown(e) for e in entries if not isinstance(e.event.request, DrawRequest))

    def asked(self, request: Request) -> Request:
        """The request as the recording has it: for one made from a trace, what an llm was told."""
        told = None
        if self._index.has_llms and isinstance(request, HttpRequest):
            told = llm_request(request)
        return request if told is None else told

    def _told_alike(self, call: Call) -> Bucket | None:
        """Answers made from a trace, to calls that tell an llm the same, in whatever dialect."""
        asked = self.asked(call.request)
        if not isinstance(asked, LlmRequest):
            return None
        for request in (asked, replace(asked, llm="")):  # a trace may not name the llm
            key = request_key(Seam.HTTP, LLM_BOUNDARY, request, rules=self._rules, redactor=self._redactor)
            if key in self._index.buckets:
                return self._index.buckets[key]
        return None

    def _behind_placeholders(self, call: Call, number: int) -> Entry | None:
        """The recorded call that this one equals but for what stands where it has placeholders.

        Looked for only where nothing was recorded under the call's key. What is found there counts as
        secret from now on.
        """
        if self._masked is None:
            kept = [e for e in self._index.entries if not e.inside and may_be_masked(e.event.request)]
            shown = [(entry, self._written(entry.event.request)) for entry in kept]
            self._masked = [(entry, text) for entry, text in shown if masked(text)]
        seam = [(e, text) for e, text in self._masked if e.answers and e.event.seam is call.seam]
        asked = self._written(self.asked(call.request)) if seam else ""
        for entry, text in sorted(seam, key=lambda pair: pair[0].event.span != call.span):
            values = stand_ins(text, asked)
            if values is not None:
                for value in values:
                    self._redactor.learn_drawn(value)
                self._stood_in.append(f"call {number}, {entry.event.seam.value} {entry.event.boundary}")
                return entry
        return None

    def _written(self, request: Request) -> str:
        if isinstance(request, DrawRequest):
            return ""
        return written(canonical_request(request, rules=self._rules, redactor=self._redactor))

    def _place(self, call: Call) -> Entry | None:
        slot = self._index.slot(call.seam, call.boundary, call.span)
        ordinal = self._arrivals.get(slot, 0)
        self._arrivals[slot] = ordinal + 1
        standing = self._index.slots.get(slot, ())
        return standing[ordinal] if ordinal < len(standing) else None

    def _stale(self, call: Call) -> tuple[str, ...]:
        if not isinstance(call.request, ToolRequest) or not call.request.signature:
            return ()
        known = self._index.signatures.get(call.boundary, frozenset[str]())
        signature = call.request.signature
        if signature in known:  # nearly always: what nothing had to be taken out of is kept as it is
            return ()
        return () if self._redactor.text(signature) in known else tuple(sorted(known))

    def _missed(
        self, call: Call, number: int, key: str, bucket: Bucket | None, place: Entry | None
    ) -> Missed:
        ignore = self._rules.ignore_headers
        rivals = [] if bucket is None else bucket.rivals(call, ignore)
        clashing: tuple[HeaderClash, ...] = ()
        if rivals:
            reason = MissReason.CONSUMED
        elif bucket is not None:
            reason = MissReason.NOT_RECORDED
            request = call.request
            if isinstance(request, HttpRequest):
                request = self._redactor.request(request)  # it will be shown
            clashing = clashes(bucket.names, bucket.sent, told(request, ignore))
        elif place is not None and place.answers:
            reason = MissReason.DRIFTED
        else:
            reason = MissReason.NOT_RECORDED
        return Missed(
            reason=reason,
            call=call,
            number=number,
            key=key,
            place=None if place is None else _shown(place),
            consumed=tuple(_shown(entry) for entry in rivals),
            clashes=clashing,
        )


def _consume(entry: Entry, call: Call, number: int) -> None:
    entry.taken_by, entry.taken_number = call, number
    if entry.event.seam in SHUT_ON_REPLAY:
        for child in entry.children:
            _consume_below(child, call, number)


def _consume_below(entry: Entry, call: Call, number: int) -> None:
    if entry.taken_by is None:
        entry.taken_by, entry.taken_number = call, number
    for child in entry.children:
        _consume_below(child, call, number)


def _shown(entry: Entry) -> Recorded:
    return Recorded(
        event=entry.event,
        number=entry.number,
        inside=entry.inside,
        taken_number=entry.taken_number,
        taken_site=entry.taken_by.site if entry.taken_by is not None else "",
    )
