"""From hits to a rewritten text: overlaps merged, secrets numbered, pieces replaced."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from urllib.parse import unquote

from agentops_eval.traces._placeholder import placeholder
from agentops_eval.traces._redact_names import opaque
from agentops_eval.traces._redact_rules import Compiled
from agentops_eval.traces._redact_tokens import KNOWN, TOLD, Hit

MAX_LEARNT = 1024
LEARNT_FROM = 12
Edit = tuple[int, int, str]


@dataclass(slots=True)
class Numbering:
    """The placeholders of one document: equal secrets share one, each word for them counts from 1.

    ``learnt`` collects values that only what stands around them gave away, a field's name or the
    scheme of a header; once they are known, they are found in other places too.
    """

    rules: Compiled
    names: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)

    def name(self, hit: Hit) -> str:
        """The placeholder for a hit."""
        known = self.names.get(hit.secret)
        if known is None:
            word = self.rules.shown_kind(hit.kind)
            self.counts[word] = self.counts.get(word, 0) + 1
            known = self.names[hit.secret] = placeholder(word, self.counts[word])
            # Long values are documents in themselves; cookies and signatures change with every message.
            fit = len(hit.secret) <= MAX_LEARNT and hit.kind not in ("cookie", "signature")
            if hit.rank >= TOLD and fit:
                self.learnt |= {
                    secret: hit.kind for secret in _meant(hit) if opaque(secret, least=LEARNT_FROM)
                }
        return known

    def repeat(self) -> None:
        """From now on a placeholder that was given already stands for the same when it is met."""
        for name in tuple(self.names.values()):
            self.names.setdefault(name, name)


def _meant(hit: Hit) -> tuple[str, ...]:
    """A secret, and what it says where it is written in another way: ``Basic dXNlcjpwYXNzd29yZA==``."""
    if hit.kind == "url-password":
        return (hit.secret, unquote(hit.secret))
    if hit.kind == "authorization":
        try:
            _, _, password = b64decode(hit.secret, validate=True).decode("latin-1").partition(":")
        except ValueError:
            return (hit.secret,)
        return (hit.secret, password)
    return (hit.secret,)


def merge(hits: Iterable[Hit]) -> list[Hit]:
    """Hits without overlaps, in order: what overlaps is joined under the identity of the longest."""
    ordered = sorted(hits, key=lambda hit: hit.start)
    pieces = sorted((start, end, number) for number, hit in enumerate(ordered) for start, end in hit.pieces)
    groups = list(range(len(ordered)))

    def root(number: int) -> int:
        while groups[number] != number:
            groups[number] = groups[groups[number]]
            number = groups[number]
        return number

    reach, last = -1, -1
    for start, end, number in pieces:
        if start < reach:
            groups[root(number)] = root(last)
        if end > reach:
            reach, last = end, number
    joined: dict[int, list[Hit]] = {}
    for number, hit in enumerate(ordered):
        joined.setdefault(root(number), []).append(hit)
    return sorted((_join(group) for group in joined.values()), key=lambda hit: hit.start)


def _join(group: Sequence[Hit]) -> Hit:
    if len(group) == 1:
        return group[0]
    best = min(group, key=lambda hit: (-_length(hit), hit.rank))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(piece for hit in group for piece in hit.pieces):
        if spans and start <= spans[-1][1] and start < end:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    # Known by its shape here, but perhaps only from its surroundings: to be learnt all the same.
    told = max((hit.rank for hit in group if hit.secret == best.secret), default=best.rank)
    return replace(best, pieces=tuple(spans), rank=best.rank if best.rank <= KNOWN else told)


def _length(hit: Hit) -> int:
    return sum(end - start for start, end in hit.pieces)


def edits(text: str, hits: Iterable[Hit], numbering: Numbering) -> list[Edit]:
    """What to replace, in order; nothing where the text already reads as it should."""
    made: list[Edit] = []
    for hit in merge(hits):
        name = numbering.name(hit)
        for _ in range(hit.hexed):
            name = name.encode().hex()
        if "".join(text[start:end] for start, end in hit.pieces) == name:
            continue
        for number, (start, end) in enumerate(hit.pieces):
            made.append((start, end, name if number == 0 else ""))
    return sorted(made)


def apply(text: str, changes: Sequence[Edit]) -> str:
    """The text with its edits made."""
    if not changes:
        return text
    parts: list[str] = []
    at = 0
    for start, end, name in changes:
        parts += (text[at:start], name)
        at = end
    parts.append(text[at:])
    return "".join(parts)


def apply_to_chunks(chunks: Sequence[bytes], text: str, codec: str, changes: Sequence[Edit]) -> list[bytes]:
    """The chunks of an encoded text with its edits made; their number stays.

    A placeholder is spread over all the chunks that its secret touched, so that none of them
    becomes empty while there are letters to give.
    """
    made = [bytearray() for _ in chunks]
    bounds = list(accumulate(len(chunk) for chunk in chunks))
    joined = b"".join(chunks)
    cursor = index = 0
    for start, end, name in [*_byte_positions(text, codec, changes), (len(joined), len(joined), "")]:
        touched: list[int] = []
        while cursor < end:
            while bounds[index] <= cursor:
                index += 1
            stop = min(bounds[index], start if cursor < start else end)
            if cursor < start:
                made[index] += joined[cursor:stop]
            else:
                touched.append(index)
            cursor = stop
        for number, share in _shares(touched, name.encode("ascii")):
            made[number] += share
    return [bytes(part) for part in made]


def _shares(touched: Sequence[int], name: bytes) -> Iterable[tuple[int, bytes]]:
    for place, number in enumerate(touched[:-1]):
        yield number, name[place : place + 1]
    if touched:
        yield touched[-1], name[len(touched) - 1 :]


def _byte_positions(text: str, codec: str, changes: Sequence[Edit]) -> list[Edit]:
    if text.isascii() or codec == "latin-1":
        return list(changes)
    made: list[Edit] = []
    at, size = 0, 0
    for start, end, name in changes:
        size += len(text[at:start].encode(codec))
        first = size
        size += len(text[start:end].encode(codec))
        made.append((first, size, name))
        at = end
    return made
