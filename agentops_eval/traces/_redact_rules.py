"""Which names carry secrets: headers, query keys and JSON fields, and the user's own rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from agentops_eval.domain import ConfigInvalid
from agentops_eval.traces._placeholder import SECRET
from agentops_eval.traces._redact_names import SEPARATORS, WEAK_HEADER, field_kind, header_ending


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRules:
    """What is a secret, beside what is always one.

    ``emails`` also redacts addresses. ``patterns`` are pairs of a kind and a regular expression;
    where it has a group named ``secret``, only that group is replaced. ``headers`` and ``query``
    are further names whose values are secret. ``allow`` are expressions: a value that one of them
    matches in full is left as it is.
    """

    emails: bool = False
    patterns: tuple[tuple[str, str], ...] = ()
    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()


_HEADERS = {
    "authorization": "authorization",
    "proxy-authorization": "authorization",
    "cookie": "cookie",
    "set-cookie": "cookie",
    "openai-organization": "organization",
    "openai-project": "project",
    "anthropic-organization-id": "organization",
    "x-goog-authenticated-user-email": "email",
    "ocp-apim-subscription-key": "api-key",
    "x-functions-key": "api-key",
    "helicone-auth": "authorization",
}
_QUERY = {"key": "api-key", "signature": "signature", "sig": "signature", "token": "token", "auth": "token"}
_QUERY_PREFIXES = ("xamz", "xgoog")


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """Rules ready for use: patterns compiled, names folded."""

    emails: bool
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    allow: tuple[re.Pattern[str], ...]
    headers: frozenset[str]
    query: frozenset[str]
    _header_kinds: dict[str, str] = field(default_factory=dict)

    def shown_kind(self, kind: str) -> str:
        """The word for a kind in a placeholder: the user's own, ``email``, or ``secret``.

        A key and the stand-in for it that a replay runs with look different and are recognised by
        different rules; their placeholders must be the same.
        """
        return kind if kind == "email" or any(kind == own for own, _ in self.patterns) else SECRET

    def header_kind(self, name: str) -> str:
        """The kind of secret that a header holds; empty for a harmless one."""
        kind = self._header_kinds.get(name)
        if kind is None:
            if len(self._header_kinds) > 1000:
                self._header_kinds.clear()
            kind = self._header_kinds[name] = self._header_kind(name.lower())
        return kind

    def _header_kind(self, folded: str) -> str:
        if folded in _HEADERS:
            return _HEADERS[folded]
        if folded in self.headers and header_ending(folded) in ("", WEAK_HEADER):
            return "header"
        return header_ending(folded)

    def query_kind(self, name: str, value: str) -> str:
        """The kind of secret that ``value`` is as a query key or form field; empty for a harmless one."""
        folded = fold(name)
        if folded.startswith(_QUERY_PREFIXES):
            return "signature"
        kind = _QUERY.get(folded) or field_kind(name.rstrip("[]"), value)
        return kind or ("query" if name.lower() in self.query else "")

    def allowed(self, secret: str) -> bool:
        """Whether the user said that this value may stay."""
        return any(pattern.fullmatch(secret) for pattern in self.allow)


def fold(name: str) -> str:
    """``Client-Secret``, ``client_secret`` and ``clientSecret`` are one name."""
    return name.translate(SEPARATORS).lower()


def slug(name: str) -> str:
    """A kind as it stands in a placeholder: lower-case letters, digits and hyphens."""
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    return kept if kept[:1].isalpha() else f"secret-{kept}".rstrip("-")


@lru_cache(maxsize=32)
def compile_rules(rules: RedactionRules) -> Compiled:
    """Compile once per set of rules. Raises ConfigInvalid for a pattern that is no expression."""
    return Compiled(
        emails=rules.emails,
        patterns=tuple((slug(name), _pattern(name, text)) for name, text in rules.patterns),
        allow=tuple(_pattern("allow", text) for text in rules.allow),
        headers=frozenset(name.lower() for name in rules.headers),
        query=frozenset(name.lower() for name in rules.query),
    )


def _pattern(name: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ConfigInvalid(
            f"the redaction pattern {name!r} is not a regular expression: {error}",
            where=text,
            remedy="mend the expression in redact_patterns or redact_allow, under [tool.agentops]",
        ) from error
