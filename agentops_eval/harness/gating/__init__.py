"""What a gate needs of the world: files of samples, read as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.gating._model import Form, SampleFile
    from agentops_eval.harness.gating._read import read_samples

_HOMES = {
    "_model": "Form SampleFile",
    "_read": "read_samples",
}
"""Where each public name lives, by module."""

__all__ = [
    "Form",
    "SampleFile",
    "read_samples",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
