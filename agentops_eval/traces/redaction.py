"""Keeping secrets out of files: what is redacted before a write, and what is checked after it.

A secret becomes ``[redacted:secret-<n>]``, or the user's own word where a pattern of theirs found
it. The number is an ordinal inside one document (a request, an event, a golden), so equal secrets
stay equal and nothing about them can be guessed. A placeholder in the input counts as a secret and
is numbered anew: an agent that repeats a redacted answer during replay sends a request that redacts
to the recorded one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote

from agentops_eval.domain import (
    ApprovalRequest,
    Event,
    Failure,
    HandoffRequest,
    Headers,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Label,
    LlmRequest,
    McpRequest,
    Outcome,
    Request,
    ToolRequest,
    ValueReply,
    to_json,
)
from agentops_eval.traces._placeholder import SECRET
from agentops_eval.traces._redact_body import mended, pair_hits, redact_body
from agentops_eval.traces._redact_edit import LEARNT_FROM, MAX_LEARNT, Numbering, apply, edits, merge
from agentops_eval.traces._redact_names import WEAK_HEADER, header_ending, opaque, variable_kind
from agentops_eval.traces._redact_rules import Compiled, RedactionRules, compile_rules, slug
from agentops_eval.traces._redact_scan import SCHEME, Known, candidates, scan, suspicious, wanted
from agentops_eval.traces._redact_tokens import CERTAIN, NAMED, Hit, url_passwords

Value = TypeVar("Value")
_Finder = Callable[[str, str, Compiled, Known], list[Hit]]
LEAST_LEARNT = 6
_FROM_RECORDINGS = frozenset({Label.REPLAYED, Label.BRANCH, Label.SYNTHESISED})
DEFAULT_RULES = RedactionRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A secret that still stands in a text, from ``start`` to ``end``; ``excerpt`` is masked."""

    kind: str
    start: int
    end: int
    excerpt: str


def find_secrets(text: str, rules: RedactionRules = DEFAULT_RULES) -> tuple[Finding, ...]:
    """Every secret that stands in ``text``, in order. Placeholders are none."""
    return _findings(scan(text, compile_rules(rules)))


