"""How a golden file shortens what it holds, and how reading undoes it.

A chat repeats the conversation so far: where its messages begin with all the messages of an earlier
chat, those are kept as their hash. A message part above 8 KiB goes to a file named after its hash,
and so does any other long text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentops_eval.domain import Attribute, Json, Span, canonical_json
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._normal import unpacked
from agentops_eval.traces._text import to_utf8

BLOB_BYTES = 8 * 1024
BLOB_FOLDER = "blobs"
PART_TYPE = "application/vnd.agentops.part+json"
_NAME_LENGTH = len(f"{BLOB_FOLDER}/sha256-") + 64


class PackError(ValueError):
    """What was stored by hash cannot be found again."""


@dataclass(slots=True)
class Packer:
    """Shortens the spans of one golden, in their order; ``blobs`` are the files beside it."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    _histories: set[str] = field(default_factory=set)

    def pack(self, span: Span) -> Span:
        """The span as its line holds it."""
        attributes = dict(span.attributes)
        stored: list[str] = []
        for key, value in span.attributes.items():
            if not isinstance(value, str):
                continue
            packed = self._messages(key, value, attributes) if key in sc.MESSAGE_KEYS else None
            if packed is not None:
                attributes[key] = packed
            elif _size(value) > BLOB_BYTES:
                attributes[key] = self._blob(to_raw(value))
                stored.append(key)
        if stored:
            attributes[sc.AGENTOPS_BLOBS] = tuple(stored)
        return replace(span, attributes=dict(sorted(attributes.items())))

    def _messages(self, key: str, text: str, attributes: dict[str, Attribute]) -> str | None:
        items = unpacked(text)
        if not isinstance(items, list):
            return None
        if key == sc.INPUT_MESSAGES:
            length, digest = self._known_prefix(items)
            if length:
                attributes[sc.AGENTOPS_PREFIX_SHA256] = digest
                items = items[length:]
        packed = map_parts(key, items, self._part)
        return canonical_json(packed, sort_keys=False)

    def _known_prefix(self, items: Sequence[Json]) -> tuple[int, str]:
        """The longest beginning that is the whole of an earlier history, with its hash."""
        best = (0, "")
        for length, digest in enumerate(digests(items), start=1):
            if digest in self._histories:
                best = (length, digest)
            if length == len(items):
                self._histories.add(digest)
        return best

    def _part(self, part: Json) -> Json:
        text = canonical_json(part, sort_keys=False)
        looks_stored = isinstance(part, Mapping) and part.get("mime_type") == PART_TYPE
        if not looks_stored and _size(text) <= BLOB_BYTES:
            return part
        kind = part.get("type") if isinstance(part, Mapping) else None
        return {"type": "uri", "modality": kind, "mime_type": PART_TYPE, "uri": self._blob(to_utf8(text))}

    def _blob(self, content: bytes) -> str:
        name = f"{BLOB_FOLDER}/sha256-{hashlib.sha256(content).hexdigest()}"
        self.blobs[name] = content
        return name


@dataclass(slots=True)
class Unpacker:
    """Restores the spans of one golden, in their order. ``load`` gives the bytes of a blob.

    Where it gives None, the part stays what it is in the file: the name of a blob.
    """

    load: Callable[[str], bytes | None]
    _partly: bool = False
    _histories: dict[str, list[Json]] = field(default_factory=dict)

    def unpack(self, span: Span) -> Span:
        """The span as it was. Raises PackError where a blob or an earlier history is missing."""
        attributes = dict(span.attributes)
        stored = attributes.pop(sc.AGENTOPS_BLOBS, ())
        if not isinstance(stored, tuple):
            raise PackError(f"{sc.AGENTOPS_BLOBS} is no list of attribute names")
        for key in stored:
            content = self._blob(attributes.get(str(key)))
            if content is not None:
                attributes[str(key)] = from_raw(content)
        prefix = attributes.pop(sc.AGENTOPS_PREFIX_SHA256, None)
        for key in sc.MESSAGE_KEYS:
            value = attributes.get(key)
            if isinstance(value, str) and key not in stored:
                attributes[key] = self._messages(key, value, prefix)
        return replace(span, attributes=dict(sorted(attributes.items())))

    def _messages(self, key: str, text: str, prefix: Attribute) -> str:
        items = unpacked(text)
        if not isinstance(items, list):
            return text
        restored = list(map_parts(key, items, self._part))
        if key == sc.INPUT_MESSAGES:
            if prefix is not None:
                if str(prefix) not in self._histories and self._partly:
                    return canonical_json(restored, sort_keys=False)
                if str(prefix) not in self._histories:
                    raise PackError(
                        f"no earlier line holds the history {str(prefix)[:12]}... that this one continues"
                    )
                restored = [*self._histories[str(prefix)], *restored]
            if restored:
                self._histories[digests(restored)[-1]] = restored
        return canonical_json(restored, sort_keys=False)

    def _part(self, part: Json) -> Json:
        if not isinstance(part, Mapping) or part.get("mime_type") != PART_TYPE:
            return part
        content = self._blob(part.get("uri"))
        if content is None:
            return part
        text = content.decode("utf-8", "replace")
        restored = unpacked(text)
        if restored is None and text != "null":
            raise PackError(f"the file {part.get('uri')} holds no message part")
        return restored

    def _blob(self, name: object) -> bytes | None:
        expected = f"{BLOB_FOLDER}/sha256-"
        if not isinstance(name, str) or len(name) != _NAME_LENGTH or not name.startswith(expected):
            raise PackError(f"not the name of a stored part: {str(name)[:100]!r}")
        digest = name.removeprefix(expected)
        if set(digest) - set("0123456789abcdef"):
            raise PackError(f"not the name of a stored part: {name!r}")
        content = self.load(name)
        if content is None:
            self._partly = True
            return None
        if hashlib.sha256(content).hexdigest() != digest:
            raise PackError(f"the file {name} does not hold what its name says")
        return content


def map_parts(key: str, items: Sequence[Json], change: Callable[[Json], Json]) -> list[Json]:
    """Apply ``change`` to every part: of messages, or of system instructions, which are parts themselves."""
    if key == sc.SYSTEM_INSTRUCTIONS:
        return [change(item) for item in items]
    changed: list[Json] = []
    for item in items:
        if isinstance(item, Mapping) and isinstance(item.get("parts"), list):
            parts = item["parts"]
            assert isinstance(parts, list)
            changed.append({**item, "parts": [change(part) for part in parts]})
        else:
            changed.append(item)
    return changed


def digests(items: Sequence[Json]) -> list[str]:
    """For every beginning of a history, SHA-256 of its canonical JSON."""
    state = hashlib.sha256(b"[")
    found: list[str] = []
    for number, item in enumerate(items):
        state.update((b"," if number else b"") + to_utf8(canonical_json(item, sort_keys=False)))
        whole = state.copy()
        whole.update(b"]")
        found.append(whole.hexdigest())
    return found


def to_raw(text: str) -> bytes:
    """Text as the bytes of a file; lone surrogates survive."""
    return text.encode("utf-8", "surrogatepass")


def from_raw(content: bytes) -> str:
    """The text that ``to_raw`` wrote. Raises PackError for anything else."""
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise PackError("a stored text is not UTF-8") from None


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(to_raw(text))
