"""What a gate needs of the world: files of samples, read as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.gating._following import follow
    from agentops_eval.harness.gating._model import Form, SampleFile
    from agentops_eval.harness.gating._opening import Watched, open_watch
    from agentops_eval.harness.gating._read import read_samples
    from agentops_eval.harness.gating._server import GateServer, is_loopback
    from agentops_eval.harness.gating._watch import Look, Watch
    from agentops_eval.harness.gating._watch_log import WatchLogged, read_watch_log

_HOMES = {
    "_following": "follow",
    "_model": "Form SampleFile",
    "_opening": "Watched open_watch",
    "_read": "read_samples",
    "_server": "GateServer is_loopback",
    "_watch": "Look Watch",
    "_watch_log": "WatchLogged read_watch_log",
}
"""Where each public name lives, by module."""

__all__ = [
    "Form",
    "GateServer",
    "Look",
    "SampleFile",
    "Watch",
    "WatchLogged",
    "Watched",
    "follow",
    "is_loopback",
    "open_watch",
    "read_samples",
    "read_watch_log",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
