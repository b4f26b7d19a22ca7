"""Where a regressed run left its baseline: the first step that differs, and the first that acts otherwise."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.domain import Result, ResultsInvalid, Span, Trace
from agentops_eval.harness.evaluating._rejudge import read_trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.diff import StepDiff, TraceDiff, diff, first_line

_ACTS = frozenset({sc.EXECUTE_TOOL})


class Divergences:
    """Finds where two results part, from the traces beside their files. Each trace is read once."""

    def __init__(self, baseline: Path, candidate: Path) -> None:
        self._baseline, self._candidate = baseline, candidate
        self._read: dict[Path, Trace] = {}

    def __call__(self, before: Result, after: Result) -> str:
        """The first step that differs, in a line; empty where a trace is missing or nothing differs."""
        return parting(self.diff(before, after))

    def diff(self, before: Result, after: Result) -> TraceDiff | None:
        """The whole difference; None where a trace is missing."""
        one, other = self._trace(before, self._baseline), self._trace(after, self._candidate)
        return None if one is None or other is None else diff(one, other)

    def _trace(self, result: Result, beside: Path) -> Trace | None:
        if not result.trace_file:
            return None
        place = beside.parent / result.trace_file
        if place not in self._read:
            try:
                self._read[place] = read_trace(result, beside)
            except ResultsInvalid:  # the comparison stands without it
                return None
        return self._read[place]


def parting(found: TraceDiff | None) -> str:
    """The first step that differs; and where that only was told something else, the first that did so."""
    if not found:
        return ""
    first = found.steps[0]
    act = next((step for step in found.steps if _acts(step)), None)
    told = _told(first)
    return told if act is None or act is first else f"{told}; first other act: {_told(act)}"


def _acts(step: StepDiff) -> bool:
    return any(_is_act(span) for span in (step.baseline, step.candidate))


def _is_act(span: Span | None) -> bool:
    return span is not None and span.attributes.get(sc.OPERATION_NAME) in _ACTS


def _told(step: StepDiff) -> str:
    number = step.baseline_index if step.candidate is None else step.candidate_index
    return f"step {number} {first_line(step)}"
