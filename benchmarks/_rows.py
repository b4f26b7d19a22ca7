"""Rows of the benchmark table, how they are judged, printed and written."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement beside its peer. ``ours`` and ``other`` share a unit, named in ``settings``.

    ``ratio`` is what the goal is about: how many times cheaper we are, or what we cost over a
    floor; ``met`` compares it with ``goal``. ``skipped`` says why nothing is compared, where a peer is
    missing: then the goal is neither met nor missed.
    """

    id: str
    what: str
    n: int
    settings: str
    ours: float
    other: float
    ratio: float
    goal: str
    met: bool
    skipped: str = ""


def at_least(goal: float, ratio: float) -> tuple[str, bool]:
    """A goal that a ratio must reach."""
    return f">= {goal:g}x", ratio >= goal


def at_most(goal: float, value: float, unit: str = "x") -> tuple[str, bool]:
    """A goal that a value must not exceed."""
    return f"<= {goal:g}{unit}", value <= goal


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Median with a distribution-free interval from order statistics (about 95 % from n = 6 on)."""
    ordered = sorted(values)
    n = len(ordered)
    rank = max(0, int(n / 2 - 0.98 * n**0.5))
    return statistics.median(ordered), ordered[rank], ordered[n - 1 - rank]


def show(rows: Sequence[Row], write: Callable[[str], None]) -> None:
    """Print the table."""
    write(f"{'id':28} {'n':>6} {'ours':>12} {'other':>12} {'ratio':>10}  {'goal':10} met")
    for row in rows:
        met = f"skipped: {row.skipped}" if row.skipped else "yes" if row.met else "met: false"
        sides = f"{row.ours:>12.4g} {row.other:>12.4g} {row.ratio:>10.4g}"
        write(f"{row.id:28} {row.n:>6} {sides}  {row.goal:10} {met}")
        write(f"    {row.what}; {row.settings}")


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the rows as a JSON list, keeping rows of other ids that are already there."""
    kept: list[dict[str, object]] = []
    if path.exists():
        new = {row.id for row in rows}
        kept = [old for old in json.loads(path.read_text()) if old["id"] not in new]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([*kept, *(asdict(row) for row in rows)], indent=1) + "\n")
