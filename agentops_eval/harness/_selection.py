"""Which of many runs are worth keeping: those that fit, and of those that repeat each other one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from agentops_eval.traces import Repetitions, Sketch, failed, known_cost, sketch
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential
from agentops_eval.traces.levels import nearest_rank


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is asked of a run before it is imported. What is unknown is None.

    ``number`` counts the runs as they were read. ``latency_ms`` is from the first start to the last end.
    """

    number: int
    trace_id: str
    name: str
    started_ns: int | None
    latency_ms: float | None
    cost_usd: Decimal | None
    agents: frozenset[str]
    conversations: frozenset[str]
    failed: bool
    sketch: Sketch


def facts_of(run: NormalTrace, number: int, *, priced: bool = True) -> RunFacts:
    """The facts of a run with at least one span; its cost only where it is to be ``priced``."""
    spans = run.trace.spans
    starts = [span.start_ns for span in spans if not sc.is_logical(span.start_ns)]
    known = len(starts) == len(spans)
    latency_ms = (max(span.end_ns for span in spans) - min(starts)) / 1e6 if known else None
    return RunFacts(
        number=number,
        trace_id=run.trace.trace_id,
        name=(run.trace.root or spans[0]).name,
        started_ns=min(starts, default=None),
        latency_ms=latency_ms if latency_ms is None or latency_ms >= 0 else None,
        cost_usd=known_cost(run) if priced else None,
        agents=_values(run, sc.AGENT_NAME),
        conversations=_values(run, sc.CONVERSATION_ID),
        failed=any(map(failed, spans)),
        sketch=sketch(essential(run)),
    )


def _values(run: NormalTrace, key: str) -> frozenset[str]:
    values = (span.attributes.get(key) for span in run.trace.spans)
    return frozenset(value for value in values if isinstance(value, str) and value)


class Fit(StrEnum):
    """Whether a run is wanted; UNKNOWN where the trace does not tell what was asked."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFilter:
    """Which runs are wanted: all that fit every condition that is set.

    ``since`` and ``until`` bound the run's start, the latter exclusively. ``latency_percentile``, from 0
    to 100, leaves the slowest of the runs that fit everything else. ``alike``, from 0 to 1, is the
    likeness from which two runs repeat each other; with ``every``, none does.
    """

    trace_id: str = ""
    agent: str = ""
    conversation: str = ""
    errors_only: bool = False
    since: datetime | None = None
    until: datetime | None = None
    min_cost_usd: Decimal | None = None
    latency_percentile: float | None = None
    alike: float = 0.9
    every: bool = False

    def fit(self, facts: RunFacts) -> Fit:
        """Whether a run fits, as far as one run alone can tell."""
        if (
            not facts.trace_id.startswith(self.trace_id.lower())
            or (self.agent and self.agent not in facts.agents)
            or (self.conversation and self.conversation not in facts.conversations)
            or (self.errors_only and not facts.failed)
        ):
            return Fit.NO
        bounded = self.since is not None or self.until is not None
        if bounded and facts.started_ns is None:
            return Fit.UNKNOWN
        started_s = (facts.started_ns or 0) / 1e9
        if self.since is not None and started_s < self.since.timestamp():
            return Fit.NO
        if self.until is not None and started_s >= self.until.timestamp():
            return Fit.NO
        if self.min_cost_usd is not None:
            if facts.cost_usd is None:
                return Fit.UNKNOWN
            if facts.cost_usd < self.min_cost_usd:
                return Fit.NO
        return Fit.UNKNOWN if self.latency_percentile is not None and facts.latency_ms is None else Fit.YES


@dataclass(slots=True, kw_only=True)
class Group:
    """A run to import, and the trace ids of later ones that repeat it."""

    facts: RunFacts
    alike: list[str] = field(default_factory=list)


def select(fitting: Iterable[RunFacts], wanted: ImportFilter) -> list[Group]:
    """Of the runs that fit, the slow ones where these are asked for, and each repetition once."""
    repetitions, groups = Repetitions(wanted.alike), list[Group]()
    for facts in _slowest(list(fitting), wanted.latency_percentile):
        earlier = None if wanted.every else repetitions.place(facts.sketch)
        if earlier is None:
            groups.append(Group(facts=facts))
        else:
            groups[earlier].alike.append(facts.trace_id)
    return groups


def _slowest(fitting: Sequence[RunFacts], percentile: float | None) -> Sequence[RunFacts]:
    """Those at or above the percentile, by the nearest rank."""
    if percentile is None or not fitting:
        return fitting
    latencies = sorted(facts.latency_ms for facts in fitting if facts.latency_ms is not None)
    least = latencies[nearest_rank(len(latencies), percentile) - 1]
    return [facts for facts in fitting if facts.latency_ms is not None and facts.latency_ms >= least]
