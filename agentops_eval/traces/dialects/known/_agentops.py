"""Our own spans, which are read back as they are."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import Attribute
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
    if sc.AGENTOPS_STEP in reader.given:
        return done(reader, STEP)  # also one that was told of a person's answer, in another dialect
    if source.span.name == sc.HITL_CHECKPOINT or _asks(reader.given):
        return done(reader, sc.HITL_CHECKPOINT)
    reading = done(reader)
    if not reading.operation and _asks(reading.attributes):  # told by an event of the span
        return done(Reader(source), sc.HITL_CHECKPOINT)
    return reading


def _asks(attributes: Mapping[str, Attribute]) -> bool:
    return any(key.startswith("agentops.hitl.") for key in attributes)
