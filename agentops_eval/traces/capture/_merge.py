"""One trace of a run: structure and attributes as emitted, and what crossed the wire as the seams saw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Attribute, Span, StatusCode
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._derive import Derived
from agentops_eval.traces.capture._emitted import Emitted
from agentops_eval.traces.capture._pairs import Pairing, sort
from agentops_eval.traces.dialects import NormalTrace, normalise
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace

_ROOTS = frozenset({sc.INVOKE_AGENT, sc.INVOKE_WORKFLOW})


def merge(
    derived: Derived, emitted: Sequence[Emitted], around: Mapping[int, str], *, start_ns: int
) -> NormalTrace:
    """The run as one trace in the conventions' words, every call told once.

    ``around`` leads from the index of an event to the id of the emitted span that stood around it;
    ``start_ns`` is when the run began. An emitted span and a derived one for the same call become one,
    with the emitted one's id and place: what the seams saw of messages, usage, arguments and results
    counts, and the rest is the emitted one's. Spans that started in the body of a tool are left out, as
    that does not run on replay.
    """
    return _Merge(derived, emitted, around, start_ns).made()


@dataclass(slots=True)
class _Merge:
    derived: Derived
    emitted: Sequence[Emitted]
    around: Mapping[int, str]
    start_ns: int
    told: NormalTrace = field(init=False)
    pairing: Pairing = field(init=False)
    pairs: dict[str, str] = field(init=False)
    seen: dict[str, Span] = field(init=False)

    def __post_init__(self) -> None:
        spans = self.derived.spans
        kept = [one for one in self.emitted if one.inside is None or one.inside in spans]
        # In a tool's body nothing is derived, so that spans from there name an event without a span; those
        # of the tool itself are told apart by the sort of its span.
        sorts = {span.span_id: sort(span) for span in self.derived.trace}
        kept = [one for one in kept if one.inside is None or sorts[spans[one.inside]] == "agent"]
        self.emitted = kept
        trace_id = self.derived.trace.trace_id
        sources = tuple(replace(one.source, span=replace(one.source.span, trace_id=trace_id)) for one in kept)
        self.told = normalise(SourceTrace(trace_id=trace_id, spans=sources))
        self.seen = {span.span_id: self._timed(span) for span in self.derived.trace}
        self.pairing = Pairing(
            emitted=self.told,
            derived=self.derived.trace.spans[1:],
            hosts={spans[index]: host for index, host in self.around.items() if index in spans},
            responses={
                key: one.response_id for key, one in self.derived.seen.items() if one.response_id is not None
            },
        )
        self.pairs = self.pairing.found()

    def made(self) -> NormalTrace:
        """The merged trace, with everything that was emitted among its sources."""
        root = self.derived.trace.spans[0]
        only = self._only_root()
        parents = dict(self._parents("" if only is None else only.span_id, root.span_id))
        spans = [*self._of_emitted(parents), *self._of_derived(parents, "" if only is None else root.span_id)]
        ordered = sorted(spans, key=lambda one: one.span.start_ns)
        found = normalise(SourceTrace(trace_id=root.trace_id, spans=tuple(ordered)))
        gone = {**self.pairs, **({root.span_id: only.span_id} if only is not None else {})}
        first = {
            key: found.duplicates.get(value, value)
            for key, value in (gone | dict(self.told.duplicates)).items()
        }
        return replace(
            found,
            trace=replace(found.trace, resource={**found.trace.resource, **self.derived.trace.resource}),
            sources={**found.sources, **self.told.sources},
            dialects={**found.dialects, **self.told.dialects},
            unmapped={**found.unmapped, **self.told.unmapped},
            duplicates={**first, **found.duplicates},
        )

    # -- where spans hang ---------------------------------------------------------------------

    def _only_root(self) -> Span | None:
        """The emitted agent around everything, which is the run itself; None where there is none."""
        known = {span.span_id for span in self.told.trace}
        roots = [span for span in self.told.trace if span.parent_id not in known]
        top = [span for span in self.derived.trace.spans[1:] if self._above(span) is None]
        hosted = all(span.span_id in self.pairs or self.pairing.host(span) is not None for span in top)
        whole = len(roots) == 1 and roots[0].attributes.get(sc.OPERATION_NAME) in _ROOTS and hosted
        return roots[0] if whole else None

    def _above(self, span: Span) -> Span | None:
        """The derived span above one, but for the root."""
        root = self.derived.trace.spans[0].span_id
        return None if span.parent_id in ("", root) else self.seen.get(span.parent_id)

    def _parents(self, only: str, root: str) -> Iterator[tuple[str, str]]:
        """From each span to its parent."""
        known = {span.span_id for span in self.told.trace}
        inside = {one.span_id: one.inside for one in self.emitted if one.inside is not None}
        for span in self.told.trace:
            event = inside.get(span.span_id)
            if event is not None and inside.get(span.parent_id) != event:
                body = self.derived.spans[event]
                yield span.span_id, self.pairs.get(body, body)
            elif span.parent_id in known:
                yield span.span_id, span.parent_id
            else:
                yield span.span_id, "" if span.span_id == only else root
        for span in self.derived.trace.spans[1:]:
            host, above = self.pairing.host(span), self._above(span)
            if host is not None and sort(host) == sort(span) and sort(span) in {"llm", "embeddings"}:
                yield (
                    span.span_id,
                    host.parent_id if host.parent_id in known else root,
                )  # an attempt before it
            elif host is not None:
                yield span.span_id, host.span_id
            elif above is not None:
                yield span.span_id, self.pairs.get(above.span_id, above.span_id)
            else:
                yield span.span_id, only or root

    # -- what they say ------------------------------------------------------------------------

    def _of_emitted(self, parents: Mapping[str, str]) -> Iterator[SourceSpan]:
        same = {emitted: derived for derived, emitted in self.pairs.items()}
        for span in self.told.trace:
            source = self.told.sources[span.span_id]
            parent = parents[span.span_id]
            if span.span_id in same:
                yield self._joined(span, self.seen[same[span.span_id]], parent)
            else:
                raw = source.span.attributes
                added = {key: value for key, value in span.attributes.items() if key not in raw}
                attributes = self._renamed({**raw, **added})
                yield replace(source, span=replace(source.span, parent_id=parent, attributes=attributes))

    def _joined(self, emitted: Span, derived: Span, parent: str) -> SourceSpan:
        failed = derived.status is StatusCode.ERROR
        span = replace(
            emitted,
            name=derived.name,
            parent_id=parent,
            attributes={**emitted.attributes, **derived.attributes},
            status=derived.status if failed else emitted.status,
            status_message=derived.status_message if failed else emitted.status_message,
        )
        return SourceSpan(span=span, origin=self._origin())

    def _of_derived(self, parents: Mapping[str, str], left_out: str) -> Iterator[SourceSpan]:
        for span in self.seen.values():
            if span.span_id in self.pairs or span.span_id == left_out:
                continue
            yield SourceSpan(
                span=replace(span, parent_id=parents.get(span.span_id, "")), origin=self._origin()
            )

    def _renamed(self, attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
        """Ids of tool calls as the derived spans write them, so that executions still find their calls."""
        call = attributes.get(sc.TOOL_CALL_ID)
        known = self.derived.calls.get(call) if isinstance(call, str) else None
        return {**attributes, sc.TOOL_CALL_ID: known} if known is not None else dict(attributes)

    def _origin(self) -> Origin:
        trace = self.derived.trace
        return Origin(resource=trace.resource, scope=sc.SCOPE, schema_url=trace.schema_url)

    def _timed(self, span: Span) -> Span:
        """A derived span with its times in this run; the root's are those of everything."""
        seen = self.derived.seen[span.span_id]
        start_ns = self.start_ns + round(seen.started_s * 1e9)
        end_ns = start_ns + round(seen.duration_ms * 1e6)
        if not span.parent_id:
            times = [one.source.span for one in self.emitted]
            start_ns = min([start_ns, *(one.start_ns for one in times)])
            end_ns = max([end_ns, *(one.end_ns for one in times)])
        return replace(span, start_ns=start_ns, end_ns=end_ns)
