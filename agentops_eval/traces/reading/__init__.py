"""Reading traces that were made elsewhere, whatever their size and however they are spelt.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.traces.reading._model import Origin, Problem, Problems, SourceSpan, SourceTrace
    from agentops_eval.traces.reading._read import read_traces, weight_of
    from agentops_eval.traces.reading._spool import Spool
    from agentops_eval.traces.reading.formats import recognised

_HOMES = {
    "_model": "Origin Problem Problems SourceSpan SourceTrace",
    "_read": "read_traces weight_of",
    "_spool": "Spool",
    "formats": "recognised",
}
"""Where each public name lives, by module."""

__all__ = [
    "Origin",
    "Problem",
    "Problems",
    "SourceSpan",
    "SourceTrace",
    "Spool",
    "read_traces",
    "recognised",
    "weight_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
