"""The spans that the Anthropic SDK writes of itself: counts and times of a call, and no content."""

from __future__ import annotations

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "anthropic-sdk"


def recognises(source: SourceSpan) -> bool:
    """The SDK's scope."""
    return source.origin.scope.startswith("com.anthropic.")


def read(source: SourceSpan) -> Reading:
    """Read the span; the HTTP exchange that it also tells is the call itself."""
    reader = Reader(source)
    reader.put(sc.RESPONSE_FINISH_REASONS, reader.text("anthropic.message.stop_reason"))
    reader.ignore("anthropic.response.service_tier", "http.route", "url.scheme", "url.full")
    if sc.OPERATION_NAME not in reader.given and "messages" in source.span.name:
        return done(reader, sc.CHAT)
    return done(reader)