class Redactor:
    """Redacts documents under one set of rules, with what it learnt during a run. Thread-safe."""

    def __init__(self, rules: RedactionRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self._compiled = compile_rules(rules)
        self._lock = threading.Lock()
        self._known: Known = ()
        self._learnt: list[str] = []
        self._memory: dict[tuple[str, str, Known], list[Hit]] = {}

    def learn(self, secret: str, kind: str) -> None:
        """Redact this value from now on wherever it occurs, also where it is percent-encoded.

        Values shorter than six characters are not learnt: they occur by chance.
        """
        if len(secret) < LEAST_LEARNT:
            return
        with self._lock:
            known = dict(self._known)
            fresh = [spelling for spelling in (secret, quote(secret, safe="")) if spelling not in known]
            known |= dict.fromkeys(fresh, slug(kind))
            self._learnt += dict.fromkeys(fresh)
            self._known = tuple(sorted(known.items(), key=lambda pair: -len(pair[0])))

    def learn_drawn(self, value: str) -> None:
        """Learn a value where it looks drawn at random; a word would be found everywhere."""
        if len(value) <= MAX_LEARNT and opaque(value, least=LEARNT_FROM):
            self.learn(value, SECRET)

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Redact the values of variables that are named like secrets and look drawn at random."""
        for name, value in environment.items():
            if len(value) > MAX_LEARNT:
                continue
            if (kind := variable_kind(name)) and opaque(value, least=LEARNT_FROM):
                self.learn(value, kind)
            for password in url_passwords(value):
                if opaque(password, least=LEARNT_FROM):
                    self.learn(password, "url-password")

    def text(self, text: str) -> str:
        """A text as a document of its own."""
        return self._document(lambda numbering: self._text(text, numbering))

    def json(self, value: Json) -> Json:
        """A JSON value as a document of its own; only strings change, the same object if none does."""
        return self._document(lambda numbering: self._json(value, numbering))

    def request(self, request: HttpRequest) -> HttpRequest:
        """A request as a document of its own. A body without secrets keeps its very bytes."""
        return self._document(lambda numbering: self._http_request(request, numbering))

    def event(self, event: Event) -> Event:
        """An event as a document: its request first, numbered as ``request`` would, then its outcome."""
        made = self._document(lambda numbering: self._event(event, numbering))
        return replace(made, boundary=self.text(event.boundary), span=self.text(event.span))

    def events(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Events as ``event`` gives each, redacted by what all of them together give away."""
        kept = tuple(events)
        while True:  # until nothing new is learnt: what a later event gives away stands in earlier ones
            known = self._known
            made = tuple([self.event(event) for event in kept])
            if self._known == known:
                return made

    @property
    def learnt(self) -> int:
        """How many spellings of secrets are known by now; it only grows."""
        return len(self._learnt)

    def learnt_since(self, count: int) -> tuple[str, ...]:
        """The spellings that were learnt after ``count`` of them were known."""
        return tuple(self._learnt[count:])

    def find(self, text: str) -> tuple[Finding, ...]:
        """Like ``find_secrets``, and values learnt during the run are found too."""
        return _findings(scan(text, self._compiled, self._known))

    def _document(self, redact: Callable[[Numbering], Value]) -> Value:
        numbering = Numbering(self._compiled)
        made = redact(numbering)
        if numbering.learnt:  # the value may also stand where no name gave it away
            for secret, kind in numbering.learnt.items():
                self.learn(secret, kind)
            made = redact(Numbering(self._compiled))
        return made

    def _event(self, event: Event, numbering: Numbering) -> Event:
        request = self._request(event.request, numbering)
        if event.label in _FROM_RECORDINGS:  # its placeholders were numbered behind the same request
            numbering.repeat()
        return replace(event, request=request, outcome=self._outcome(event.outcome, numbering))

    def _request(self, request: Request, numbering: Numbering) -> Request:
        if isinstance(request, HttpRequest):
            return self._http_request(request, numbering)
        if isinstance(request, ToolRequest):
            arguments = self._json(request.arguments, numbering)
            assert isinstance(arguments, Mapping)
            key = request.idempotency_key
            key = key if key is None else self._text(key, numbering)
            signature = self.text(request.signature)  # the default of a parameter may be a key
            name, server = self.text(request.name), self.text(request.server)
            made = replace(request, name=name, arguments=arguments, idempotency_key=key)
            return replace(made, signature=signature, server=server)
        if isinstance(request, McpRequest):
            params = self._json(request.params, numbering)
            assert isinstance(params, Mapping)
            return replace(request, server=self.text(request.server), params=params)
        if isinstance(request, LlmRequest):
            told = self._json(list(request.conversation), numbering)
            assert isinstance(told, list)
            llm, provider = self.text(request.llm), self.text(request.provider)
            return replace(request, conversation=tuple(told), llm=llm, provider=provider)
        if isinstance(request, HandoffRequest):
            message = self._json(request.message, numbering)
            sender, recipient = self.text(request.sender), self.text(request.recipient)
            return replace(request, message=message, sender=sender, recipient=recipient)
        if isinstance(request, ApprovalRequest):
            action = self._text(request.action, numbering)
            return replace(request, action=action, details=self._json(request.details, numbering))
        return request

    def _outcome(self, outcome: Outcome | None, numbering: Numbering) -> Outcome | None:
        if isinstance(outcome, HttpReply):
            return self._reply(outcome, numbering)
        if isinstance(outcome, ValueReply):
            return replace(outcome, value=self._json(outcome.value, numbering))
        if isinstance(outcome, Failure):
            return self._failure(outcome, numbering)
        return None

    def _failure(self, failure: Failure, numbering: Numbering) -> Failure:
        message = self._text(failure.message, numbering)
        arguments = tuple(self._json(item, numbering) for item in failure.arguments)
        return replace(failure, message=message, arguments=arguments)

    def _http_request(self, request: HttpRequest, numbering: Numbering) -> HttpRequest:
        # The body is numbered first: whether the header holds a real key or a dummy must not show in it.
        chunks = [request.body] if request.body else []
        body = redact_body(
            chunks, request.headers, rules=self._compiled, known=self._known, numbering=numbering
        )
        url = self._url(request.url, numbering)
        headers = self._headers(request.headers, numbering)
        if not body.changed:
            return replace(request, url=url, headers=headers)
        headers = mended(headers, chunks, body)
        return replace(request, url=url, headers=headers, body=b"".join(body.chunks))

    def _reply(self, reply: HttpReply, numbering: Numbering) -> HttpReply:
        headers = self._headers(reply.headers, numbering)
        reason = self._text(reply.reason, numbering)
        if not isinstance(reply.body, KeptBody):
            return replace(reply, headers=headers, reason=reason)
        kept = reply.body
        before = [chunk.data for chunk in kept.chunks]
        body = redact_body(
            before, reply.headers, rules=self._compiled, known=self._known, numbering=numbering
        )
        if body.changed:
            pairs = zip(kept.chunks, body.chunks, strict=True)
            kept = replace(kept, chunks=tuple(replace(chunk, data=data) for chunk, data in pairs))
        if kept.end.failure is not None:
            failure = self._failure(kept.end.failure, numbering)
            kept = replace(kept, end=replace(kept.end, failure=failure))
        return replace(reply, headers=mended(headers, before, body), reason=reason, body=kept)

    def _url(self, url: str, numbering: Numbering) -> str:
        hits = self._remembered("", url, _url_hits)
        return apply(url, edits(url, hits, numbering))

    def _headers(self, headers: Headers, numbering: Numbering) -> Headers:
        made: list[tuple[str, str]] = []
        kinds = [self._compiled.header_kind(name) for name, _ in headers]
        plain = "\n".join([value for (_, value), kind in zip(headers, kinds, strict=True) if not kind])
        harmless = self._harmless(plain)
        for (name, value), kind in zip(headers, kinds, strict=True):
            hits = self._remembered(name, value, header_hits) if kind or not harmless else []
            made.append((name, apply(value, edits(value, hits, numbering))))
        return tuple(made)

    def _remembered(self, name: str, value: str, find: _Finder) -> list[Hit]:
        """What ``find`` gives, kept: a run sends the same keys to the same addresses again and again."""
        known, memory = self._known, self._memory
        hits = memory.get((name, value, known))
        if hits is None:
            if len(memory) > 500:
                memory.clear()
            hits = memory[name, value, known] = find(name, value, self._compiled, known)
        return hits

    def _harmless(self, text: str) -> bool:
        return not suspicious(text, self._compiled) and not candidates(text, self._known)

    def _text(self, text: str, numbering: Numbering) -> str:
        return apply(text, edits(text, scan(text, self._compiled, self._known), numbering))

    def _json(self, value: Json, numbering: Numbering) -> Json:
        try:
            text = json.dumps(value, ensure_ascii=False)
        except TypeError:
            text = json.dumps(to_json(value), ensure_ascii=False)
        if self._harmless(text):
            return value
        changes = edits(text, scan(text, self._compiled, self._known), numbering)
        made: Json = json.loads(apply(text, changes)) if changes else value
        return made


_COOKIE_ATTRIBUTES = ("path", "domain", "expires", "max-age", "samesite", "priority", "version", "comment")


def header_hits(name: str, value: str, rules: Compiled, known: Known) -> list[Hit]:
    """Every secret in the value of one header; an authorization scheme's name stays readable."""
    kind = rules.header_kind(name)
    if not kind or not value or (kind == WEAK_HEADER and not opaque(value)):
        return scan(value, rules, known)
    if kind == "cookie":
        cookies = _cookie_hits(value, setting=name.lower() == "set-cookie")
        return wanted([*cookies, *scan(value, rules, known)], rules)
    scheme = SCHEME.match(value)
    start = scheme.end() if scheme is not None and scheme.end() < len(value) else 0
    named = Hit(((start, len(value)),), kind, value[start:], NAMED)
    return wanted([named, *scan(value, rules, known)], rules)


def secret_header(name: str) -> bool:
    """Whether a header of this lower-case name holds a secret whatever its value looks like."""
    return header_ending(name) not in ("", WEAK_HEADER)


def _url_hits(_: str, url: str, rules: Compiled, known: Known) -> list[Hit]:
    """Every secret in an address: its user part, its path, its query, its fragment."""
    head, mark, rest = url.partition("?")
    query, hash_mark, fragment = rest.partition("#")
    start = len(head) + len(mark)
    hits = scan(url, rules, known)
    hits += pair_hits(query, rules, known, base=start)
    return hits + pair_hits(fragment, rules, known, base=start + len(query) + len(hash_mark))


def _cookie_hits(value: str, *, setting: bool) -> list[Hit]:
    hits: list[Hit] = []
    at = 0
    for number, part in enumerate(value.split(";")):
        name, equals, content = part.partition("=")
        start, end = at + len(name) + len(equals), at + len(part)
        at = end + 1
        folded = name.strip().lower()
        # A comma begins another cookie, but for the one in a date.
        single = content.count(",") <= (folded == "expires")
        if setting and number > 0 and folded in _COOKIE_ATTRIBUTES and single:
            continue
        if not equals:  # a flag such as HttpOnly, or a cookie without a name
            if number > 0 or not part.strip():
                continue
            start, content = end - len(part), part
        if content:
            hits.append(Hit(((start, end),), "cookie", content, NAMED))
    return hits


def _findings(hits: Sequence[Hit]) -> tuple[Finding, ...]:
    placeholders = [piece for hit in hits if hit.rank == CERTAIN for piece in hit.pieces]
    found: list[Finding] = []
    for hit in merge(hit for hit in hits if hit.rank != CERTAIN):
        for start, end in hit.pieces:
            if not any(first <= start and end <= last for first, last in placeholders):
                excerpt = f"{hit.secret[:3]}*** ({len(hit.secret)} characters)"
                found.append(Finding(kind=hit.kind, start=start, end=end, excerpt=excerpt))
    return tuple(found)


__all__ = ["Finding", "RedactionRules", "Redactor", "find_secrets", "secret_header"]
