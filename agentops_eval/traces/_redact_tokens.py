"""Secrets that give themselves away by their shape, wherever they stand in a text.

Everything here is linear in the text: prefixes are searched as literals, a token is read once with
possessive or bounded expressions, and the search goes on behind whatever was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from agentops_eval.traces._placeholder import PLACEHOLDER, placeholder
from agentops_eval.traces._redact_names import opaque
from agentops_eval.traces._redact_rules import Compiled

# What wins where two hits claim the same characters.
CERTAIN, KNOWN, SHAPED, TOLD, NAMED = range(5)


@dataclass(frozen=True, slots=True)
class Hit:
    """Characters that spell a secret: one piece, or several where a stream split it.

    ``rank`` tells how it was recognised: as a placeholder, a value learnt, by its own shape, by the
    words around it (``Bearer ...``), by its field's name. ``hexed`` says how many times it
    is written as hex digits, as bytes are; what replaces it is written likewise.
    """

    pieces: tuple[tuple[int, int], ...]
    kind: str
    secret: str
    rank: int = SHAPED
    hexed: int = 0

    @property
    def start(self) -> int:
        """Where the first piece begins."""
        return self.pieces[0][0]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A family of keys: how it begins, how one reads on, and what tells it from prose."""

    kind: str
    prefix: re.Pattern[str]
    whole: re.Pattern[str]
    check: Callable[[str], bool]
    strict: bool  # the prefix is long enough not to occur in base64 by chance


def _worded(token: str) -> bool:
    """``sk-fading-circle-container`` is a CSS class; keys have digits, capitals or no inner hyphen."""
    body = token[3:]
    return any(c.isdigit() or c.isupper() for c in body) or "-" not in body.strip("-")


def _numbered(token: str) -> bool:
    return any(c.isdigit() for c in token)


def _shape(
    kind: str, prefix: str, whole: str, *, check: Callable[[str], bool] = bool, strict: bool = False
) -> _Shape:
    return _Shape(kind, re.compile(prefix), re.compile(whole, re.ASCII), check, strict)


_KEY = "api-key"
_RUN = re.compile(r"[A-Za-z0-9_-]*+")
# By a literal that must be in the text before any of the expressions is tried.
_SHAPES = {
    "-": (
        _shape(_KEY, r"sk-(?=ant-|proj-|svcacct-|admin-|or-v1-)", r"sk-[A-Za-z]++-[\w-]{12,}+", strict=True),
        _shape(_KEY, r"sk-", r"sk-[\w-]{16,}+", check=_worded),
        _shape("slack-token", r"xox[a-z]-|xapp-", r"x(?:ox.|app)-[\w-]{10,}+", check=_numbered),
        _shape(
            _KEY,
            r"(?:glpat|gldt|glrt|nvapi|pplx|tvly|csk|sgp|dsk|xai|dckr_pat)-",
            r"[a-z_]++-[\w-]{16,}+",
            check=lambda token: opaque(token.partition("-")[2]),
        ),
        _shape("client-secret", r"GOCSPX-", r"GOCSPX-[\w-]{20,}+", strict=True),
    ),
    "_": (
        _shape("github-token", r"gh[pousr]_", r"gh._[A-Za-z0-9]{30,}+"),
        _shape("github-token", r"github_pat_", r"github_pat_\w{22,}+", strict=True),
        _shape(_KEY, r"[srp]k_(?=live_|test_)", r".k_...._\w{10,}+", strict=True),
        _shape(
            _KEY,
            r"(?:hf|gsk|r8|fw|e2b|xai|pcsk|npm|whsec|tgp_v1|dop_v1|lsv2_pt|lsv2_sk|sk)_",
            r"[a-z0-9]++_(?:v1_|pt_|sk_)?+\w{20,}+",
            check=lambda token: opaque(token.partition("_")[2], least=20),
        ),
    ),
    "AIza": (_shape(_KEY, "AIza", r"AIza[\w-]{30,60}+(?![\w-])"),),
    "eyJ": (_shape("jwt", "eyJ", r"eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*+(?:\.[\w-]++)*+", strict=True),),
    "ya29.": (_shape("access-token", r"ya29\.", r"ya29\.[\w.-]{20,}+", strict=True),),
    "SG.": (_shape(_KEY, r"SG\.", r"SG\.[\w-]{16,}+\.[\w-]{16,}+", strict=True),),
    "dapi": (_shape(_KEY, "dapi", r"dapi[0-9a-f]{32}+(?:-\d)?+(?!\w)"),),
    "A3T": (_shape("aws-key", "A3T", r"A3T[A-Z0-9]{17}(?!\w)"),),
}
_AWS = _shape("aws-key", r"(?:AKI|ASI|ABI|ACC)A", r"A..A[A-Z0-9]{16}(?!\w)")

