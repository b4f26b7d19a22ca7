"""What one arm's samples of one stage hold, before anything is made of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Sample
from agentops_eval.gate._gate import Metric
from agentops_eval.gate._values import Flaw, value_of


@dataclass(slots=True)
class Census:
    """What was counted of one arm's samples. ``first_flaw`` has where each flaw was met first."""

    rows: int = 0
    errors: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    flaws: Counter[tuple[str, Flaw]] = field(default_factory=Counter)
    first_flaw: dict[tuple[str, Flaw], str] = field(default_factory=dict)
    values: dict[str, set[float]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    backwards: tuple[float, str] = (0.0, "")
    newest_s: float | None = None
    bad_time: str = ""

    @property
    def counted(self) -> int:
        """Samples that say something of the agent."""
        return self.rows - self.errors


def census(samples: Sequence[Sample], metrics: Sequence[Metric]) -> Census:
    """Count one arm's samples of one stage, in the order in which they came."""
    found = Census(rows=len(samples), values={metric.name: set() for metric in metrics})
    seen: set[tuple[str, int]] = set()
    latest = -math.inf
    for sample in samples:
        key = (sample.case, sample.trial)
        if key in seen:
            found.twice.append(f"{sample.case}, trial {sample.trial}")
        seen.add(key)
        if sample.at_s is not None:
            latest = _clock(found, sample, latest)
        if sample.counts:
            _measure(found, sample, metrics)
        else:
            found.errors += 1
    found.newest_s = None if latest == -math.inf else latest
    return found


def _clock(found: Census, sample: Sample, latest: float) -> float:
    assert sample.at_s is not None
    if not math.isfinite(sample.at_s):
        found.bad_time = found.bad_time or sample.case
        return latest
    if latest - sample.at_s > found.backwards[0]:
        found.backwards = (latest - sample.at_s, sample.case)
    return max(latest, sample.at_s)


def _measure(found: Census, sample: Sample, metrics: Sequence[Metric]) -> None:
    for metric in metrics:
        value = value_of(metric, sample)
        if value is Flaw.MISSING:
            found.missing[metric.name] += 1
        elif isinstance(value, Flaw):
            found.flaws[metric.name, value] += 1
            found.first_flaw.setdefault((metric.name, value), f"{sample.case}, trial {sample.trial}")
        else:
            values = found.values[metric.name]
            if len(values) < 2:
                values.add(value)
