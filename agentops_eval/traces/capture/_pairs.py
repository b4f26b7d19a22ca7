"""Which emitted span and which seam-derived span tell the same call.

1. The span that stood around the call, or the nearest above it that does something itself, if it is of
   the same sort (and, of a tool, of the same name). Of several calls under one, as retries are, the last
   that did not fail.
2. Spans that were started and not made current: by the id of the llm's response.
3. Else by order, among the spans below one parent, where there are as many of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, sort_of

_ACTORS = frozenset({"llm", "embeddings", "tool", "agent", "human"})
_PAIRED = frozenset({"llm", "embeddings", "tool", "human"})


def sort(span: Span) -> str:
    """What kind of span it is, told apart by what it does."""
    if span.name == sc.HITL_CHECKPOINT:
        return "human"
    operation = span.attributes.get(sc.OPERATION_NAME)
    found = sort_of(operation if isinstance(operation, str) else "")
    return "http" if found == "step" and sc.HTTP_REQUEST_METHOD in span.attributes else found


@dataclass(slots=True, kw_only=True)
class Pairing:
    """The pairs found so far; ``hosts`` leads from a derived span to the emitted one around it."""

    emitted: NormalTrace
    derived: Sequence[Span]
    hosts: Mapping[str, str]
    responses: Mapping[str, str]
    pairs: dict[str, str] = field(default_factory=dict)
    known: dict[str, Span] = field(init=False)

    def __post_init__(self) -> None:
        self.known = {span.span_id: span for span in self.emitted.trace}

    def found(self) -> dict[str, str]:
        """From the id of a derived span to that of the emitted one which tells the same."""
        self._by_place()
        self._by_response()
        self._by_order()
        return self.pairs

    def host(self, span: Span) -> Span | None:
        """The emitted span around a derived one; where that was a duplicate, the one that stands for it."""
        given = self.hosts.get(span.span_id, "")
        return self.known.get(self.emitted.duplicates.get(given, given))

    def _by_place(self) -> None:
        under: dict[str, list[Span]] = {}
        for span in self.derived:
            around = self._same_sort_above(span)
            if around is not None:
                under.setdefault(around.span_id, []).append(span)
        for span_id, several in under.items():
            whole = [span for span in several if sc.ERROR_TYPE not in span.attributes]
            self.pairs[(whole or several)[-1].span_id] = span_id

    def _same_sort_above(self, span: Span) -> Span | None:
        wanted, at = sort(span), self.host(span)
        if wanted == "http":
            return at if at is not None and sort(at) == "http" else None
        while at is not None and sort(at) not in _ACTORS:
            at = self.known.get(at.parent_id)
        return at if at is not None and wanted in _PAIRED and _alike(span, at) else None

    def _by_response(self) -> None:
        told = {
            str(span.attributes[sc.RESPONSE_ID]): span
            for span in self._open_emitted()
            if sc.RESPONSE_ID in span.attributes
        }
        for span in self._open_derived():
            match = told.pop(self.responses.get(span.span_id, ""), None)
            if match is not None and sort(match) == sort(span):
                self.pairs[span.span_id] = match.span_id

    def _by_order(self) -> None:
        groups: dict[tuple[str, str, str], tuple[list[Span], list[Span]]] = {}
        for span in self._open_derived():
            host = self.host(span)
            above = "" if host is None else host.span_id
            groups.setdefault(_place(span, above), ([], []))[0].append(span)
        for span in self._open_emitted():
            above = span.parent_id if span.parent_id in self.known else ""
            groups.setdefault(_place(span, above), ([], []))[1].append(span)
        for derived, emitted in groups.values():
            whole = [span for span in derived if sc.ERROR_TYPE not in span.attributes]
            chosen = derived if len(derived) == len(emitted) else whole
            if len(chosen) == len(emitted):
                self.pairs |= {one.span_id: other.span_id for one, other in zip(chosen, emitted, strict=True)}

    def _open_derived(self) -> Iterable[Span]:
        return [span for span in self.derived if span.span_id not in self.pairs and sort(span) in _PAIRED]

    def _open_emitted(self) -> Iterable[Span]:
        taken = set(self.pairs.values())
        found = (span for span in self.emitted.trace if span.span_id not in taken and sort(span) in _PAIRED)
        return sorted(found, key=lambda span: span.start_ns)


def _alike(one: Span, other: Span) -> bool:
    if sort(one) != sort(other):
        return False
    names = {span.attributes.get(sc.TOOL_NAME) for span in (one, other)} if sort(one) == "tool" else {None}
    return len(names - {None}) <= 1


def _place(span: Span, above: str) -> tuple[str, str, str]:
    return above, sort(span), str(span.attributes.get(sc.TOOL_NAME, ""))
