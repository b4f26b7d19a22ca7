"""What many trials of many cases come to: rates, their intervals, and k trials in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from agentops_eval.domain import Sample
from agentops_eval.stats._clusters import clustered_rate
from agentops_eval.stats._collapse import Collapsed, collapse
from agentops_eval.stats._model import Interval
from agentops_eval.stats._rates import wilson
from agentops_eval.stats._repeats import mean_over_cases, pass_at_k, pass_hat_k

MOST_K = 100
"""No larger k is computed unless it is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Rates over the cases that were judged. Without any, there are no rates and no intervals.

    ``pass_hat_k`` and ``pass_at_k`` are exact means over cases, for each k from 1 to ``most_k``.
    ``fewest`` is the smallest number of trials of a case, beyond which no k is known. ``wilson`` takes
    trials as independent, ``clustered`` knows that they belong to cases.
    """

    collapsed: Collapsed
    pass_hat_k: Mapping[int, Fraction] = field(default_factory=dict)
    pass_at_k: Mapping[int, Fraction] = field(default_factory=dict)
    wilson: Interval | None = None
    clustered: Interval | None = None
    fewest: int = 0

    @property
    def most_k(self) -> int:
        """The largest k that was computed."""
        return max(self.pass_hat_k, default=0)


def summarise(samples: Iterable[Sample], *, confidence: float = 0.95, most_k: int = MOST_K) -> Summary:
    """Sum up trials. ``most_k`` bounds k, which never exceeds the smallest number of trials of a case.

    Raises ValueError for a confidence that is not between 0 and 1, or ``most_k`` below 1.
    """
    if most_k < 1:
        raise ValueError(f"k is at least 1, not {most_k}")
    collapsed = collapse(samples)
    counts = [(tally.passed, tally.judged) for tally in collapsed.judged.values()]
    if not counts:
        return Summary(collapsed=collapsed)
    fewest = min(judged for _, judged in counts)
    ks = range(1, min(fewest, most_k) + 1)
    passed = sum(passed for passed, _ in counts)
    return Summary(
        collapsed=collapsed,
        pass_hat_k={k: mean_over_cases(pass_hat_k, counts, k) for k in ks},
        pass_at_k={k: mean_over_cases(pass_at_k, counts, k) for k in ks},
        wilson=wilson(passed, collapsed.trials, confidence=confidence),
        clustered=clustered_rate(counts, confidence=confidence),
        fewest=fewest,
    )
