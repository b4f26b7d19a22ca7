"""The determinism audit's judgement: a case ran again with one thing varied; did a request change?

Reading the clock or drawing entropy is harmless until it reaches a request. So each factor is
varied alone (hash order, time, entropy, environment, task order), the calls of the varied run are
compared with those of the plain one, and a difference is attributed to that factor, with the
places in the agent's code that read it. Everything here is pure.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from agentops_eval.replay._difference import differences
from agentops_eval.replay._explain import compare_trees
from agentops_eval.replay._rules import Tree

COMPLETED, MISSED = "completed", "miss"
MONOTONIC = "time.monotonic"

_ORDINAL = re.compile(r"#\d+")
_AUTHORITY = re.compile(r"^[^:/?#]*:?//[^/?#]*")
_CANDIDATES = 64
_COUNTED = 50


class Factor(StrEnum):
    """What a run can depend on besides its recording."""

    NOTHING = "nothing"
    HASH_ORDER = "hash-order"
    TIME = "time"
    ENTROPY = "entropy"
    ENVIRONMENT = "environment"
    TASK_ORDER = "task-order"


class Dependence(StrEnum):
    """What a finding means.

    ``accidental`` reached a request and was not declared; ``intentional`` reached one and was;
    ``harmless`` was read and reached none; ``unclear`` ended the varied run before it could tell;
    ``unstable`` differed with nothing varied.
    """

    ACCIDENTAL = "accidental"
    INTENTIONAL = "intentional"
    HARMLESS = "harmless"
    UNCLEAR = "unclear"
    UNSTABLE = "unstable"


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
    the recording. ``concurrent`` says that several tasks were ready at one moment.
    """

    calls: tuple[AuditCall, ...] = ()
    reads: tuple[AuditRead, ...] = ()
    outcome: str = COMPLETED
    recorded: str = COMPLETED
    concurrent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A run with one factor varied: wholly, for one ``variable``, or only where ``site`` reads it."""

    factor: Factor
    run: AuditRun
    variable: str = ""
    site: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """One factor that the case depends on, or reads without depending on it.

    ``sites`` are the places that read it, ``call`` the first changed call, ``site`` the line that
    made it, ``place`` the first path that differs in it, ``before`` and ``after`` its two values
    without what they share, ``also`` the number of further places. ``note`` says what is unusual.
    """

    factor: Factor
    dependence: Dependence
    variable: str = ""
    sites: tuple[str, ...] = ()
    call: str = ""
    span: str = ""
    site: str = ""
    place: str = ""
    before: str = ""
    after: str = ""
    also: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All findings of one case.

    ``varied`` are the factors that were varied, ``reads`` what the plain run read, ``unvaried``
    variables that were read and left alone, ``outcome`` how the plain run ended, ``calls`` how many
    it made, ``runs`` the number of processes that it took.
    """

    findings: tuple[AuditFinding, ...] = ()
    varied: tuple[Factor, ...] = ()
    reads: tuple[AuditRead, ...] = ()
    unvaried: tuple[str, ...] = ()
    outcome: str = COMPLETED
    calls: int = 0
    runs: int = 0

    @property
    def accidental(self) -> tuple[AuditFinding, ...]:
        """Findings that reached a request and were not declared."""
        return tuple(f for f in self.findings if f.dependence is Dependence.ACCIDENTAL)

    @property
    def unstable(self) -> AuditFinding | None:
        """What differed with nothing varied, so that nothing else could be judged."""
        return next((f for f in self.findings if f.dependence is Dependence.UNSTABLE), None)

    @property
    def deterministic(self) -> bool:
        """Whether the audit passes: nothing accidental, nothing unstable."""
        return not self.accidental and self.unstable is None


# -- comparing two runs ---------------------------------------------------------------------------


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
        return Change(before=_nearest(extra[0], missing or plain.calls), after=extra[0], ended=other.outcome)
    if missing and other.outcome == plain.outcome:
        return Change(before=missing[0], ended=other.outcome)
    if other.outcome != plain.outcome:
        return Change(ended=other.outcome)
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
    tree = _tree(call)
    if call.seam != "http" or not isinstance(tree, dict):
        return call
    url = _AUTHORITY.sub("", str(tree.get("url", "")))
    return replace(call, request=json.dumps({**tree, "url": url}, sort_keys=True))


def _tree(call: AuditCall) -> Tree:
    tree: Tree = json.loads(call.request)
    return tree


def _nearest(call: AuditCall, others: Sequence[AuditCall]) -> AuditCall | None:
    """The call of the plain run that comes nearest: fewest differences, the earliest of those."""
    pool = [c for c in others if c.seam == call.seam]
    pool = [c for c in pool if c.boundary == call.boundary] or pool
    tree = _tree(call)

    def distance(other: AuditCall) -> int:
        return sum(1 for _ in islice(differences(_tree(other), tree), _COUNTED))

    return min(pool[:_CANDIDATES], key=distance, default=None)


# -- judging --------------------------------------------------------------------------------------


