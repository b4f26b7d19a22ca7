"""A candidate beside recorded runs: the same inputs, the recorded answers, and no effect on the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.shadowing._recordings import Recordings, read_recordings
    from agentops_eval.harness.shadowing._rows import PairsWriter, ShadowFiles
    from agentops_eval.harness.shadowing._session import Pair, ShadowOrders, ShadowSession, Side

_HOMES = {
    "_recordings": "Recordings read_recordings",
    "_rows": "PairsWriter ShadowFiles",
    "_session": "Pair ShadowOrders ShadowSession Side",
}
"""Where each public name lives, by module."""

__all__ = [
    "Pair",
    "PairsWriter",
    "Recordings",
    "ShadowFiles",
    "ShadowOrders",
    "ShadowSession",
    "Side",
    "read_recordings",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
