"""Rates that a judge told, corrected by labels that show how often the judge is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.stats._model import Interval
from agentops_eval.stats._special import t_quantile, two_sided, z_of


def rogan_gladen(
    passed: int,
    n: int,
    *,
    sensitivity: tuple[int, int],
    specificity: tuple[int, int],
    confidence: float = 0.95,
) -> Interval | None:
    """The true rate behind ``passed`` out of ``n`` verdicts of a judge whose errors were measured.

    ``sensitivity`` is (passed by the judge, all) of labelled passes; ``specificity`` is (failed by the
    judge, all) of labelled failures. The estimate is (p + sp - 1) / (se + sp - 1) (Rogan and Gladen
    1978), its limits those of Lang and Reiczigel (2014), which hold the uncertainty of the labels as
    well (for judges: Lee et al. 2025, arXiv 2511.21140). All lie within 0 and 1.

    None where nothing follows: nothing was judged, one of both labels is missing, or the judge is no
    better than chance (se + sp <= 1). Raises ValueError for counts that are none.
    """
    for part, whole in ((passed, n), sensitivity, specificity):
        if not 0 <= part <= whole:
            raise ValueError(f"{part} of {whole} is no rate")
    if not (n and sensitivity[1] and specificity[1]):
        return None
    hits, misses = sensitivity[0] / sensitivity[1], specificity[0] / specificity[1]
    if hits + misses <= 1:
        return None
    z = z_of(confidence)
    value = _corrected(passed / n, hits, misses)
    rate, weight = (passed + z * z / 2) / (n + z * z), n + z * z
    se, se_weight = (sensitivity[0] + 1) / (sensitivity[1] + 2), sensitivity[1] + 2
    sp, sp_weight = (specificity[0] + 1) / (specificity[1] + 2), specificity[1] + 2
    gain = se + sp - 1
    if gain <= 0:
        return None
    centre = (rate + sp - 1) / gain
    of_se, of_sp = se * (1 - se) / se_weight, sp * (1 - sp) / sp_weight
    shift = 2 * z * z * (centre * of_se - (1 - centre) * of_sp)
    variance = rate * (1 - rate) / weight + centre**2 * of_se + (1 - centre) ** 2 * of_sp
    reach = z * math.sqrt(variance) / gain
    low, high = (min(max(limit, 0.0), 1.0) for limit in (centre + shift - reach, centre + shift + reach))
    return Interval(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=n,
        method="Rogan-Gladen, Lang-Reiczigel",
        confidence=confidence,
    )


def _corrected(rate: float, sensitivity: float, specificity: float) -> float:
    return min(max((rate + specificity - 1) / (sensitivity + specificity - 1), 0.0), 1.0)


def prediction_powered(
    judged: Sequence[float],
    labelled: Sequence[tuple[float, float]],
    *,
    confidence: float = 0.95,
    tuned: bool = True,
) -> Interval | None:
    """The mean that people would have found, from many scores of a judge and few labels of people.

    ``judged`` are the judge's scores where there is no label; ``labelled`` are pairs (judge's score,
    person's). The estimate is mean(label) + w (mean(judged) - mean(judge's score of the labelled))
    (Angelopoulos et al. 2023, Science 382:669); w is 1 or, where ``tuned``, what makes the limits
    narrowest, between 0 and 1 (Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453). A judge that says
    nothing thus costs nothing. It needs no model of the judge's errors, only that labelled and
    unlabelled come from the same cases. The limits use Student's t with the labels' degrees of freedom.

    A judge that never erred on a few labels will err: where all scores lie within 0 and 1 and the
    labels show no error, or no spread, the limits count one more error in each direction, as Agresti
    and Min (2005) do for pairs. None with fewer than two labels or without ``judged``.
    """
    n, many = len(labelled), len(judged)
    if n < 2 or not many:
        return None
    scores, labels = [score for score, _ in labelled], [label for _, label in labelled]
    weight = _weight(scores, labels, judged) if tuned else 1.0
    value = _mean(labels) + weight * (_mean(judged) - _mean(scores))
    rest = [label - weight * score for score, label in labelled]
    of_labels = _variance(rest)
    within = all(0 <= number <= 1 for number in (*judged, *scores, *labels))
    if within and (scores == labels or not of_labels):
        of_labels += 2 / (n + 2)
    error = math.sqrt(of_labels / n + weight * weight * _variance(judged) / many)
    reach = t_quantile(two_sided(confidence), n - 1) * error
    low, high = value - reach, value + reach
    if within:
        value, low, high = (min(max(number, 0.0), 1.0) for number in (value, low, high))
    return Interval(value=value, low=low, high=high, n=n, method="prediction-powered", confidence=confidence)


def _weight(scores: Sequence[float], labels: Sequence[float], judged: Sequence[float]) -> float:
    n, many = len(scores), len(judged)
    middle, level = _mean(scores), _mean(labels)
    together = math.fsum(
        (score - middle) * (label - level) for score, label in zip(scores, labels, strict=True)
    ) / (n - 1)
    spread = _variance([*judged, *scores])
    if not spread:
        return 0.0
    return min(max(together / ((1 + n / many) * spread), 0.0), 1.0)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    middle = _mean(values)
    return math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1)
