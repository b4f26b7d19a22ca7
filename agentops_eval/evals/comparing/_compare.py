"""A candidate against a baseline: what changed beyond noise, where, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

from agentops_eval.domain import Comparison, Result
from agentops_eval.evals.comparing._cases import case_changes
from agentops_eval.evals.comparing._differences import difference_of, more_cases
from agentops_eval.evals.comparing._metrics import metric_changes
from agentops_eval.evals.comparing._notes import notes_on
from agentops_eval.evals.comparing._parts import part_changes
from agentops_eval.evals.comparing._sides import Diverges, pairs_of


def compare(
    baseline: Sequence[Result],
    candidate: Sequence[Result],
    *,
    names: tuple[str, str] = ("baseline", "candidate"),
    margin: float = 0.05,
    alpha: float = 0.05,
    diverges: Diverges | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare two runs of the same cases: each case, each tag and segment, each measure, and all together.

    ``margin`` is the loss of pass rate that is let pass: a part whose named regressions exceed it is
    worse, and ``needed`` is about ruling it out. ``alpha`` bounds false claims, two-sided. ``diverges``
    finds the first step at which a regressed run differs from one that passed. The same results in the
    same order give the same bytes. Raises ResultsInvalid where a side holds a trial twice, ValueError for
    a margin or alpha that is not between 0 and 1.
    """
    if not (0 < margin < 1 and 0 < alpha < 1):
        raise ValueError(f"margin {margin} and alpha {alpha} are not both between 0 and 1")
    pairs = pairs_of(baseline, candidate, names)
    cases = case_changes(pairs, alpha=alpha, diverges=diverges)
    parts = part_changes(pairs, cases, margin=margin, alpha=alpha)
    metrics = metric_changes(pairs, alpha=alpha, seed=seed)
    changes = [pair.difference for pair in pairs if pair.difference is not None]
    overall = difference_of(changes, alpha=alpha)
    return Comparison(
        baseline=names[0],
        candidate=names[1],
        cases=cases,
        parts=parts,
        metrics=metrics,
        overall=overall,
        needed=more_cases(changes, overall, margin=margin, alpha=alpha),
        notes=tuple(notes_on(pairs, cases, parts, metrics, names=names, alpha=alpha)),
        alpha=alpha,
    )
