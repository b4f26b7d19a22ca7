"""The trace of a recorded run, and what was true of that run only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agentops_eval.domain import AgentopsError, Attribute, CassetteMissing, Event, Label, Span, Trace
from agentops_eval.replay import CASSETTE_SUFFIX, Cassette, parent_path, read_cassette
from agentops_eval.traces import GOLDEN_SUFFIX, Observation, derive, observe
from agentops_eval.traces import semconv as sc


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recording as a trace, whose clock is logical; ``seen`` has the run's own times, by span id.

    ``seen`` is empty for one of vcrpy's, which keeps no times. ``wall_start_s`` counts from the epoch.
    ``note`` says what could not be found out.
    """

    trace: Trace
    seen: Mapping[str, Observation] = field(default_factory=dict)
    wall_start_s: float = 0.0
    note: str = ""

    @property
    def durations_ms(self) -> Mapping[str, float]:
        """How long each span took."""
        return {span_id: one.duration_ms for span_id, one in self.seen.items()}

    @property
    def labels(self) -> Mapping[str, Label]:
        """Where each answer came from."""
        return {span_id: one.label for span_id, one in self.seen.items() if one.label is not None}

    @property
    def timed(self) -> Trace:
        """The trace with the run's own times; that of a recording without any stays as it is."""
        if not self.seen:
            return self.trace
        return replace(self.trace, spans=tuple(self._timed(span) for span in self.trace.spans))

    def _timed(self, span: Span) -> Span:
        seen = self.seen[span.span_id]
        ended_s = seen.started_s + seen.duration_ms / 1000
        told: dict[str, Attribute] = {
            sc.RESPONSE_ID: seen.response_id,
            sc.RESPONSE_TIME_TO_FIRST_CHUNK: seen.time_to_first_chunk_s,
        }
        known = {key: value for key, value in told.items() if value is not None}
        return replace(
            span,
            start_ns=_whole_us_in_ns(self.wall_start_s) + _whole_us_in_ns(seen.started_s),
            end_ns=_whole_us_in_ns(self.wall_start_s) + _whole_us_in_ns(ended_s),
            attributes={**span.attributes, **known},
        )


def _whole_us_in_ns(seconds: float) -> int:
    """Microseconds are what a recording's floats are exact to: no span may seem to outlast its parent."""
    return round(seconds * 1e6) * 1000


def read_recorded(path: Path) -> Recorded:
    """The trace that a recording's events give; a branch follows what it took from its parent.

    Raises what ``read_cassette`` raises.
    """
    kept = read_cassette(path)
    events: Sequence[Event] = kept.events
    note = ""
    if kept.header.branch:
        events, note = _with_parent(kept)
    if kept.outcome != "completed":
        note = "; ".join(filter(None, (f"the recorded run {kept.outcome}", note)))
    agent, case = kept.header.agent, kept.header.case
    return Recorded(
        trace=derive(events, agent=agent, case=case),
        seen={} if kept.vcr else observe(events, agent=agent, case=case),
        wall_start_s=kept.header.wall_start_s,
        note=note,
    )


def recorded_beside(path: Path, golden: Trace) -> Recorded:
    """A golden with the times and labels of the recording beside it; ``note`` says why there are none."""
    beside = path.with_name(path.name.removesuffix(GOLDEN_SUFFIX) + CASSETTE_SUFFIX)
    try:
        recorded = read_recorded(beside)
    except CassetteMissing:
        return Recorded(trace=golden, note=f"durations are unknown: there is no {beside.name} beside it")
    except AgentopsError as error:
        return Recorded(trace=golden, note=f"durations are unknown: {error.what}")
    if {span.span_id for span in golden} != {span.span_id for span in recorded.trace}:
        return Recorded(trace=golden, note=f"durations are unknown: {beside.name} holds another run")
    return replace(recorded, trace=golden)


def _with_parent(branch: Cassette) -> tuple[Sequence[Event], str]:
    own = [replace(event, label=Label.BRANCH) for event in branch.events]
    try:
        parent = read_cassette(parent_path(branch.path))
    except AgentopsError as error:
        return own, f"only what the branch recorded itself: its parent cannot be read ({error.what})"
    if parent.digest != branch.header.branch_of:
        return own, "only what the branch recorded itself: its parent was recorded anew since"
    mine = {event.index for event in own}
    taken = [e for e in parent.events if e.index in branch.prefix and e.index not in mine]
    return [*(replace(event, label=Label.REPLAYED) for event in taken), *own], ""
