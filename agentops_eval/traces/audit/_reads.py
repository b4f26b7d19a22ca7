"""What a run had read before it acted, each thing once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from agentops_eval.domain import Span
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import told_text
from agentops_eval.traces.audit._model import Touched
from agentops_eval.traces.audit._scene import Scene, is_read_only

MOST_TOUCHED = 100


class Reads:
    """Tools that change nothing, or do not say so; resources; data sources: by when they had been read."""

    def __init__(self, scene: Scene) -> None:
        first: dict[tuple[str, str], Span] = {}
        for span in sorted(scene.in_time, key=lambda span: span.end_ns):
            for key in _read(scene, span):
                first.setdefault(key, span)
        self._found = [
            Touched(kind=kind, name=name, span_id=span.span_id) for (kind, name), span in first.items()
        ]
        self._ends = [span.end_ns for span in first.values()]

    def before(self, span: Span) -> tuple[tuple[Touched, ...], int]:
        """What had been read when the span began: the first hundred, and how many more."""
        count = bisect_right(self._ends, span.start_ns)
        return tuple(self._found[: min(count, MOST_TOUCHED)]), max(0, count - MOST_TOUCHED)


def _read(scene: Scene, span: Span) -> Iterator[tuple[str, str]]:
    source, resource = told_text(span, sc.DATA_SOURCE_ID), told_text(span, sc.MCP_RESOURCE_URI)
    if source is not None:
        yield "data source", source
    if resource is not None:
        yield "resource", resource
    told = told_text(span, sc.AGENTOPS_TOOL_EFFECT)
    if scene.kinds[span.span_id] == "tool" and (told is None or is_read_only(span)):
        yield "tool", told_text(span, sc.TOOL_NAME) or span.name
