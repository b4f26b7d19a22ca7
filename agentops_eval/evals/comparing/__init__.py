"""What a candidate changed against a baseline: regressions, improvements and noise, told apart.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.comparing._compare import compare
    from agentops_eval.evals.comparing._samples import measures_of, measures_of_spend, sample_of
    from agentops_eval.evals.comparing._sides import Diverges

_HOMES = {
    "_compare": "compare",
    "_samples": "measures_of measures_of_spend sample_of",
    "_sides": "Diverges",
}
"""Where each public name lives, by module."""

__all__ = ["Diverges", "compare", "measures_of", "measures_of_spend", "sample_of"]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
