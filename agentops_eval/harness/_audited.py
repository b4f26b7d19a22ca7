"""The child's side of the determinism audit: note what a run asks for and reads, varied or plain."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from agentops_eval.domain import Call, ConfigInvalid, DrawRequest, ReplayMiss
from agentops_eval.harness._settings import RecordMode, Settings
from agentops_eval.replay import (
    COMPLETED,
    MISSED,
    SHIFT_S,
    AuditCall,
    AuditRead,
    AuditRun,
    Cassette,
    Factor,
    MatchRules,
    Perturb,
    mirrored,
    request_tree,
)
from agentops_eval.seams import (
    Clock,
    Entropy,
    Handler,
    Next,
    ReadLog,
    Steps,
    VirtualClock,
    auditing,
    call_site,
    shuffling,
    watching_dates,
)
from agentops_eval.traces import printable
from agentops_eval.traces.redaction import Redactor

ORDER_VARIABLE = "AGENTOPS_AUDIT_ORDER"
UNFINISHED = "broken off"
NEWEST_FIRST, SHUFFLED = "newest-first", "shuffled"

_SAID = 200
_MONOTONIC_SHIFT_S = 345_678.25


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOrder:
    """What a child is told: the factor to vary, where to write, which reads are declared.

    ``site`` limits draws that are varied to one place, ``tasks`` names the order of tasks. Every
    child of an audit begins at ``monotonic_s``, so that no two differ by it.
    """

    factor: Factor
    out: str
    intentional: tuple[str, ...] = ()
    site: str = ""
    tasks: str = ""
    monotonic_s: float = 0.0


def audit_order(environ: Mapping[str, str]) -> AuditOrder | None:
    """Read the order that a parent process left for this one; None in an ordinary run."""
    path = environ.get(ORDER_VARIABLE)
    if not path:
        return None
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=AuditOrder)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigInvalid(f"{ORDER_VARIABLE} cannot be read: {error}", where=path) from None


def begin_watching(environ: Mapping[str, str]) -> None:
    """In a child of an audit: watch the environment from now on, while modules are imported."""
    global _early  # noqa: PLW0603 -- a process is one child
    order = audit_order(environ)
    if order is not None and _early is None:
        _early = ReadLog(intentional=order.intentional)
        _for_ever.enter_context(auditing(_early, everywhere=True))


_early: ReadLog | None = None
_for_ever = ExitStack()
_written: dict[str, list[AuditRun]] = {}  # by file: a test may open several runs


def audited_settings(settings: Settings, order: AuditOrder | None) -> Settings:
    """An audit only replays; and an address from the environment may be any."""
    if order is None:
        return settings
    any_host = settings.any_host or order.factor is Factor.ENVIRONMENT
    return replace(settings, record=RecordMode.NONE, any_host=any_host)


class RunWatch:
    """Watches one run on behalf of an audit: opened and closed with it, then written out."""

    def __init__(self, order: AuditOrder, rules: MatchRules, redactor: Redactor, cassette: Cassette) -> None:
        self._order = order
        self._cassette = cassette
        self._redactor = redactor
        self._reads = ReadLog(intentional=order.intentional)
        self._sites = _CallSites(rules, redactor, self)
        self._stack = ExitStack()
        self._tasks = _Tasks(order.tasks)
        self._virtual = False
        self._slot = -1

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """What stands between the event log and the player."""
        order = self._order
        if order.factor not in {Factor.TIME, Factor.ENTROPY}:
            return (self._sites,)
        perturb = Perturb(order.factor, site=order.site, clock_shifted=self._virtual and not order.site)
        return (self._sites, perturb)

    def clock(self, clock: Clock) -> Clock:
        """The clock to use instead: the same beginning in every child, varied where ordered."""
        if not isinstance(clock, VirtualClock):
            return clock
        self._virtual = True
        base_s = self._order.monotonic_s
        if self._order.factor is Factor.TIME and not self._order.site:
            clock = VirtualClock(clock.wall_s() + SHIFT_S)
            base_s += _MONOTONIC_SHIFT_S
        clock.monotonic_base_s = clock.perf_counter_base_s = base_s
        return clock

    @property
    def durations_s(self) -> Mapping[int, float]:
        """What answers take instead, where the order of tasks is varied."""
        return mirrored(self._cassette) if self._order.tasks == NEWEST_FIRST else {}

    def open(self, entropy: Entropy) -> None:
        """Begin to watch the calling context."""
        order = self._order
        if order.factor is Factor.ENTROPY and not order.site and entropy.spare is not None:
            entropy.spare.seed(ORDER_VARIABLE)  # what libraries draw for themselves
        self._stack.enter_context(auditing(self._reads, everywhere=True))
        self._stack.enter_context(shuffling(self._tasks))
        self._stack.enter_context(watching_dates(self._date_shift))
        runs = _written.setdefault(order.out, [])
        self._slot = len(runs)
        runs.append(AuditRun())
        self.write(UNFINISHED)

    def close(self, outcome: str, cause: BaseException | None) -> None:
        """Stop watching, and write what was seen for the parent process."""
        self._stack.close()
        if self._slot >= 0:
            said = "" if cause is None else self._redactor.text(str(cause)).strip()
            self.write(outcome, said=printable(said.partition("\n")[0])[:_SAID])

    def write(self, outcome: str, *, said: str = "") -> None:
        """Write what was seen so far, at once: the process may not live to the end of its run."""
        early = () if _early is None else _early.reads
        reads = tuple(
            AuditRead(
                factor=read.factor,
                site=read.site,
                detail=read.detail,
                count=read.count,
                intentional=read.intentional,
            )
            for read in (*self._reads.reads, *early)
        )
        runs = _written[self._order.out]
        runs[self._slot] = AuditRun(
            calls=tuple(self._sites.calls),
            reads=reads,
            outcome=outcome,
            said=said,
            recorded=self._cassette.outcome,
            concurrent=self._tasks.concurrent,
        )
        target = Path(self._order.out)
        partial = target.with_name(f".{target.name}.{threading.get_ident()}")
        partial.write_bytes(msgspec.json.encode(_merged(runs)))
        partial.replace(target)

    def _date_shift(self, site: str) -> float:
        """Where the clock itself is not shifted, one place may be."""
        mine = self._order.factor is Factor.TIME and self._order.site == site
        return SHIFT_S if mine else 0.0


def _merged(runs: list[AuditRun]) -> AuditRun:
    """Several runs of one process as one."""
    counts: Counter[tuple[str, str, str, bool]] = Counter()
    for run in runs:
        for read in run.reads:
            counts[read.factor, read.site, read.detail, read.intentional] += read.count
    return AuditRun(
        calls=tuple(call for run in runs for call in run.calls),
        reads=tuple(
            AuditRead(factor=factor, site=site, detail=detail, count=count, intentional=intentional)
            for (factor, site, detail, intentional), count in sorted(counts.items())
        ),
        outcome=next((run.outcome for run in runs if run.outcome != COMPLETED), COMPLETED),
        said=next((run.said for run in runs if run.outcome != COMPLETED), ""),
        recorded=next((run.recorded for run in runs if run.recorded != COMPLETED), COMPLETED),
        concurrent=any(run.concurrent for run in runs),
    )


class _CallSites:
    """A handler that notes every call's canonical request and the line behind it."""

    def __init__(self, rules: MatchRules, redactor: Redactor, watch: RunWatch) -> None:
        self._rules = rules
        self._redactor = redactor
        self._watch = watch
        self._lock = threading.Lock()
        self.calls: list[AuditCall] = []

    def handle(self, call: Call, next: Next) -> Steps:
        """Note the call, then pass it on; draws are noted where they are read."""
        if not isinstance(call.request, DrawRequest):
            noted = self._noted(call)
            with self._lock:
                self.calls.append(noted)
        try:
            outcome = yield next(call)
        except ReplayMiss:  # an agent may survive it badly: in a loop, or not at all
            with self._lock:
                self._watch.write(MISSED)
            raise
        assert outcome is not None
        return outcome

    def _noted(self, call: Call) -> AuditCall:
        tree = request_tree(call.request, rules=self._rules, redactor=self._redactor)
        return AuditCall(
            seam=call.seam.value,
            boundary=self._redactor.text(call.boundary),
            span=call.span,
            request=msgspec.json.encode(tree, order="sorted").decode(),
            site=call.site or call_site(),
        )


