"""Many questions at once: p-values that keep their promise for all of them."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in the order given: at most ``alpha`` that any of those below it is false.

    The step-down procedure of Holm (1979). It holds however the questions depend on each other.
    Raises ValueError for what is no probability.
    """
    order = _ordered(p_values)
    adjusted, so_far = [0.0] * len(order), 0.0
    for rank, at in enumerate(order):
        so_far = max(so_far, min(1.0, (len(order) - rank) * p_values[at]))
        adjusted[at] = so_far
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in the order given: of those below ``alpha``, that share is false on average.

    The step-up procedure of Benjamini and Hochberg (1995), for independent or positively dependent
    questions. Raises ValueError for what is no probability.
    """
    order = _ordered(p_values)
    adjusted, so_far = [0.0] * len(order), 1.0
    for rank, at in reversed(list(enumerate(order, start=1))):
        so_far = min(so_far, len(order) / rank * p_values[at])
        adjusted[at] = so_far
    return tuple(adjusted)


def _ordered(p_values: Sequence[float]) -> list[int]:
    for p_value in p_values:
        if not 0 <= p_value <= 1:
            raise ValueError(f"{p_value} is no probability")
    return sorted(range(len(p_values)), key=lambda at: p_values[at])
