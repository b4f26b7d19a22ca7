"""The conventions themselves: current attributes, and the per-message events that came before."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._legacy import tells
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "genai"
EVENTS = "genai-events"
HTTP = "http"
UNKNOWN = "unknown"


def recognises_events(source: SourceSpan) -> bool:
    """Messages as events, and none as attributes."""
    given = source.span.attributes
    told = sc.INPUT_MESSAGES in given or sc.OUTPUT_MESSAGES in given
    return not told and any(tells(event) for event in source.span.events)


def recognises(source: SourceSpan) -> bool:
    """Any attribute of the conventions."""
    return any(key.startswith("gen_ai.") for key in source.span.attributes)


def recognises_http(source: SourceSpan) -> bool:
    """A request of an HTTP client or server, which is no agent's work but may explain it."""
    return sc.HTTP_REQUEST_METHOD in source.span.attributes


def read(source: SourceSpan) -> Reading:
    """Read the span."""
    return done(Reader(source))


def read_other(source: SourceSpan) -> Reading:
    """Read a span that no dialect knows: it stays as a step."""
    return done(Reader(source), STEP)
