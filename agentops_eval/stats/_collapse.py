"""Which trials count: replays of one recording once, and only those that say something of the agent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agentops_eval.domain import ErrorSource, Sample, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed:
    """Independent outcomes by case, cases in their order, and what was left out and why.

    ``excluded`` are trials that broke off without the agent's fault, by whose it was. ``unknown`` are
    independent trials that nobody could judge. ``replays`` are trials that repeat a recording which
    another of their case has replayed. Tallies hold the judged ones; ``left_out`` the rest but replays.
    """

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    excluded: Mapping[ErrorSource, int] = field(default_factory=dict)
    unknown: int = 0
    replays: int = 0

    @property
    def judged(self) -> Mapping[str, Tally]:
        """The cases with a judged trial: those that a rate is of."""
        return {case: tally for case, tally in self.tallies.items() if tally.judged}

    @property
    def trials(self) -> int:
        """The independent n: judged trials that share no recording."""
        return sum(tally.judged for tally in self.tallies.values())


def collapse(samples: Iterable[Sample]) -> Collapsed:
    """Count independent outcomes. An agent's own error is its failure; others' errors are in no rate.

    Of the replays of one recording the worst counts: a failure before an unknown before a pass.
    """
    cases: dict[str, dict[object, list[bool | None]]] = {}
    excluded: Counter[ErrorSource] = Counter()
    broken: Counter[str] = Counter()
    for sample in samples:
        outcomes = cases.setdefault(sample.case, {})
        if sample.error is not None and not sample.counts:
            excluded[sample.error] += 1
            broken[sample.case] += 1
            continue
        # Without a recording every trial is one of its own.
        key: object = sample.recording or len(outcomes)
        outcomes.setdefault(key, []).append(sample.outcome)
    tallies, unknown = {}, 0
    for case, outcomes in cases.items():
        worst = [_worst(found) for found in outcomes.values()]
        open_ones = worst.count(None)
        unknown += open_ones
        tallies[case] = Tally(
            passed=worst.count(True), judged=len(worst) - open_ones, left_out=open_ones + broken[case]
        )
    told = sum(len(found) for outcomes in cases.values() for found in outcomes.values())
    return Collapsed(
        tallies=tallies,
        excluded={source: excluded[source] for source in ErrorSource if excluded[source]},
        unknown=unknown,
        replays=told - sum(map(len, cases.values())),
    )


def _worst(found: list[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True
