"""Two watched runs compared: which call did only one of them make, and did they end alike?"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agentops_eval.replay._difference import differences
from agentops_eval.replay._rules import Tree

COMPLETED, MISSED = "completed", "miss"

_ORDINAL = re.compile(r"#\d+")
_AUTHORITY = re.compile(r"^[^:/?#]*:?//[^/?#]*")
_CANDIDATES = 64
_COUNTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCall:
    """One call of a watched run: ``request`` is its canonical, redacted tree as JSON, ``site`` the caller."""

    seam: str
    boundary: str
    span: str
    request: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRead:
    """One place that reads a factor. ``detail`` is the variable's or the source's name."""

    factor: str
    site: str
    detail: str = ""
    count: int = 1
    intentional: bool = False

    @property
    def shown(self) -> str:
        """The place, and what is read there."""
        return f"{self.site} ({self.detail})" if self.detail else self.site


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRun:
    """What a watched run did: its calls, its reads, and how it ended.

    ``outcome`` is ``completed``, ``miss``, or tells how the run ended; ``recorded`` says the same of
    the recording. ``said`` is the first line of what was raised. ``concurrent`` says that several tasks
    were ready at one moment.
    """

    calls: tuple[AuditCall, ...] = ()
    reads: tuple[AuditRead, ...] = ()
    outcome: str = COMPLETED
    said: str = ""
    recorded: str = COMPLETED
    concurrent: bool = False

    @property
    def ended(self) -> str:
        """How it ended, for people."""
        return f"{self.outcome}: {self.said}" if self.said else self.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a run differs from the plain one: a call that only one made, or only another end.

    ``after`` is the first call that the plain run did not make, ``before`` the nearest of its own,
    or the first that the other run left out.
    """

    before: AuditCall | None = None
    after: AuditCall | None = None
    ended: str = ""

    @property
    def reached(self) -> bool:
        """Whether a request changed."""
        return self.before is not None or self.after is not None


def changed(plain: AuditRun, other: AuditRun, *, any_host: bool = False) -> Change | None:
    """Compare two runs: their calls per span as multisets, then how they ended. None when alike.

    Spans are taken without their ordinals: parallel tasks may begin and end in any order. With
    ``any_host`` the address that a request goes to does not count.
    """
    if any_host:
        plain, other = _without_addresses(plain), _without_addresses(other)
    extra = _only_in(other.calls, plain.calls)
    missing = _only_in(plain.calls, other.calls)
    if extra:
        return Change(before=_nearest(extra[0], missing or plain.calls), after=extra[0], ended=other.ended)
    if missing and other.outcome == plain.outcome:
        return Change(before=missing[0], ended=other.ended)
    if other.outcome != plain.outcome:
        return Change(ended=other.ended)
    return None


def _only_in(left: Sequence[AuditCall], right: Sequence[AuditCall]) -> list[AuditCall]:
    pool = Counter(map(_key, right))
    only = []
    for call in left:
        key = _key(call)
        if pool[key] > 0:
            pool[key] -= 1
        else:
            only.append(call)
    return only


def _key(call: AuditCall) -> tuple[str, str, str]:
    # The boundary of HTTP repeats the address, which the request tells as far as it counts.
    boundary = "" if call.seam == "http" else call.boundary
    return _ORDINAL.sub("", call.span), f"{call.seam} {boundary}", call.request


def _without_addresses(run: AuditRun) -> AuditRun:
    return replace(run, calls=tuple(map(_without_address, run.calls)))


def _without_address(call: AuditCall) -> AuditCall:
    tree = tree_of(call)
    if call.seam != "http" or not isinstance(tree, dict):
        return call
    url = _AUTHORITY.sub("", str(tree.get("url", "")))
    return replace(call, request=json.dumps({**tree, "url": url}, sort_keys=True))


def tree_of(call: AuditCall) -> Tree:
    """Its canonical request."""
    tree: Tree = json.loads(call.request)
    return tree


def _nearest(call: AuditCall, others: Sequence[AuditCall]) -> AuditCall | None:
    """The call of the plain run that comes nearest: fewest differences, the earliest of those."""
    pool = [c for c in others if c.seam == call.seam]
    pool = [c for c in pool if c.boundary == call.boundary] or pool
    tree = tree_of(call)

    def distance(other: AuditCall) -> int:
        return sum(1 for _ in islice(differences(tree_of(other), tree), _COUNTED))

    return min(pool[:_CANDIDATES], key=distance, default=None)