class _Tasks:
    """Orders tasks that are ready at one moment, and notes that there were several."""

    def __init__(self, order: str) -> None:
        self._order = order
        self._random = random.Random(1)  # noqa: S311 -- the same order in every audit
        self._ranks: WeakKeyDictionary[asyncio.Task[Any], int] = WeakKeyDictionary()
        self.concurrent = False

    def shuffle(self, x: list[Any], /) -> None:
        """Put the ready steps in order. The newest task first is another order at every moment."""
        if len(x) < 2:
            return
        self.concurrent = True
        if self._order == SHUFFLED:
            self._random.shuffle(x)
        elif self._order == NEWEST_FIRST:
            x.sort(key=self._rank)  # in order of birth, whoever is met for the first time
            x.reverse()

    def _rank(self, handle: Any) -> int:
        task = getattr(handle._callback, "__self__", None)  # noqa: SLF001 -- asyncio tells it nowhere else
        if not isinstance(task, asyncio.Task):
            return -1
        return self._ranks.setdefault(task, len(self._ranks))


def in_child() -> bool:
    """Whether this process is a child of an audit, which must not audit again."""
    return bool(os.environ.get(ORDER_VARIABLE))


__all__ = [
    "NEWEST_FIRST",
    "ORDER_VARIABLE",
    "SHUFFLED",
    "UNFINISHED",
    "AuditOrder",
    "RunWatch",
    "audit_order",
    "audited_settings",
    "begin_watching",
    "in_child",
]
