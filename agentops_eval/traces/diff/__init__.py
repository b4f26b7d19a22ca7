"""Two traces compared step by step: aligned by structure, explained by content, shown to people.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.traces.diff._beside import SideRow, side_rows
    from agentops_eval.traces.diff._blocks import DiffBlock, ShownChange, blocks_of, readable
    from agentops_eval.traces.diff._diff import diff
    from agentops_eval.traces.diff._json import diff_json
    from agentops_eval.traces.diff._model import Change, Kind, Op, StepDiff, TraceDiff
    from agentops_eval.traces.diff._text import diff_text, first_line, summary

_HOMES = {
    "_beside": "SideRow side_rows",
    "_blocks": "DiffBlock ShownChange blocks_of readable",
    "_diff": "diff",
    "_json": "diff_json",
    "_model": "Change Kind Op StepDiff TraceDiff",
    "_text": "diff_text first_line summary",
}
"""Where each public name lives, by module."""

__all__ = [
    "Change",
    "DiffBlock",
    "Kind",
    "Op",
    "ShownChange",
    "SideRow",
    "StepDiff",
    "TraceDiff",
    "blocks_of",
    "diff",
    "diff_json",
    "diff_text",
    "first_line",
    "readable",
    "side_rows",
    "summary",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
