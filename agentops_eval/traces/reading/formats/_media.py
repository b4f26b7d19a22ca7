"""Images, sounds and files: kept whole while they are small, by their hash beyond."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from agentops_eval.domain import Json
from agentops_eval.traces.llm import Message, Part

MAX_BLOB = 64 * 1024
"""Characters of a blob that are kept; of a larger one its hash is, as an address."""


def bounded(message: Message) -> Message:
    """The message with large blobs replaced by their addresses."""
    if not any(_large(part) for part in message.parts):
        return message
    return replace(message, parts=tuple(_by_hash(part) if _large(part) else part for part in message.parts))


def bounded_part(part: Part) -> Part:
    """One part, with a large blob replaced by its address."""
    return _by_hash(part) if _large(part) else part


def _large(part: Part) -> bool:
    return any(len(value) > MAX_BLOB for value in _payload(part))


def _payload(part: Part) -> list[str]:
    key = {"blob": "content", "uri": "uri"}.get(str(part.get("type")), "")
    value = part.get(key)
    return [value] if isinstance(value, str) else []


def _by_hash(part: Part) -> Part:
    digest = hashlib.sha256(_payload(part)[0].encode("utf-8", "surrogatepass")).hexdigest()
    kept: dict[str, Json] = {key: part[key] for key in ("modality", "mime_type") if key in part}
    return {"type": "uri", **kept, "uri": f"sha256:{digest}"}