def judge_audit(
    plain: AuditRun, again: AuditRun, trials: Sequence[Trial], *, unvaried: Sequence[str] = (), runs: int = 0
) -> AuditReport:
    """Compare the plain run with its bare repeat and with each varied run.

    A difference between the plain run and its bare repeat cannot be attributed: it is reported as
    ``unstable``, and the varied runs are not judged.
    """
    change = changed(plain, again)
    if change is not None:
        findings = [_finding(Factor.NOTHING, Dependence.UNSTABLE, change)]
        trials = ()
    else:
        findings = [*_orders(plain, trials), *_readings(plain, trials), *_variables(plain, trials)]
        findings.sort(key=lambda finding: list(Factor).index(finding.factor))
    return AuditReport(
        findings=tuple(findings),
        varied=tuple(factor for factor in Factor if any(t.factor is factor for t in trials)),
        reads=plain.reads,
        unvaried=tuple(unvaried),
        outcome=plain.outcome,
        calls=len(plain.calls),
        runs=runs,
    )


def _orders(plain: AuditRun, trials: Sequence[Trial]) -> Iterator[AuditFinding]:
    """Hash order and task order have no place that reads them: the call that changed must do.

    A call that time has changed is not blamed on task order as well: other durations show another
    time in it.
    """
    timed = [changed(plain, trial.run) for trial in trials if trial.factor is Factor.TIME]
    told = {change.before for change in timed if change is not None and change.before is not None}
    for factor in (Factor.HASH_ORDER, Factor.TASK_ORDER):
        changes = [changed(plain, trial.run) for trial in trials if trial.factor is factor]
        found = [change for change in changes if change is not None]
        if factor is Factor.TASK_ORDER:
            found = [change for change in found if change.before not in told]
        reached = [change for change in found if change.reached]
        if found:
            yield _finding(
                factor, Dependence.ACCIDENTAL if reached else Dependence.UNCLEAR, (reached or found)[0]
            )


def _readings(plain: AuditRun, trials: Sequence[Trial]) -> Iterator[AuditFinding]:
    """Time and entropy: where varying all of it mattered, each place was varied alone."""
    for factor in (Factor.TIME, Factor.ENTROPY):
        reads = [read for read in plain.reads if read.factor == factor.value]
        broad = next((t for t in trials if t.factor is factor and not t.site), None)
        if broad is None:
            continue
        change = changed(plain, broad.run)
        blamed: set[str] = set()
        if change is not None and change.reached:
            for trial in (t for t in trials if t.factor is factor and t.site):
                alone = changed(plain, trial.run)
                if alone is not None and alone.reached:
                    blamed.add(trial.site)
                    yield _attributed(factor, alone, [r for r in reads if r.site == trial.site])
            if not blamed:
                # Not a single draw: an unrecorded clock, several places together, or a library.
                suspects = [r for r in reads if r.detail == MONOTONIC] or reads
                blamed.update(read.site for read in suspects)
                yield _attributed(factor, change, suspects)
        elif change is not None:
            blamed.update(read.site for read in reads)
            yield _finding(factor, Dependence.UNCLEAR, change, sites=_shown(reads))
        rest = [read for read in reads if read.site not in blamed]
        if rest:
            yield AuditFinding(factor=factor, dependence=Dependence.HARMLESS, sites=_shown(rest))


def _variables(plain: AuditRun, trials: Sequence[Trial]) -> Iterator[AuditFinding]:
    """Environment: each variable that was read had another value once."""
    harmless: list[AuditRead] = []
    for trial in (t for t in trials if t.factor is Factor.ENVIRONMENT):
        reads = [r for r in plain.reads if r.factor == trial.factor.value and r.detail == trial.variable]
        change = changed(plain, trial.run, any_host=True)
        if change is None:
            harmless += reads
        elif change.reached:
            yield _attributed(trial.factor, change, reads, variable=trial.variable)
        else:
            yield _finding(
                trial.factor, Dependence.UNCLEAR, change, sites=_shown(reads), variable=trial.variable
            )
    if harmless:
        yield AuditFinding(factor=Factor.ENVIRONMENT, dependence=Dependence.HARMLESS, sites=_shown(harmless))


def _attributed(
    factor: Factor, change: Change, reads: Sequence[AuditRead], *, variable: str = ""
) -> AuditFinding:
    declared = bool(reads) and all(read.intentional for read in reads)
    dependence = Dependence.INTENTIONAL if declared else Dependence.ACCIDENTAL
    note = "" if reads else "no line of yours reads it: a library does, for itself or for you"
    return _finding(factor, dependence, change, sites=_shown(reads), variable=variable, note=note)


def _shown(reads: Iterable[AuditRead]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read.shown for read in reads))


def _finding(
    factor: Factor,
    dependence: Dependence,
    change: Change,
    *,
    sites: tuple[str, ...] = (),
    variable: str = "",
    note: str = "",
) -> AuditFinding:
    named = change.after or change.before
    if named is None:
        note = f"the run ended differently: {change.ended}"
    elif change.after is None:
        note = "the call was left out"
    place = before = after = ""
    also = 0
    if change.before is not None and change.after is not None:
        compared = compare_trees(_tree(change.before), _tree(change.after))
        if compared is not None:
            place, before, after, also = compared.path, compared.left, compared.right, compared.others
        else:
            note = "the same request was made once more"
    return AuditFinding(
        factor=factor,
        dependence=dependence,
        variable=variable,
        sites=sites,
        call="" if named is None else f"{named.seam} {named.boundary}",
        span="" if named is None else named.span,
        site="" if named is None else named.site,
        place=place,
        before=before,
        after=after,
        also=also,
        note=note,
    )
