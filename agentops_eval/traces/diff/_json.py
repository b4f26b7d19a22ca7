"""A diff for scripts. The keys are documented in docs/reference/trace-diff.md."""

from __future__ import annotations

from agentops_eval.domain import Json
from agentops_eval.traces.diff._model import Change, StepDiff, TraceDiff


def diff_json(found: TraceDiff) -> dict[str, Json]:
    """The diff as JSON, values whole."""
    return {
        "equal": not found,
        "baseline_steps": found.baseline_steps,
        "candidate_steps": found.candidate_steps,
        "counts": {str(kind): count for kind, count in found.counts.items()},
        "steps": [_step(step) for step in found.steps],
    }


def _step(step: StepDiff) -> Json:
    return {
        "kinds": [str(kind) for kind in step.kinds],
        "title": step.title,
        "path": step.path,
        "baseline_index": step.baseline_index,
        "candidate_index": step.candidate_index,
        "baseline_span_id": None if step.baseline is None else step.baseline.span_id,
        "candidate_span_id": None if step.candidate is None else step.candidate.span_id,
        "same_before": step.same_before,
        "changes": [_change(change) for change in step.changes],
        "more": step.more,
    }


def _change(change: Change) -> Json:
    return {
        "kind": str(change.kind),
        "field": change.field,
        "at": change.at,
        "op": str(change.op),
        "before": change.before,
        "after": change.after,
    }
