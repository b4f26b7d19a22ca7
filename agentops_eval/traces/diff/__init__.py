"""Two traces compared step by step: aligned by structure, explained by content, shown to people."""

from agentops_eval.traces.diff._diff import diff
from agentops_eval.traces.diff._model import Change, Kind, Op, StepDiff, TraceDiff

__all__ = ["Change", "Kind", "Op", "StepDiff", "TraceDiff", "diff"]
