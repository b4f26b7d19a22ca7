"""Microsoft agent-framework: the conventions' names with values of its own, messages as log records."""

from __future__ import annotations

from urllib.parse import urlsplit

from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects._common import done
from agentops_eval.traces.dialects._model import Reading
from agentops_eval.traces.dialects._operations import STEP
from agentops_eval.traces.dialects._reader import Reader
from agentops_eval.traces.reading import SourceSpan

NAME = "agent-framework"

_STEPS = ("executor.process", "edge_group.process", "message.send", "workflow.build")


def recognises(source: SourceSpan) -> bool:
    """The scope, with or without what follows it."""
    return source.origin.scope.partition(".")[0] == "agent_framework"


def read(source: SourceSpan) -> Reading:
    """Read the span; the server's address is a URL here."""
    reader = Reader(source)
    address = reader.text(sc.SERVER_ADDRESS) or ""
    if "://" in address:
        _address(reader, address)
    name = source.span.name
    if name.startswith(_STEPS):
        reader.ignore(prefixes=("executor.", "edge_group.", "message.", "workflow."))
        return done(reader, STEP, step=name.split(" ")[0])
    if name.startswith("workflow.run"):
        reader.put(sc.WORKFLOW_NAME, reader.text("workflow.name", "workflow.id"))
        reader.ignore(prefixes=("workflow.",))
        return done(reader, sc.INVOKE_WORKFLOW)
    return done(reader)


def _address(reader: Reader, address: str) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return
    reader.put(sc.SERVER_ADDRESS, host)
    reader.put(sc.SERVER_PORT, port)
