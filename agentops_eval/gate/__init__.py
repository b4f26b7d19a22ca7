"""The canary gate: samples of a baseline and a candidate in, a decision out; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.gate._columns import Columns

_HOMES = {
    "_columns": "Columns",
}
"""Where each public name lives, by module."""

__all__ = [
    "Columns",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
