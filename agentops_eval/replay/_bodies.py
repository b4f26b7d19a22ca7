"""The canonical form of request bodies: JSON, forms and multipart; other bytes stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote, unquote_to_bytes

from agentops_eval.domain import Json, ascii_json
from agentops_eval.replay._llm import mend_history
from agentops_eval.replay._rules import MatchRules, Tree, without_ignored

MAX_DEPTH = 100
"""Deeper JSON stays as it is, so that no body and no caller's stack decides what can be parsed."""

BOUNDARY = b"agentops-boundary"

# Idempotency keys and ids of one attempt: fresh in every run by design, and nothing but that.
_VOLATILE = ("idempotency_key", "idempotencyKey")
_VOLATILE_METADATA = ("request_id", "trace_id", "traceparent")

_SPACE = re.compile(rb"\s*")
_ORDINAL = re.compile(r"-\d+(?=%5D)")


def canonical_body(body: bytes, *, form: bool, rules: MatchRules) -> bytes:
    """Give the form of ``body`` under which equal requests are equal bytes.

    JSON objects and arrays are known by their first byte, multipart by its boundary; ``form``
    says that the content type is urlencoded.
    """
    first = body[_SPACE.match(body).end() :][:1] if body else b""  # type: ignore[union-attr]
    if first in {b"{", b"["} or body[:3] == b"\xef\xbb\xbf":
        try:
            return ascii_json(canonical_tree(read_json(body), rules)).encode()
        except ValueError:
            return body
    if body.startswith(b"--"):
        return _multipart(body)
    if form:
        return canonical_pairs(body, ()).encode()
    return body


def canonical_tree(value: Tree, rules: MatchRules) -> Tree:
    """Canonicalise a JSON body in place: ignored and volatile members out, ids as ordinals."""
    value = without_ignored(value, rules)
    if isinstance(value, dict):
        for name in _VOLATILE:
            value.pop(name, None)
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            for name in _VOLATILE_METADATA:
                metadata.pop(name, None)
        mend_history(value, _nested)
    return value


def read_json(data: bytes | str) -> Tree:
    """Read a JSON object or array; whole floats become ints, for JSON knows one kind of number.

    Raises ValueError for anything else, for JSON too deep and for numbers too long.
    """
    text = data if isinstance(data, str) else data.decode(json.detect_encoding(data), "surrogatepass")
    try:
        value: Tree = json.loads(text, parse_float=_number)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(value, (dict, list)):
        raise ValueError("neither an object nor an array")
    if text.count("{") + text.count("[") > MAX_DEPTH and _too_deep(value):
        raise ValueError("too deep")
    return value


def fresh_tree(value: Json, *, _depth: int = 0) -> Tree:
    """Copy a JSON value into plain lists and dicts with canonical numbers."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if _depth >= MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {str(name): fresh_tree(item, _depth=_depth + 1) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [fresh_tree(item, _depth=_depth + 1) for item in value]
    return f"[{type(value).__name__}]"


def canonical_pairs(data: bytes, ignore: Sequence[str]) -> str:
    """Sort ``a=1&b=2`` as a multiset, with one spelling per character, without ``ignore``."""
    kept = []
    dropped = {spelled(name.encode("utf-8", "surrogatepass")) for name in ignore}
    for pair in data.split(b"&"):
        name, equals, value = pair.replace(b"+", b"%20").partition(b"=")
        if pair and (shown := spelled(name)) not in dropped:
            kept.append(shown + equals.decode() + spelled(value))
    # A placeholder's ordinal depends on the order of the document, so it must not decide the order.
    return "&".join(sorted(kept, key=lambda pair: _ORDINAL.sub("", pair)))


def spelled(data: bytes, *, safe: str = "") -> str:
    """Give each character of a URL's part its one percent-spelling."""
    return quote(unquote_to_bytes(data), safe=safe)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _too_deep(value: Tree) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: Tree) -> Iterator[Tree]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _nested(text: str) -> str:
    """Canonicalise the JSON that tool calls carry as a string."""
    try:
        return ascii_json(read_json(text))
    except ValueError:
        return text


def _multipart(body: bytes) -> bytes:
    """Replace the boundary by a constant and give part headers one spelling, if it is multipart."""
    boundary = body[2:].split(b"\r\n", 1)[0].rstrip(b" \t")
    head, tail = b"--" + boundary + b"\r\n", b"\r\n--" + boundary + b"--"
    if not 0 < len(boundary) <= 70 or not body.startswith(head) or not body.rstrip(b"\r\n").endswith(tail):
        return body
    inner = body[len(head) : body.rindex(tail)]
    parts = [_part(part) for part in inner.split(b"\r\n--" + boundary + b"\r\n")]
    if any(BOUNDARY in part for part in parts):
        return body  # a constant that also stands in the content would not be a boundary
    fence = b"--" + BOUNDARY
    return fence + b"\r\n" + (b"\r\n" + fence + b"\r\n").join(parts) + b"\r\n" + fence + b"--\r\n"


def _part(part: bytes) -> bytes:
    head, blank, content = part.partition(b"\r\n\r\n")
    if not blank:
        return part
    lines = []
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        lines.append(name.strip().lower() + colon + (b" " if colon else b"") + value.strip())
    return b"\r\n".join(sorted(lines)) + blank + content
