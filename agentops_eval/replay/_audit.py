"""The determinism audit's judgement: a case ran again with one thing varied; did a request change?

Reading the clock or drawing entropy is harmless until it reaches a request. So each factor is
varied alone (hash order, time, entropy, environment, task order), the calls of the varied run are
compared with those of the plain one, and a difference is attributed to that factor, with the
places in the agent's code that read it. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.replay._explain import compare_trees
from agentops_eval.replay._watched import COMPLETED, AuditRead, AuditRun, Change, changed, tree_of

MONOTONIC = "time.monotonic"


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
class Trial:
    """A run with one factor varied: wholly, for one ``variable``, or only where ``site`` reads it."""

    factor: Factor
    run: AuditRun
    variable: str = ""
    site: str = ""


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
    def unclear(self) -> tuple[str, ...]:
        """What was varied and could not be judged: factors, or one variable of the environment."""
        found = (f for f in self.findings if f.dependence is Dependence.UNCLEAR)
        return tuple(f"{f.factor.value} {f.variable}".strip() for f in found)

    @property
    def judged(self) -> tuple[Factor, ...]:
        """The factors that were varied, without those that are unclear throughout."""
        told = {f.factor for f in self.findings if f.dependence is not Dependence.UNCLEAR}
        unclear = {f.factor for f in self.findings} - told
        return tuple(factor for factor in self.varied if factor not in unclear)

    @property
    def deterministic(self) -> bool:
        """Whether the audit passes: nothing accidental, nothing unstable."""
        return not self.accidental and self.unstable is None


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
        compared = compare_trees(tree_of(change.before), tree_of(change.after))
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
