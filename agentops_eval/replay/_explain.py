"""Why a call has no answer, told so that a reader can act: what comes nearest, and what changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice

from agentops_eval.domain import (
    ApprovalRequest,
    Call,
    Event,
    HandoffRequest,
    HttpRequest,
    LlmRequest,
    McpRequest,
    ReplayMiss,
    Request,
    Seam,
    ToolRequest,
    ascii_json,
)
from agentops_eval.replay._bodies import fresh_tree, read_json
from agentops_eval.replay._canonical import canonical_request
from agentops_eval.replay._difference import Difference, differences, shown_path, shown_sides
from agentops_eval.replay._llm import HISTORIES, history, role
from agentops_eval.replay._rules import MatchRules, Tree
from agentops_eval.replay._shelf import Missed, MissReason, Recorded, Shelf
from agentops_eval.traces import clipped, printable, quoted
from agentops_eval.traces.redaction import Redactor

CANDIDATES = 64
"""Recorded calls that are compared at most, those closest in number first."""

_BYTES = 4_000_000
_ALSO = 3
_MOST = 50
_FIRST = ("body", "system", "instructions", "systemInstruction", *HISTORIES)

ANY_HOST = "any_host = true under [tool.agentops], or @pytest.mark.cassette(any_host=True)"
"""The remedy where only the host or port differs: a scripted server's port is new each time."""

_ADDRESS = re.compile(r"(?<=\s)[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]*")