_BEARER = re.compile(r"bearer(?:\s|%20|\+){1,8}", re.IGNORECASE)
_BEARER_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{8,}+=*+")
_TELEGRAM = re.compile(r"\d{8,12}:AA[\w-]{33}(?![\w-])", re.ASCII)
_WEBHOOK = re.compile(r"hooks\.slack\.com/services/(T\w{6,20}/B\w{6,20}/\w{16,40})", re.ASCII)
_USERINFO = re.compile(r"://[^\s/:@\"'\\]{0,64}+:([^\s/@\"'\\]{1,200}+)@")
_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=\s\\:,-]*+")
_PEM_CUT = re.compile(r"(?:\s|\\[nr])*+(?:[A-Za-z0-9+/=]{16,}+(?:\s|\\[nr])*+)++")
_EMAIL_HOST = re.compile(r"@((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![A-Za-z0-9-])")

_EMAIL_NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_ESCAPED = re.compile(r"(?:\\[nrtbf]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2})\Z")

# One cheap look, each needle a literal or a class anchored at a rare character.
_RARE = (
    re.compile(r"-(?:(?<=sk-)|(?<=xox.-)|(?<=xapp-)|(?<=glpat-)|(?<=gl[dr]t-)|(?<=nvapi-)|(?<=pplx-)|(?<=tvly-)"
               r"|(?<=csk-)|(?<=sgp-)|(?<=dsk-)|(?<=xai-)|(?<=dckr_pat-)|(?<=GOCSPX-)|----BEGIN)"),
    re.compile(r"_(?:(?<=gh[pousr]_)|(?<=github_)pat_|(?<=[srp]k_)|(?<=hf_)|(?<=gsk_)|(?<=r8_)|(?<=fw_)|(?<=e2b_)"
               r"|(?<=xai_)|(?<=npm_)|(?<=whsec_)|(?<=tgp_)v1|(?<=dop_)v1|(?<=lsv2_)[ps])"),
    re.compile(r"A(?:Iza|KIA|SIA|BIA|CCA|3T[A-Z0-9]|A(?<=:AA))"),
    re.compile(r"J(?<=eyJ)"),
)  # fmt: skip
_RARE_LITERALS = ("ya29.", "SG.", "dapi", "hooks.slack", "redacted")


def shaped(text: str) -> bool:
    """Whether ``text`` may hold a secret of a known shape; cheap, and never wrongly False."""
    if any(pattern.search(text) for pattern in _RARE):
        return True
    if any(needle in text for needle in _RARE_LITERALS):
        return True
    return "://" in text and "@" in text


def shape_hits(text: str, rules: Compiled) -> Iterator[Hit]:
    """Every secret in ``text`` that shows by its shape, and every placeholder."""
    if "redacted" in text:
        for match in PLACEHOLDER.finditer(text):
            name = placeholder(match["word"], match["number"])
            yield Hit((match.span(),), match["word"], name, CERTAIN)
    for trigger, shapes in _SHAPES.items():
        if trigger in text:
            for shape in shapes:
                yield from _prefixed(text, shape)
    yield from _prefixed(text, _AWS)
    if "-----BEGIN" in text:
        yield from _pem(text)
    if "@" in text and "://" in text:
        yield from (_group(match, "url-password") for match in _USERINFO.finditer(text))
    if ":AA" in text:
        yield from (Hit((m.span(),), "api-key", m[0]) for m in _TELEGRAM.finditer(text))
    if "hooks.slack" in text:
        yield from (_group(match, "webhook") for match in _WEBHOOK.finditer(text))
    yield from _bearer(text)
    if rules.emails and "@" in text:
        yield from _emails(text)
    for kind, pattern in rules.patterns:
        yield from _own(text, kind, pattern)


