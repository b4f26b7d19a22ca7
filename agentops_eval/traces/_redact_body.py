"""Redacting bodies: bytes of any kind, chunk by chunk, compressed, streamed or encoded as forms."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from agentops_eval.domain import Headers, header
from agentops_eval.traces._codings import BodyState, unpack
from agentops_eval.traces._redact_edit import Numbering, apply_to_chunks, edits
from agentops_eval.traces._redact_rules import Compiled
from agentops_eval.traces._redact_scan import (
    STRING,
    Known,
    Origin,
    candidates,
    plain_hits,
    scan,
    suspicious,
    unescape,
    wanted,
)
from agentops_eval.traces._redact_tokens import NAMED, Hit

_PAYLOAD = re.compile(r"^(?:data:[ ]?)?+(\{[^\n]*+)", re.MULTILINE)
_PART = re.compile(r"name=\"([^\"\r\n]{1,200})\"\r?\n\r?\n([^\r\n]{1,4096}+)\r?\n--")
# No "type": that of an event begins the path, and a tool call has one in its first delta only.
_DISCRIMINATORS = ("index", "output_index", "content_index", "item_id")

# Of a body that is longer than can be unpacked only a part could be stored: it stays as it came.
_READ = frozenset({BodyState.WHOLE, BodyState.CUT, BodyState.BROKEN})


@dataclass(frozen=True, slots=True)
class Body:
    """The chunks of one body, and whether they are no longer compressed as the headers say."""

    chunks: list[bytes]
    changed: bool = False
    decoded: bool = False


def redact_body(
    chunks: list[bytes], headers: Headers, *, rules: Compiled, known: Known, numbering: Numbering
) -> Body:
    """Redact a body. One without secrets comes back as the very bytes that it was."""
    kind = header(headers, "content-type").lower()
    unpacked = unpack(chunks, header(headers, "content-encoding"))
    decoded = unpacked.state in _READ
    source = unpacked.chunks if decoded else chunks
    data = b"".join(source)
    try:
        text, codec = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = data.decode("latin-1"), "latin-1"
    hits = body_hits(text, kind, rules, known)
    if len(source) > 1:
        hits += _chunk_hits(source, text, codec, rules, known)
    changes = edits(text, hits, numbering)
    if not changes:
        return Body(chunks)
    return Body(apply_to_chunks(source, text, codec, changes), changed=True, decoded=decoded)


def body_hits(text: str, kind: str, rules: Compiled, known: Known) -> list[Hit]:
    """Every secret in a body of this content type."""
    if "x-www-form-urlencoded" in kind:
        return pair_hits(text, rules, known)
    if "event-stream" in kind or "ndjson" in kind or "jsonl" in kind or text.startswith(("data:", "event:")):
        return _stream_hits(text, rules, known)
    hits = scan(text, rules, known)
    if "multipart/" in kind:
        for match in _PART.finditer(text):
            field = rules.query_kind(match[1], match[2])
            hits += [Hit((match.span(2),), field, match[2], NAMED)] if field else []
    return wanted(hits, rules)


def pair_hits(text: str, rules: Compiled, known: Known, *, base: int = 0) -> list[Hit]:
    """Secrets in ``a=1&b=2``, as in queries and form bodies; ``base`` is added to every place."""
    hits: list[Hit] = []
    at = base
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        start = at + len(name) + len(equals)
        at += len(pair) + 1
        if not value:
            continue
        plain = unquote_plus(value)
        kind = rules.query_kind(unquote_plus(name), plain)
        if kind:
            hits.append(Hit(((start, start + len(value)),), kind, plain, NAMED))
        hits += _value_hits(value, plain, start, rules, known)
    return wanted(hits, rules)


def _value_hits(value: str, plain: str, start: int, rules: Compiled, known: Known) -> Iterator[Hit]:
    for hit in scan(plain, rules, known):
        if plain == value:
            yield Origin(value, start).lift(hit) if "\\" not in value else _whole(hit, start, value)
        else:  # the encoded value is replaced whole: its letters do not stand where they seem to
            yield _whole(hit, start, value)


def _whole(hit: Hit, start: int, value: str) -> Hit:
    return Hit(((start, start + len(value)),), hit.kind, hit.secret, hit.rank)


def _chunk_hits(chunks: Sequence[bytes], text: str, codec: str, rules: Compiled, known: Known) -> list[Hit]:
    """What a single chunk seems to hold: a chunk is stored as a text of its own and checked as one."""
    hits: list[Hit] = []
    if not suspicious(text, rules) and not candidates(text, known):
        return hits
    reader = codecs.getincrementaldecoder(codec)()
    at = 0
    for chunk in chunks:
        size = len(reader.decode(chunk))
        with suppress(UnicodeDecodeError):  # a character is split: such a chunk is stored as bytes
            hits += [_moved(hit, at) for hit in scan(chunk.decode(codec), rules, known)]
        at += size
    return hits


def _moved(hit: Hit, by: int) -> Hit:
    pieces = tuple((start + by, end + by) for start, end in hit.pieces)
    return replace(hit, pieces=pieces)


def _stream_hits(text: str, rules: Compiled, known: Known) -> list[Hit]:
    """Secrets in server-sent events or JSON lines, those split over several deltas included."""
    payloads = [(match.start(1), match[1].rstrip("\r")) for match in _PAYLOAD.finditer(text)]
    hits: list[Hit] = []
    if suspicious(text, rules) or candidates(text, known):
        hits += plain_hits(text, rules, known)
        for at, payload in payloads:
            hits += (_moved(hit, at) for hit in scan(payload, rules, known))
    hits += _split_hits(payloads, rules, known)
    return wanted(hits, rules)


def _split_hits(payloads: Sequence[tuple[int, str]], rules: Compiled, known: Known) -> Iterator[Hit]:
    """Secrets that begin in one delta and end in another: each path's strings are read as one."""
    series: dict[str, list[tuple[int, int, str]]] = {}
    for number, (_, payload) in enumerate(payloads):
        try:
            document = json.loads(payload)
        except (ValueError, RecursionError):
            continue
        event = document.get("type") if isinstance(document, dict) else None
        for position, (path, value) in enumerate(_strings(document, str(event))):
            if path and value:
                series.setdefault(path, []).append((number, position, value))
    for pieces in series.values():
        if len(pieces) < 2 or all(value == pieces[0][2] for _, _, value in pieces):
            continue
        whole = "".join(value for _, _, value in pieces)
        for hit in scan(whole, rules, known):
            lifted = _lift_split(hit, pieces, payloads)
            if lifted is not None:
                yield lifted


