"""Our own spans, which are read back as they are."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.dialects._values import KINDS
from agentops_eval.traces.reading import SourceSpan

NAME = "agentops"


def recognises(source: SourceSpan) -> bool:
    """Our scope, or an attribute of ours; others use the prefix for names of their own.

    What teams add to the spans of their framework does not make the spans ours.
    """
    own = (key for key in source.span.attributes if key.startswith("agentops."))
    return source.origin.scope == sc.SCOPE or any(key in KINDS and key not in sc.ANNOTATIONS for key in own)


def read(source: SourceSpan) -> Reading:
    """Read the span; questions to people and plain HTTP have no operation of the conventions."""
    reader = Reader(source)
    if sc.OPERATION_NAME in reader.given:
        return done(reader)  # also a tool's span that says who approved it
    asked = any(key.startswith("agentops.hitl.") for key in reader.given)
    asked = asked and sc.OPERATION_NAME not in reader.given  # a tool may tell its own approval
    if asked or source.span.name == sc.HITL_CHECKPOINT:
        return done(reader, sc.HITL_CHECKPOINT)
    if sc.AGENTOPS_STEP in reader.given:
        return done(reader, STEP)
    return done(reader)
