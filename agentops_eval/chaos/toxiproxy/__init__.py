"""Faults on the wire: a Toxiproxy server behind one adapter, or an embedded one with the same API.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.chaos.toxiproxy._adapter import Snapshot, Toxiproxy
    from agentops_eval.chaos.toxiproxy._embedded import EmbeddedServer
    from agentops_eval.chaos.toxiproxy._opening import open_toxiproxy
    from agentops_eval.chaos.toxiproxy._proxies import Proxy, Toxic
    from agentops_eval.chaos.toxiproxy._restore import Restored, restore

_HOMES = {
    "_adapter": "Snapshot Toxiproxy",
    "_embedded": "EmbeddedServer",
    "_opening": "open_toxiproxy",
    "_proxies": "Proxy Toxic",
    "_restore": "Restored restore",
}
"""Where each public name lives, by module."""

__all__ = [
    "EmbeddedServer",
    "Proxy",
    "Restored",
    "Snapshot",
    "Toxic",
    "Toxiproxy",
    "open_toxiproxy",
    "restore",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
