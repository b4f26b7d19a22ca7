"""How far two who judge the same agree beyond chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agentops_eval.stats._model import Interval
from agentops_eval.stats._rates import wilson
from agentops_eval.stats._special import z_of

_ROUNDING = 1e-6  # what floats leave of a standard error that is 0


def cohen_kappa(table: Sequence[Sequence[int]], *, confidence: float = 0.95) -> Interval | None:
    """Cohen's kappa of a square table of counts, ``table[what one says][what the other says]``.

    kappa = (po - pe) / (1 - pe) (Cohen 1960), its standard error by Fleiss, Cohen and Everitt (1969).
    Where that is 0, as where all agree, the limits are those of Wilson's interval of the agreement,
    with the chance agreement as it was seen. None where kappa is not defined: nothing was judged, or
    both gave one and the same label throughout, so that agreement shows nothing. Raises ValueError for
    a table that is not square or holds a negative count.
    """
    size, n = len(table), sum(map(sum, table))
    if any(len(row) != size or min(row) < 0 for row in table):
        raise ValueError("agreement is told by a square table of counts")
    rows = [sum(row) for row in table]
    columns = [sum(row[at] for row in table) for at in range(size)]
    # Whole numbers as long as possible: a table with its rows and columns exchanged gives the same bytes.
    agreed = sum(table[at][at] for at in range(size))
    by_chance = sum(row * column for row, column in zip(rows, columns, strict=True))
    if by_chance == n * n:
        return None
    value = (agreed * n - by_chance) / (n * n - by_chance)
    error = _standard_error(table, rows, columns)
    if error > _ROUNDING:
        reach = z_of(confidence) * error
        low, high, method = value - reach, value + reach, "Fleiss-Cohen-Everitt"
    else:
        chance = by_chance / (n * n)
        low, high = (
            (limit - chance) / (1 - chance) for limit in wilson(agreed, n, confidence=confidence).limits
        )
        method = "Wilson, of the agreement"
    return Interval(
        value=value, low=max(-1.0, low), high=min(1.0, high), n=n, method=method, confidence=confidence
    )


def _standard_error(table: Sequence[Sequence[int]], rows: Sequence[int], columns: Sequence[int]) -> float:
    n = sum(rows)
    by_chance = math.fsum(row * column / (n * n) for row, column in zip(rows, columns, strict=True))
    agreed = math.fsum(table[at][at] / n for at in range(len(table)))
    on = math.fsum(
        table[at][at] / n * (1 - by_chance - (rows[at] + columns[at]) / n * (1 - agreed)) ** 2
        for at in range(len(table))
    )
    off = math.fsum(
        count / n * ((columns[at] + rows[to]) / n * (1 - agreed)) ** 2
        for at, row in enumerate(table)
        for to, count in enumerate(row)
        if at != to
    )
    rest = (agreed * by_chance - 2 * by_chance + agreed) ** 2
    return math.sqrt(max(on + off - rest, 0.0) / n) / (1 - by_chance) ** 2
