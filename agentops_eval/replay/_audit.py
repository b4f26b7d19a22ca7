"""The determinism audit: run a case again with one thing varied, and see whether a request changed.

Reading the clock or drawing entropy is harmless until it reaches a request. So each factor is
varied alone (hash order, time, entropy, environment, task order), the calls of the varied run are
compared with those of the plain one, and a difference is attributed to that factor, with the
places in the agent's code that read it.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agentops_eval.domain import Call, DrawRequest, Label, Outcome, Seam, ValueReply
from agentops_eval.seams import Next, Steps


class Factor(StrEnum):
    """What a run can read that a recording does not hold."""

    NOTHING = "nothing"
    HASH_ORDER = "hash-order"
    TIME = "time"
    ENTROPY = "entropy"
    ENVIRONMENT = "environment"
    TASK_ORDER = "task-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeCall:
    """One call of a probed run: ``request`` is its canonical, redacted text, ``site`` the caller."""

    seam: str
    boundary: str
    span: str
    request: str
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRead:
    """One place that reads a factor. ``detail`` is the variable's or the source's name."""

    factor: str
    site: str
    detail: str = ""
    count: int = 1
    intentional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a probed run did: its calls, its reads, and how it ended."""

    calls: tuple[ProbeCall, ...] = ()
    reads: tuple[ProbeRead, ...] = ()
    outcome: str = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One factor that the case depends on, or reads without depending on it.

    ``reached`` says that varying the factor changed a request; ``call`` names the first changed
    one, ``before`` and ``after`` its text. ``intentional`` holds when every reading place is
    declared in the setting ``intentional``.
    """

    factor: Factor
    reached: bool
    intentional: bool
    sites: tuple[str, ...] = ()
    call: str = ""
    site: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All findings of one case, and the factors that were varied without effect."""

    findings: tuple[AuditFinding, ...] = ()
    varied: tuple[Factor, ...] = ()
    unstable: str = ""
    reads: tuple[ProbeRead, ...] = field(default=())

    @property
    def accidental(self) -> tuple[AuditFinding, ...]:
        """Findings that reached a request and were not declared: what makes the audit fail."""
        return tuple(f for f in self.findings if f.reached and not f.intentional)


class Perturb:
    """A handler that answers draws with other values than the recorded ones, the same each time."""

    def __init__(self, factor: Factor, *, seed: int = 1, shift_s: float = 90_061.5) -> None:
        self._factor = factor
        self._seed = seed
        self._shift_s = shift_s
        self._drawn: Counter[str] = Counter()

    def handle(self, call: Call, next: Next) -> Steps:
        """Vary readings of this factor; pass everything else on."""
        if self._factor is Factor.TIME and call.seam is Seam.CLOCK:
            outcome = yield next(call)
            assert isinstance(outcome, ValueReply)
            return self._later(outcome)
        if self._factor is Factor.ENTROPY and call.seam is Seam.ENTROPY:
            return self._drawn_anew(call)
        passed = yield next(call)
        assert passed is not None
        return passed

    def _later(self, reply: ValueReply) -> Outcome:
        if isinstance(reply.value, (int, float)) and not isinstance(reply.value, bool):
            return ValueReply(value=reply.value + self._shift_s, label=Label.SCRIPTED)
        return reply

    def _drawn_anew(self, call: Call) -> Outcome:
        request = call.request
        assert isinstance(request, DrawRequest)
        name = f"{call.span}|{request.source}|{request.argument}"
        self._drawn[name] += 1
        text = f"{self._seed}|{name}|{self._drawn[name]}"
        source = random.Random(hashlib.sha256(text.encode()).digest())
        size = request.argument or 16
        if request.source == "random.random":
            return ValueReply(value=source.random(), label=Label.SCRIPTED)
        if request.source == "random.getrandbits":
            return ValueReply(value=source.getrandbits(size), label=Label.SCRIPTED)
        return ValueReply(value=source.randbytes(size).hex(), label=Label.SCRIPTED)


def judge_audit(plain: Probe, again: Probe, varied: Mapping[Factor, Probe]) -> AuditReport:
    """Compare the plain run with its bare repeat and with each varied run.

    A difference between the plain run and its bare repeat cannot be attributed: it is reported as
    ``unstable``, and the varied runs are not judged.
    """
    residue = _difference(plain, again)
    if residue is not None:
        before, after = residue
        text = f"{after.boundary if after else 'fewer calls'} changed with nothing varied"
        site = after.site if after else ""
        return AuditReport(unstable=f"{text} (at {site})" if site else text, reads=plain.reads)
    findings = [_finding(plain, factor, probe) for factor, probe in varied.items()]
    return AuditReport(
        findings=tuple(f for f in findings if f is not None), varied=tuple(varied), reads=plain.reads
    )


def _finding(plain: Probe, factor: Factor, probe: Probe) -> AuditFinding | None:
    reads = [read for read in plain.reads if read.factor == factor.value]
    difference = _difference(plain, probe)
    sites = tuple(f"{read.site} ({read.detail})" if read.detail else read.site for read in reads)
    declared = bool(reads) and all(read.intentional for read in reads)
    if difference is None:
        return AuditFinding(factor=factor, reached=False, intentional=declared, sites=sites) if reads else None
    before, after = difference
    named = after or before
    assert named is not None
    return AuditFinding(
        factor=factor,
        reached=True,
        intentional=declared,
        sites=sites,
        call=f"{named.seam} {named.boundary}",
        site=named.site,
        before="" if before is None else before.request,
        after="" if after is None else after.request,
    )


def _difference(
    plain: Probe, other: Probe
) -> tuple[ProbeCall | None, ProbeCall | None] | None:
    """The first call that only one side made, with its counterpart; None when the sets are equal.

    Compared per span as multisets: parallel tasks may finish in any order.
    """
    missing = _only_in(plain.calls, other.calls)
    extra = _only_in(other.calls, plain.calls)
    if extra:
        first = extra[0]
        mates = [c for c in missing if c.boundary == first.boundary and c.span == first.span]
        return (mates[0] if mates else None, first)
    if missing and not other.outcome.startswith("miss"):
        return (missing[0], None)
    return None


def _only_in(left: Sequence[ProbeCall], right: Sequence[ProbeCall]) -> list[ProbeCall]:
    pool = Counter((c.span, c.seam, c.boundary, c.request) for c in right)
    only = []
    for call in left:
        key = (call.span, call.seam, call.boundary, call.request)
        if pool[key] > 0:
            pool[key] -= 1
        else:
            only.append(call)
    return only
