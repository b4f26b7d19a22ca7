"""Requests that are equal but for values where the recording has placeholders for secrets.

A secret is recognised by its shape, by the field it stands in, or because something gave it away
before. A replay runs with other keys than the recording (dummies, as a rule), and may ask before
it was told: then a value stands in clear where the recorded request has a placeholder. Only those of
credentials count; what a pattern of the user's hides looks the same in every run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from urllib.parse import unquote

from agentops_eval.domain import HttpRequest, Request, ascii_json
from agentops_eval.replay._canonical import tree_of
from agentops_eval.traces import PLACEHOLDER, SECRET

MAX_VALUE = 512
"""Longer values are no stand-ins for a key."""

_DIGITS = b"redacted".hex()
_TOKEN = re.compile(r"[^\s\"\\]+")
_KEY = re.compile(r"[A-Za-z0-9_.~+=:@-]+")
"""What a key or its stand-in is made of: no path, no list, no sentence."""


def written(canonical: Request) -> str:
    """A canonical request as one text, in which placeholders stand as they are."""
    if isinstance(canonical, HttpRequest):
        head = [canonical.method, canonical.url, *(f"{name}: {value}" for name, value in canonical.headers)]
        return "\n".join([*head, "", canonical.body.decode("utf-8", "surrogateescape")])
    return ascii_json(tree_of(canonical))


def may_be_masked(request: Request) -> bool:
    """Whether a placeholder can stand in what counts of the request; cheap."""
    if isinstance(request, HttpRequest):
        return b"redacted" in request.body or "redacted" in request.url or "redacted" in repr(request.headers)
    shown = repr(request)
    return "redacted" in shown or _DIGITS in shown


def masked(text: str) -> bool:
    """Whether a placeholder stands in the text."""
    return "redacted" in text and any(_secrets(text))


def stand_ins(recorded: str, asked: str) -> AbstractSet[str] | None:
    """The values in ``asked`` that stand where ``recorded`` has placeholders.

    None where the texts differ in anything else, or where one placeholder would stand for two
    values or two for one; what the asking side recognised itself has a placeholder there too.
    Linear in the length of the texts.
    """
    literals, names, begun = [], [], 0
    for found in _secrets(recorded):
        literals.append(recorded[begun : found.start()])
        names.append(found["number"])
        begun = found.end()
    literals.append(recorded[begun:])
    if not names or not asked.startswith(literals[0]):
        return None
    at = len(literals[0])
    values: dict[str, str] = {}
    for number, (name, literal) in enumerate(zip(names, literals[1:], strict=True), start=1):
        last = number == len(names)
        end = _end(asked, at, literal, last=last)
        value = unquote(asked[at:end]) if end > at else ""
        if not masked(value) and not (_KEY.fullmatch(value) and values.setdefault(name, value) == value):
            return None
        at = end + len(literal)
    distinct = set(values.values())
    return distinct if at == len(asked) and len(distinct) == len(values) else None


def _secrets(text: str) -> Iterator[re.Match[str]]:
    return (found for found in PLACEHOLDER.finditer(text) if found["word"] == SECRET)


def _end(asked: str, at: int, literal: str, *, last: bool) -> int:
    """Where the value that begins at ``at`` ends, so that ``literal`` follows; -1 where nowhere."""
    token = _TOKEN.match(asked, at, at + MAX_VALUE)
    if token is None:
        return -1
    if last:
        end = len(asked) - len(literal)
        return end if at < end <= token.end() and asked.endswith(literal) else -1
    # Not the longest: what follows, up to the next placeholder, is longer than a chance repetition.
    end = asked.find(literal, at + 1, token.end() + len(literal)) if literal else -1
    return end if end <= token.end() else -1