def url_passwords(text: str) -> Iterator[str]:
    """The passwords in the user parts of addresses, as they stand there and as they are meant."""
    if "@" in text and "://" in text:
        for match in _USERINFO.finditer(text):
            yield from dict.fromkeys((match[1], unquote(match[1])))


def _prefixed(text: str, shape: _Shape) -> Iterator[Hit]:
    at = 0
    while (found := shape.prefix.search(text, at)) is not None:
        start = found.start()
        if not _begins(text, start):
            at = start + 1
            continue
        token = shape.whole.match(text, start)
        if token is None:  # the whole run is too short; no later start inside it could be long enough
            run = _RUN.match(text, start)
            at = max(found.end(), run.end() if run else 0)
            continue
        at = token.end()
        if shape.check(token[0]) and (shape.strict or not _inside_base64(text, *token.span())):
            yield Hit((token.span(),), shape.kind, token[0])


def _begins(text: str, start: int) -> bool:
    """Whether a token may begin here: behind no letter or digit, or behind an escape sequence."""
    before = text[max(0, start - 6) : start]
    if not before or not (before[-1].isascii() and before[-1].isalnum()):
        return True
    return _ESCAPED.search(before) is not None


def _inside_base64(text: str, start: int, end: int) -> bool:
    """Whether the match is a chance spelling inside a picture or a sound."""
    before = text[max(0, start - 256) : start]
    left = len(before) - len(before.rstrip(_BASE64))
    if left == 0:
        return False
    after = text[end : end + 256]
    right = len(after) - len(after.lstrip(_BASE64))
    return left + right + end - start >= 200 or before[: len(before) - left].endswith(";base64,")


def _bearer(text: str) -> Iterator[Hit]:
    at = 0
    while (found := _BEARER.search(text, at)) is not None:
        token = _BEARER_TOKEN.match(text, found.end())
        at = found.end() if token is None else token.end()
        if token is not None and _bearer_like(token[0].rstrip(".")):
            end = token.start() + len(token[0].rstrip("."))
            yield Hit(((token.start(), end),), "bearer-token", text[token.start() : end], TOLD)


def _bearer_like(token: str) -> bool:
    """``Bearer instruments`` is prose."""
    mixed = any(c.islower() for c in token) and any(c.isupper() for c in token[1:])
    return opaque(token, least=8) or len(token) >= 24 or (len(token) >= 16 and mixed)


def _pem(text: str) -> Iterator[Hit]:
    at, barren = 0, 0
    while (found := _PEM.search(text, at)) is not None:
        closed = None
        if found.end() > barren:  # a block inside one without an end has none either
            body = _PEM_BODY.match(text, found.end())
            barren = found.end() if body is None else body.end()
            closed = _PEM_END.search(text, found.end(), barren)
        closed = closed or _PEM_CUT.match(text, found.end())
        at = found.end() if closed is None else closed.end()
        if closed is not None:
            yield Hit(((found.start(), at),), "private-key", text[found.start() : at])


def _emails(text: str) -> Iterator[Hit]:
    for host in _EMAIL_HOST.finditer(text):
        before = text[max(0, host.start() - 64) : host.start()]
        name = len(before) - len(before.rstrip(_EMAIL_NAME))
        if name:
            start = host.start() - name
            yield Hit(((start, host.end()),), "email", text[start : host.end()])


def _own(text: str, kind: str, pattern: re.Pattern[str]) -> Iterator[Hit]:
    group: int | str = "secret" if "secret" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        start, end = match.span(group)
        if end > start:
            yield Hit(((start, end),), kind, text[start:end], TOLD if group else SHAPED)


def _group(match: re.Match[str], kind: str) -> Hit:
    return Hit((match.span(1),), kind, match[1], TOLD)
