"""Finding secrets in a text of any form: JSON, JSON inside JSON, or plain."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from agentops_eval.traces._placeholder import PLACEHOLDER
from agentops_eval.traces._redact_names import ending_kind, field_kind, may_name, opaque
from agentops_eval.traces._redact_rules import Compiled
from agentops_eval.traces._redact_tokens import KNOWN, NAMED, Hit, shape_hits, shaped

Known = tuple[tuple[str, str], ...]  # secret, kind
MAX_NESTING = 8
BYTES = "$bytes"
_HEX = re.compile(r"(?:[0-9a-f]{2})++")

# The content of a JSON string literal, closed or cut off, and the colon that makes it a key.
STRING = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"(\s*+:)?+|\\?\Z)', re.DOTALL)

_NAMED = (
    r"(?:api[_-]?key|(?:access|auth|refresh|id|session|security|bearer|api)[_-]?token"
    r"|client[_-]?secret|secret[_-]?(?:access[_-]?)?key|password|passwd|passphrase|pwd|private[_-]?key)"
)
_ASSIGNED = re.compile(
    rf"{_NAMED}[\"'\\\\]{{0,4}}+\s{{0,4}}+(?::=|[:=])\s{{0,4}}+"
    r"(?:\\*+\"([^\"\\\n]{1,256}+)|\\*+'([^'\\\n]{1,256}+)|([^\s\"'\\,;&<>(){}\[\]]{4,256}+)(?!\())",
    re.IGNORECASE,
)
_NAME_KIND = re.compile(r"[a-z0-9_-]+", re.IGNORECASE)
_HEADER_LINE = re.compile(
    r"(?:authorization|x-api-key|api-key)[\"'\\]{0,4}+\s{0,4}+[:=]\s{0,4}+[\"'\\]{0,4}+"
    r"(?:(?:basic|bearer|token|apikey)\s{1,4}+)?([A-Za-z0-9._~+/=:-]{8,}+)",
    re.IGNORECASE,
)
SCHEME = re.compile(
    r"(?:(?:bearer|basic|digest|token|negotiate|apikey|key|aws4-hmac-sha256)\s+)?", re.IGNORECASE
)


def suspicious(text: str, rules: Compiled) -> bool:
    """Whether a closer look is worth it; cheap, and never wrongly False."""
    if BYTES in text or shaped(text) or (rules.emails and "@" in text):
        return True
    if may_name(text.lower()):
        return True
    return any(pattern.search(text) for _, pattern in rules.patterns)


def candidates(text: str, known: Known) -> Known:
    """The learnt values that may stand in ``text``, possibly behind JSON escapes or as hex digits."""
    if BYTES in text:
        return known
    return tuple([pair for pair in known if pair[0] in text or not _verbatim(pair[0])])


def scan(text: str, rules: Compiled, known: Known = (), *, depth: int = 0) -> list[Hit]:
    """Every secret in ``text``, unsorted and possibly overlapping. Linear in its length."""
    if depth == 0:
        known = candidates(text, known)
    elif BYTES not in text:
        known = tuple([pair for pair in known if pair[0] in text])
    if not known and (len(text) < 6 or not suspicious(text, rules)):
        return []
    if depth < MAX_NESTING and is_json(text):
        hits = list(_json_hits(text, rules, known, depth))
    else:
        hits = plain_hits(text, rules, known)
        if depth < MAX_NESTING and '"' in text:
            hits += _json_hits(text, rules, known, MAX_NESTING)
    return wanted(hits, rules)


def plain_hits(text: str, rules: Compiled, known: Known) -> list[Hit]:
    """Secrets in a text taken as it stands, without structure."""
    hits = list(shape_hits(text, rules))
    hits += known_hits(text, known)
    hits += _assigned(text)
    return hits


def wanted(hits: Iterable[Hit], rules: Compiled) -> list[Hit]:
    """The hits that the user did not allow and that are more than a placeholder in a frame."""
    return [
        hit
        for hit in hits
        if hit.rank < KNOWN or not (_spent(hit.secret) or (rules.allow and rules.allowed(hit.secret)))
    ]


def _spent(secret: str) -> bool:
    """Whether nothing but placeholders is left of a value."""
    if "redacted" not in secret:
        return False
    rest = PLACEHOLDER.sub("", secret)
    return rest != secret and not rest.strip(" \t\r\n\"'\\,;:=&")


def known_hits(text: str, known: Known) -> Iterator[Hit]:
    """Every occurrence of a learnt value."""
    for secret, kind in known:
        at = text.find(secret)
        while at >= 0:
            yield Hit(((at, at + len(secret)),), kind, secret, KNOWN)
            at = text.find(secret, at + len(secret))


def is_json(text: str) -> bool:
    """Whether the whole text is one JSON document with structure."""
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def named_hit(name: str, value: str, start: int, end: int) -> Hit | None:
    """The hit for a field whose name says that its value is secret, the scheme word left out."""
    kind = field_kind(name, value)
    if not kind or not value:
        return None
    skip = SCHEME.match(value)
    offset = skip.end() if skip is not None and skip.end() < len(value) else 0
    return Hit(((start + offset, end),), kind, value[offset:], NAMED)


def _json_hits(text: str, rules: Compiled, known: Known, depth: int) -> Iterator[Hit]:
    name, expected = "", -1
    for match in STRING.finditer(text):
        raw = match[1]
        value = unescape(raw) if "\\" in raw else raw
        is_key = match[2] is not None
        found: list[Hit] = []
        holds = not is_key and expected >= 0 and not text[expected : match.start()].strip()
        if holds:
            named = named_hit(name, value, 0, len(value))
            found += [] if named is None else [named]
        if holds and name == BYTES and _HEX.fullmatch(value):
            found += _byte_hits(value, rules, known, min(depth + 1, MAX_NESTING))
        elif depth < MAX_NESTING:
            found += scan(value, rules, known, depth=depth + 1)
        if found:
            origin = Origin(raw, match.start(1))
            yield from (origin.lift(hit) for hit in found)
        name, expected = (value, match.end()) if is_key else ("", -1)


def _byte_hits(digits: str, rules: Compiled, known: Known, depth: int) -> Iterator[Hit]:
    """Secrets in bytes that are written as hex digits, as those of tools are."""
    data = bytes.fromhex(digits)
    try:
        text, codec = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = data.decode("latin-1"), "latin-1"
    for hit in scan(text, rules, known, depth=depth):
        pieces = [
            (2 * len(text[:start].encode(codec)), 2 * len(text[:end].encode(codec)))
            for start, end in hit.pieces
        ]
        yield replace(hit, pieces=tuple(pieces), hexed=hit.hexed + 1)
    for hit in known_hits(digits, known):  # drawn as bytes, known by its hex digits
        if hit.start % 2 == 0 and len(hit.secret) % 2 == 0:
            yield replace(hit, hexed=1)


def _assigned(text: str) -> Iterator[Hit]:
    for match in _ASSIGNED.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number] is not None)
        value = match[group]
        if group == 3 and not any(c.isdigit() or c in "!@#$%^*" for c in value):
            continue  # a type, a variable or prose: ``password: str``
        if group != 3 and value.lstrip()[:1] in ("}", "]", ","):
            continue  # the quote ended a JSON string, and its document goes on: ``"the password:"}``
        name = _NAME_KIND.match(match[0])
        kind = ending_kind(name[0] if name else "") or "secret"
        yield Hit((match.span(group),), kind, value, NAMED)
    for match in _HEADER_LINE.finditer(text):
        if opaque(match[1], least=8):
            yield Hit((match.span(1),), "authorization", match[1], NAMED)


@lru_cache(maxsize=1024)
def _verbatim(secret: str) -> bool:
    return secret.isascii() and secret.isprintable() and not any(c in "\"'\\/<>&+" for c in secret)


_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|\\\Z", re.DOTALL
)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def unescape(raw: str) -> str:
    """The value of a JSON string literal's content; broken escapes stand for themselves."""
    try:
        value = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return _ESCAPE.sub(lambda match: _decoded(match[0]), raw)
    return str(value)


def _decoded(escape: str) -> str:
    if len(escape) == 12:
        return (
            (chr(int(escape[2:6], 16)) + chr(int(escape[8:], 16)))
            .encode("utf-16", "surrogatepass")
            .decode("utf-16")
        )
    if len(escape) == 6:
        return chr(int(escape[-4:], 16))
    return _SIMPLE.get(escape[1:], escape[1:])


class Origin:
    """Where the characters of a decoded string literal stand in the raw text."""

    def __init__(self, raw: str, base: int) -> None:
        self._base = base
        self._decoded = [0]
        self._raw = [0]
        shift = 0
        for match in _ESCAPE.finditer(raw) if "\\" in raw else ():
            width = len(_decoded(match[0]))
            shift += match.end() - match.start() - width
            self._decoded.append(match.end() - shift)
            self._raw.append(match.end())

    def lift(self, hit: Hit) -> Hit:
        """The same hit in coordinates of the raw text."""
        pieces = tuple((self._at(start), self._at(end)) for start, end in hit.pieces)
        return replace(hit, pieces=pieces)

    def _at(self, position: int) -> int:
        step = bisect_right(self._decoded, position) - 1
        return self._base + self._raw[step] + position - self._decoded[step]
