"""Which of many runs are worth keeping: those that fit, and of those that repeat each other one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agentops_eval.harness._filter import Fit, Judged, RunFacts, RunFilter, facts_of
from agentops_eval.traces import Pricer, Repetitions, Sketch, cost_of, known_cost, sketch
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import NormalTrace, essential
from agentops_eval.traces.levels import nearest_rank


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts(RunFacts):
    """What is asked of a run before it is imported. What is unknown is None.

    ``number`` counts the runs as they were read. ``latency_ms`` is from the first start to the last end.
    """

    number: int
    name: str
    latency_ms: float | None
    cost_usd: Decimal | None
    sketch: Sketch


def import_facts(run: NormalTrace, number: int, *, price: Pricer | None = cost_of) -> ImportFacts:
    """The facts of a run with at least one span; its cost only where there is a ``price``."""
    spans, facts = run.trace.spans, facts_of(run)
    known = not any(sc.is_logical(span.start_ns) for span in spans)
    latency_ms = None
    if known and facts.started_ns is not None:
        latency_ms = (max(span.end_ns for span in spans) - facts.started_ns) / 1e6
    return ImportFacts(
        trace_id=facts.trace_id,
        started_ns=facts.started_ns,
        agents=facts.agents,
        conversations=facts.conversations,
        failed=facts.failed,
        number=number,
        name=(run.trace.root or spans[0]).name,
        latency_ms=latency_ms if latency_ms is None or latency_ms >= 0 else None,
        cost_usd=None if price is None else known_cost(run, price=price),
        sketch=sketch(essential(run)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFilter(RunFilter):
    """Which runs are imported: those that fit the conditions of every run, and these.

    ``latency_percentile``, from 0 to 100, leaves the slowest of the runs that fit everything else.
    ``alike``, from 0 to 1, is the likeness from which two runs repeat each other; with ``every``, none
    does.
    """

    min_cost_usd: Decimal | None = None
    latency_percentile: float | None = None
    alike: float = 0.9
    every: bool = False

    def judge_import(self, facts: ImportFacts) -> Judged:
        """Whether a run fits, as far as one run alone can tell."""
        judged = self.judge(facts)
        if judged.fit is not Fit.YES:
            return judged
        if self.min_cost_usd is not None and facts.cost_usd is None:
            return Judged(fit=Fit.UNKNOWN, condition="--min-cost")
        if (
            self.min_cost_usd is not None
            and facts.cost_usd is not None
            and facts.cost_usd < self.min_cost_usd
        ):
            return Judged(fit=Fit.NO, condition="--min-cost")
        if self.latency_percentile is not None and facts.latency_ms is None:
            return Judged(fit=Fit.UNKNOWN, condition="--latency-percentile")
        return judged


@dataclass(slots=True, kw_only=True)
class Group:
    """A run to import, and the trace ids of later ones that repeat it."""

    facts: ImportFacts
    alike: list[str] = field(default_factory=list)


def select(fitting: Iterable[ImportFacts], wanted: ImportFilter) -> list[Group]:
    """Of the runs that fit, the slow ones where these are asked for, and each repetition once."""
    repetitions, groups = Repetitions(wanted.alike), list[Group]()
    for facts in _slowest(list(fitting), wanted.latency_percentile):
        earlier = None if wanted.every else repetitions.place(facts.sketch)
        if earlier is None:
            groups.append(Group(facts=facts))
        else:
            groups[earlier].alike.append(facts.trace_id)
    return groups


def _slowest(fitting: Sequence[ImportFacts], percentile: float | None) -> Sequence[ImportFacts]:
    """Those at or above the percentile, by the nearest rank."""
    if percentile is None or not fitting:
        return fitting
    latencies = sorted(facts.latency_ms for facts in fitting if facts.latency_ms is not None)
    least = latencies[nearest_rank(len(latencies), percentile) - 1]
    return [facts for facts in fitting if facts.latency_ms is not None and facts.latency_ms >= least]
