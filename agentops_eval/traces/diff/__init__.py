"""Two traces compared step by step: aligned by structure, explained by content, shown to people."""

from agentops_eval.traces.diff._beside import SideRow, side_rows
from agentops_eval.traces.diff._diff import diff
from agentops_eval.traces.diff._html import diff_html
from agentops_eval.traces.diff._json import diff_json
from agentops_eval.traces.diff._model import Change, Kind, Op, StepDiff, TraceDiff
from agentops_eval.traces.diff._text import diff_text, first_line

__all__ = [
    "Change",
    "Kind",
    "Op",
    "SideRow",
    "StepDiff",
    "TraceDiff",
    "diff",
    "diff_html",
    "diff_json",
    "diff_text",
    "first_line",
    "side_rows",
]