_WHAT = {
    MissReason.NOT_RECORDED: "the recording has no answer for this call (not recorded)",
    MissReason.CONSUMED: "the recording has no answer left for this call (already consumed)",
    MissReason.DRIFTED: "the recording has no answer for this call (drifted: another stands in its place)",
    MissReason.STALE: "the tool's signature changed since the recording",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The parts of a miss's message; ``change`` names what changed, for a summary over several."""

    reason: MissReason
    where: str
    difference: str
    remedy: str
    change: str = ""

    def miss(self) -> ReplayMiss:
        """The error that says it."""
        return ReplayMiss(
            _WHAT[self.reason],
            reason=self.reason.value,
            where=self.where,
            difference=self.difference,
            remedy=self.remedy,
        )


def explain(missed: Missed, shelf: Shelf, *, remedy: str = "", brief: bool = False) -> Explanation:
    """Explain a miss. ``brief`` leaves out the search for the nearest recorded call. Never raises."""
    lines: list[str] = []
    change = ""
    try:
        lines, change, better = _told(missed, shelf, brief=brief)
        remedy = better or remedy
    except Exception as error:  # a body beyond imagination must not hide the miss itself
        lines = [f"nearest: not compared ({type(error).__name__})"]
    return Explanation(
        reason=missed.reason,
        where=_where(missed.call, missed.number, shelf),
        difference="\n".join(lines),
        remedy=remedy,
        change=change,
    )


def summarise(explanations: Sequence[Explanation]) -> str:
    """What several misses have in common: ``messages[0] (system) changed in 4 of 5 calls``."""
    total = len(explanations)
    changes = Counter(e.change for e in explanations if e.change)
    others = Counter(e.reason.value for e in explanations if not e.change)
    noun = "call" if total == 1 else "calls"
    lines = [f"{change} changed in {count} of {total} {noun}" for change, count in changes.most_common(5)]
    lines += [f"{reason}: {count} of {total} {noun}" for reason, count in others.most_common()]
    return "\n".join(lines)


def _where(call: Call, number: int, shelf: Shelf) -> str:
    try:
        text = f"call {number}, {shelf.redactor.text(call.boundary)}"
    except Exception:  # see explain
        return f"call {number}, {call.seam.value}"
    if call.span != "/":
        text += f", in {call.span}"
    return printable(clipped(f"{text}, from {call.site}" if call.site else text, 300))


def _told(missed: Missed, shelf: Shelf, *, brief: bool) -> tuple[list[str], str, str]:
    """The lines, what changed, and a better remedy than recording again, if there is one."""
    if missed.reason is MissReason.STALE:
        request = missed.call.request
        assert isinstance(request, ToolRequest)
        known = ", ".join(quoted(clipped(text)) for text in missed.signatures[:3])
        name = printable(clipped(request.name, 80))
        lines = [f"recorded  {known}", f"this run  {quoted(clipped(request.signature))}"]
        return lines, f"the signature of {name}", ""
    lines = [*_clashed(missed), *_taken(missed)]
    if missed.place is not None and (event := missed.place.event).outcome is None:
        lines.append(
            f"recorded call {missed.place.number} was given up by its caller after "
            f"{event.ended_s - event.started_s:.3g} s, before an answer came"
        )
    if brief or lines:
        return lines or ["nearest: not searched, too many calls have no answer"], "", ""
    recorded = shelf.recorded
    lines, change, better = _nearest_lines(missed, shelf, recorded)
    return [*lines, _counts(missed, recorded, shelf.rules)], change, better


def _clashed(missed: Missed) -> Iterator[str]:
    for clash in missed.clashes[:3]:
        values = ", ".join(quoted(clipped(value, 40)) for value in clash.recorded[:5])
        name = printable(clipped(clash.name, 60))
        yield f"header {name} tells equal requests apart (if it should not: ignore_headers)"
        yield f"  recorded  {values}"
        yield f"  this run  {quoted(clipped(clash.sent, 40))}"


def _taken(missed: Missed) -> Iterator[str]:
    if missed.reason is not MissReason.CONSUMED:
        return
    count = len(missed.consumed)
    yield "recorded once, and already given" if count == 1 else f"recorded {count} times, and all are given"
    for taken in missed.consumed[:5]:
        site = f" from {printable(clipped(taken.taken_site, 120))}" if taken.taken_site else ""
        name = f"recorded {taken.name}" if taken.number else taken.name
        yield f"  {name} went to call {taken.taken_number}{site}"
    if count > 5:
        yield f"  and {count - 5} more"


def _counts(missed: Missed, recorded: Sequence[Recorded], rules: MatchRules) -> str:
    here = _boundary(missed.call, rules)
    same = [r for r in recorded if r.number and _boundary(r.event, rules) == here]
    taken = sum(1 for r in same if r.taken_number)
    return f"counts: {len(same)} recorded at this boundary, {taken} of them given"


def _boundary(at: Call | Event, rules: MatchRules) -> str:
    """The boundary as far as it counts: without the host where any host will do."""
    if rules.any_host and at.seam is Seam.HTTP:
        return _ADDRESS.sub("//*", at.boundary, count=1)
    return at.boundary


def _nearest_lines(missed: Missed, shelf: Shelf, recorded: Sequence[Recorded]) -> tuple[list[str], str, str]:
    run = _trees(shelf.asked(missed.call.request), shelf)
    best: tuple[tuple[float, ...], Recorded, Tree] | None = None
    for candidate in _candidates(missed, recorded, shelf.rules):
        tree = _trees(candidate.event.request, shelf)
        score = _score(candidate, tree, run, missed)
        if best is None or score > best[0]:
            best = (score, candidate, tree)
    if best is None:
        return [_nothing_alike(missed, recorded)], "", ""
    better = ANY_HOST if _only_host_differs(best[1], missed.call, shelf) else ""
    return (*_compared(_named(best[1], missed.call), best[2], run), better)


def _only_host_differs(candidate: Recorded, call: Call, shelf: Shelf) -> bool:
    """Whether the recorded answer would be given if any host would do."""
    if shelf.rules.any_host or candidate.taken_number or not isinstance(call.request, HttpRequest):
        return False
    rules = replace(shelf.rules, any_host=True)
    sides = (
        request_tree(request, rules=rules, redactor=shelf.redactor)
        for request in (candidate.event.request, call.request)
    )
    return compare_trees(*sides) is None


def _candidates(missed: Missed, recorded: Sequence[Recorded], rules: MatchRules) -> Iterator[Recorded]:
    call = missed.call
    pool = [r for r in recorded if r.event.seam is call.seam and r.event.outcome is not None]
    here = _boundary(call, rules)
    pool = [r for r in pool if _boundary(r.event, rules) == here] or pool
    pool = [r for r in pool if r.event.span == call.span] or pool
    pool.sort(key=lambda r: (not _in_place(r, missed), abs(r.number - missed.number)))
    weight = 0
    for candidate in pool[:CANDIDATES]:
        yield candidate
        request = candidate.event.request
        weight += len(request.body) if isinstance(request, HttpRequest) else 0
        if weight > _BYTES:
            return


def _in_place(candidate: Recorded, missed: Missed) -> bool:
    return missed.place is not None and candidate.event is missed.place.event


def _score(candidate: Recorded, tree: Tree, run: Tree, missed: Missed) -> tuple[float, ...]:
    """Longest common history, then the same place, then likeness, then closeness."""
    common = float(_common_history(tree, run))
    place = float(_in_place(candidate, missed))
    likeness = 0.0
    if not common and not place:
        left, right = ascii_json(tree)[:2000], ascii_json(run)[:2000]
        likeness = SequenceMatcher(None, left, right, autojunk=False).quick_ratio()
    return common, place, likeness, -float(abs(candidate.number - missed.number))


def _common_history(left: Tree, right: Tree) -> int:
    ours, theirs = _history(left), _history(right)
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return 0
    count = 0
    for one, other in zip(ours[1], theirs[1], strict=False):
        if ascii_json(one) != ascii_json(other):
            break
        count += 1
    return count


def _history(tree: Tree) -> tuple[str, list[Tree]] | None:
    return history(tree.get("body")) if isinstance(tree, dict) else None


def _named(candidate: Recorded, call: Call) -> str:
    name = f"recorded {candidate.name}" if candidate.number else candidate.name
    elsewhere = []
    if candidate.event.boundary != call.boundary:
        elsewhere.append(candidate.event.boundary)
    if candidate.event.span != call.span:
        elsewhere.append(f"in {candidate.event.span}")
    if candidate.taken_number:
        elsewhere.append(f"given to call {candidate.taken_number}")
    return f"nearest: {name}" + (f" ({printable(clipped(', '.join(elsewhere)))})" if elsewhere else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The first difference between two requests, and where else they differ.

    ``place`` names the message (``spoken``) or the path, ``rest`` the path inside the message,
    ``left`` and ``right`` the two values without what they share, ``also`` the other places.
    """

    place: str
    spoken: bool
    rest: str
    left: str
    right: str
    also: tuple[str, ...]

    @property
    def path(self) -> str:
        """The whole path."""
        return f"{self.place}, at {self.rest}" if self.rest else self.place

    @property
    def others(self) -> int:
        """How many other places differ."""
        return len(self.also)


def compare_trees(recorded: Tree, run: Tree) -> Comparison | None:
    """Find the first difference between two requests laid open; None when they ask the same."""
    found = list(islice(differences(recorded, run, first=_FIRST), _MOST))
    if not found:
        return None
    first = found[0]
    place, spoken, rest = _place(first, recorded, run)
    left, right = shown_sides(first.recorded, first.run)
    also = dict.fromkeys(_place(other, recorded, run)[0] for other in found[1:])
    also.pop(place, None)
    return Comparison(place=place, spoken=spoken, rest=rest, left=left, right=right, also=tuple(also))


def _compared(head: str, recorded: Tree, run: Tree) -> tuple[list[str], str]:
    found = compare_trees(recorded, run)
    if found is None:
        return [f"{head} — asks the same"], ""
    until = f"same until {found.place}" if found.spoken else f"differs at {found.place}"
    at = f", at {found.rest}" if found.rest else ""
    lines = [f"{head} — {until}{at}", f"  recorded  {found.left}", f"  this run  {found.right}"]
    if found.also:
        more = f" and {found.others - _ALSO} more" if found.others > _ALSO else ""
        lines.append(f"  also      {', '.join(found.also[:_ALSO])}{more}")
    return lines, found.place


def _place(difference: Difference, recorded: Tree, run: Tree) -> tuple[str, bool, str]:
    """Name where a difference lies: for a message its place and role, and the path inside it."""
    path = difference.path[1:] if difference.path[:1] == ("body",) else difference.path
    for tree in (recorded, run):
        found = _history(tree)
        if found is None or len(path) < 2 or path[0] != found[0] or not isinstance(path[1], int):
            continue
        if path[1] < len(found[1]):
            spoken = role(found[1][path[1]])
            name = shown_path(path[:2]) + (f" ({printable(clipped(spoken, 30))})" if spoken else "")
            rest = () if path[2:] == ("content",) else path[2:]
            return name, True, shown_path(rest)
    return shown_path(path) or "the request", False, ""


def _nothing_alike(missed: Missed, recorded: Sequence[Recorded]) -> str:
    counted = Counter(f"{r.event.seam.value} {r.event.boundary}" for r in recorded if r.number)
    if not counted:
        return "nearest: none, the recording holds no calls"
    names = ", ".join(printable(clipped(name, 100)) for name, _ in counted.most_common(5))
    more = f" and {len(counted) - 5} more" if len(counted) > 5 else ""
    return f"nearest: none, the recording holds no {missed.call.seam.value} call, but {names}{more}"


def _trees(request: Request, shelf: Shelf) -> Tree:
    return request_tree(request, rules=shelf.rules, redactor=shelf.redactor)


def request_tree(request: Request, *, rules: MatchRules, redactor: Redactor) -> Tree:
    """Lay a request open as JSON: canonical, so that only what counts shows, and redacted."""
    canonical = canonical_request(request, rules=rules, redactor=redactor)
    if isinstance(canonical, HttpRequest):
        headers: dict[str, Tree] = dict(canonical.headers)
        return {
            "body": _body(canonical.body),
            "headers": headers,
            "method": canonical.method,
            "url": canonical.url,
        }
    if isinstance(canonical, ToolRequest):
        asked: dict[str, Tree] = {"arguments": fresh_tree(canonical.arguments), "name": canonical.name}
        return {**asked, "server": canonical.server} if canonical.server else asked
    if isinstance(canonical, McpRequest):
        params = fresh_tree(canonical.params)
        return {"method": canonical.method, "params": params, "server": canonical.server}
    if isinstance(canonical, LlmRequest):
        return {"conversation": fresh_tree(list(canonical.conversation)), "llm": canonical.llm}
    if isinstance(canonical, HandoffRequest):
        message = fresh_tree(canonical.message)
        return {"message": message, "recipient": canonical.recipient, "sender": canonical.sender}
    if isinstance(canonical, ApprovalRequest):
        return {"action": canonical.action, "details": fresh_tree(canonical.details)}
    return {"source": canonical.source, "argument": canonical.argument}


def _body(body: bytes) -> Tree:
    try:
        return read_json(body)
    except ValueError:
        pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"({len(body)} bytes) {body[:500_000].hex(' ')}"
