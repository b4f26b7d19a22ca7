"""Statistics that hold: pure, without I/O, clock or global state. Everything is imported on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_eval.stats._agreement import cohen_kappa
    from agentops_eval.stats._families import benjamini_hochberg, holm
    from agentops_eval.stats._judged import prediction_powered, rogan_gladen
    from agentops_eval.stats._model import Interval
    from agentops_eval.stats._rates import wilson

_HOMES = {
    "_agreement": "cohen_kappa",
    "_families": "benjamini_hochberg holm",
    "_judged": "prediction_powered rogan_gladen",
    "_model": "Interval",
    "_rates": "wilson",
}
"""Where each public name lives, by module."""

__all__ = [
    "Interval",
    "benjamini_hochberg",
    "cohen_kappa",
    "holm",
    "prediction_powered",
    "rogan_gladen",
    "wilson",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    home = _PLACES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
