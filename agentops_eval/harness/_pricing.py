"""The prices that hold in a project: a table that is named, else the setting ``prices``, else public ones."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.harness._settings import Settings
from agentops_eval.traces.prices import Pricing, UnknownLlm, read_table


def pricing_of(
    settings: Settings,
    root: Path,
    *,
    prices: Path | None = None,
    unknown: UnknownLlm = UnknownLlm.UNKNOWN,
) -> Pricing:
    """How llm calls are priced below ``root``; ``prices`` is a table that is named. Raises ConfigInvalid."""
    if prices is None and settings.prices:
        prices = root / settings.prices
    return Pricing(table=None if prices is None else read_table(prices), unknown=unknown)