def _strings(node: object, path: str) -> Iterator[tuple[str, str]]:
    """Every string literal in document order with the path of its series; keys have no path."""
    if isinstance(node, dict):
        marks = [f"{key}={node[key]}" for key in _DISCRIMINATORS if isinstance(node.get(key), (str, int))]
        here = f"{path}<{','.join(marks)}>"
        for key, value in node.items():
            yield "", str(key)
            yield from _strings(value, f"{here}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            spot = "" if isinstance(value, dict) and "index" in value else str(number)
            yield from _strings(value, f"{path}[{spot}]")
    elif isinstance(node, str):
        yield path, node


def _lift_split(
    hit: Hit, pieces: Sequence[tuple[int, int, str]], payloads: Sequence[tuple[int, str]]
) -> Hit | None:
    spans: list[tuple[int, int]] = []
    for first, last in hit.pieces:
        at = 0
        for number, position, value in pieces:
            start, end = max(first - at, 0), min(last - at, len(value))
            at += len(value)
            if start < end:
                base, payload = payloads[number]
                span = _literal_span(payload, position, value, start, end)
                if span is None:
                    return None
                spans.append((base + span[0], base + span[1]))
            if at >= last:
                break
    # A single piece counts as well: the name that gives it away may stand in another delta.
    return replace(hit, pieces=tuple(spans)) if spans else None


def _literal_span(payload: str, position: int, value: str, start: int, end: int) -> tuple[int, int] | None:
    for number, match in enumerate(STRING.finditer(payload)):
        if number == position:
            if unescape(match[1]) != value:
                return None  # a repeated key: literals and values do not pair up
            return Origin(match[1], match.start(1)).lift(Hit(((start, end),), "", "")).pieces[0]
    return None


def mended(headers: Headers, before: Sequence[bytes], body: Body) -> Headers:
    """The headers of a redacted body: its length, and its compression where that went."""
    if not body.changed:
        return headers
    delta = sum(map(len, body.chunks)) - sum(map(len, before))
    made: list[tuple[str, str]] = []
    for name, value in headers:
        folded = name.lower()
        if folded == "content-length" and value.strip().isdigit():
            made.append((name, str(max(0, int(value) + delta))))
        elif not (folded == "content-encoding" and body.decoded):
            made.append((name, value))
    return tuple(made)
