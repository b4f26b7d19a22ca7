"""Two runs beside each other as one HTML page that needs nothing else: each step that differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.reports._frame import page_of

if TYPE_CHECKING:
    from agentops_eval.traces.diff import TraceDiff


def trace_diff_html(
    found: TraceDiff, *, baseline: str = "baseline", candidate: str = "candidate", limit: int = 1_000
) -> str:
    """The diff as one page. Of more than ``limit`` steps that differ the rest is counted.

    What agents wrote is text to this page, whatever it says, and so are the names of the two sides.
    """
    from agentops_eval.traces.diff import blocks_of, readable, summary

    names = readable(baseline), readable(candidate)
    return page_of(
        "diff.html.j2",
        styles=["style.css", "diff.css"],
        scripts=["theme.js", "ready.js"],
        found=found,
        blocks=blocks_of(found, limit=limit),
        left_out=max(0, len(found.steps) - limit),
        names=names,
        labels=_labels(*names),
        summary=summary(found),
    )


def _labels(baseline: str, candidate: str) -> tuple[str, str]:
    """The last parts of two paths, where these tell them apart: a phone has no room for more."""
    ends = baseline.rpartition("/")[2], candidate.rpartition("/")[2]
    return ends if ends[0] != ends[1] else (baseline, candidate)
