"""A trace of ours as one that came from elsewhere, so that whatever reads foreign traces reads it too."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._model import NormalTrace
from agentops_eval.traces.dialects._normalise import normalise
from agentops_eval.traces.reading import Origin, SourceSpan, SourceTrace


def normal_of(trace: Trace, *, where: str = "", by_line: bool = False) -> NormalTrace:
    """The trace in the conventions' words; ``where`` is its file, with a span on each line or not."""
    origin = Origin(resource=trace.resource, scope=sc.SCOPE, schema_url=trace.schema_url, where=where)
    spans = tuple(
        SourceSpan(span=span, origin=replace(origin, where=f"{where}:{number}") if by_line else origin)
        for number, span in enumerate(trace.spans, start=1)
    )
    return normalise(SourceTrace(trace_id=trace.trace_id, spans=spans))
