"""Which format a JSON document is in, by what it holds and not by its file's name."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from enum import StrEnum

from agentops_eval.domain import Json

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip archive begins, and an empty one."""

_LOOKED_AT = 16
_OTLP = ("resourceSpans", "resource_spans", "resourceLogs", "resource_logs")
_TURN = ("expected_tool_use", "reference", "expected_intermediate_agent_responses")


class Kind(StrEnum):
    """A format that is read as traces, though it holds no spans."""

    ADK = "adk"
    INSPECT = "inspect"
    MESSAGES = "messages"


def format_of(document: Json) -> Kind | None:
    """The format of a document; None where it is none of them, or a list of several documents."""
    if isinstance(document, Mapping):
        return _kind_of_object(document)
    items = _items(document)[:_LOOKED_AT]
    if any(is_turn(item) for item in items):
        return Kind.ADK
    return Kind.MESSAGES if any(is_message(item) for item in items) else None


def recognised(head: bytes) -> bool:
    """Whether a file that begins with these bytes, unpacked from gzip, holds one of the formats."""
    if head.startswith(ZIP_MAGIC):
        return True
    document = _begun(head)
    return any(format_of(one) is not None for one in (document, *_items(document)[:_LOOKED_AT]))


def is_message(value: Json) -> bool:
    """Whether a value is a message: somebody speaks, or a tool is asked for."""
    if not isinstance(value, Mapping) or not isinstance(value.get("role"), str):
        return False
    return any(key in value for key in ("content", "tool_calls", "function_call"))


def is_turn(value: Json) -> bool:
    """Whether a value is a turn of ADK's first format."""
    return isinstance(value, Mapping) and "query" in value and any(key in value for key in _TURN)


def _kind_of_object(document: Mapping[str, Json]) -> Kind | None:
    if any(key in document for key in _OTLP):
        return None
    if _lists(document, "eval_cases", "evalCases"):
        return Kind.ADK
    if _lists(document, "conversation") and ("eval_id" in document or "evalId" in document):
        return Kind.ADK
    if any(is_turn(item) for item in _lists(document, "data")[:_LOOKED_AT]):
        return Kind.ADK
    if "version" in document and isinstance(document.get("eval"), Mapping):
        return Kind.INSPECT
    said = (*_lists(document, "messages")[:_LOOKED_AT], *_lists(document, "traj")[:_LOOKED_AT])
    return Kind.MESSAGES if any(is_message(item) for item in said) else None


def _lists(document: Mapping[str, Json], *names: str) -> Sequence[Json]:
    """The first of these fields that is a list and holds something."""
    return next((found for name in names if (found := _items(document.get(name)))), ())


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _begun(head: bytes) -> Json:
    """As much of the first document as the bytes hold."""
    import ijson

    builder = ijson.ObjectBuilder()
    try:
        for event, said in ijson.basic_parse(io.BytesIO(head.removeprefix(b"\xef\xbb\xbf")), use_float=True):
            builder.event(event, said)
    except (ijson.JSONError, ValueError, RecursionError, OverflowError):
        pass  # it ends somewhere, or is no JSON from somewhere on
    value: Json = getattr(builder, "value", None)
    return value
