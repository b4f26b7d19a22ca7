"""Exploration: run what the search asks for, shrink what fails, and tell both as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from agentops_eval.chaos._kind import Kind
from agentops_eval.chaos.exploring._coverage import Counts, Coverage
from agentops_eval.chaos.exploring._findings import Findings, Found
from agentops_eval.chaos.exploring._further import drawn
from agentops_eval.chaos.exploring._search import SYSTEMATIC, Search
from agentops_eval.chaos.exploring._seen import (
    Judge,
    Picks,
    Reason,
    Runner,
    Seen,
    Space,
    chosen,
    observe,
)
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import AgentUnsteady, ChaosFinding, Json, Mode, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How far to explore.

    ``faults`` are globs over the names of kinds and ``targets`` over what is called; without any, all are
    tried. ``depth`` is the largest number of faults at once: up to two are enumerated, of more at most
    ``further`` of each size are drawn. ``runs`` is the budget, None for as many as it takes; those that make
    a finding smaller are not in it, at most ``shrink_runs`` each. ``audit`` is the share of pruned schedules
    that is run after all. ``undeclared`` counts degradation that no contract declares as a finding.
    """

    depth: int = 2
    runs: int | None = None
    audit: float = 0.05
    seed: int = 0
    faults: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    undeclared: bool = False
    merge: bool = True
    classify: bool = True
    further: int = 200
    shrink_runs: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exploration is; told after each run."""

    size: int = 0
    runs: int = 0
    behaviours: int = 0
    findings: int = 0
    schedule: Schedule
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """What one fault alone did. ``reasons`` are why it is a finding; none where it is none."""

    schedule: Schedule
    mode: Mode
    injected: bool
    reasons: tuple[Reason, ...] = ()
    weight: float = 1.0
    contained: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What was found. ``complete`` says that nothing cut it short, neither a budget nor a person.

    ``singles`` are the single faults that were run, in order.
    ``met`` are the rules of the contract that speak of what some run called, ``notes`` lines on those that
    speak of nothing.
    """

    findings: tuple[ChaosFinding, ...]
    coverage: Coverage
    disagreements: tuple[tuple[Schedule, str], ...] = ()
    classes: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    behaviours: frozenset[str] = frozenset()
    met: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    singles: tuple[Single, ...] = ()
    complete: bool = True
    interrupted: bool = False

    @property
    def steady(self) -> bool:
        """Whether nothing was found, of the agent or of the search itself."""
        return not self.findings and not self.disagreements


class Execute(Protocol):
    """Runs schedules, perhaps side by side, and gives what they showed in their order."""

    def __call__(self, work: Iterable[Picks], *, onward: bool) -> Iterator[tuple[Picks, Seen]]:
        """``onward`` says that places are asked for."""
        ...


class Journal(Protocol):
    """What is known from an earlier, interrupted exploration, and where this one is written."""

    def recorded(self, schedule: Schedule) -> Seen | None:
        """What the next run of the earlier one showed; None where it had come no further."""
        ...

    def keep(self, schedule: Schedule, seen: Seen) -> None:
        """Write down one run."""
        ...

    def found(self, document: Json) -> None:
        """Write down a finding, or compare it with the one that was written."""
        ...


def _nothing(_: Progress) -> None:
    return None


def _kept(finding: ChaosFinding) -> ChaosFinding:
    return finding


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What stands around an exploration, all of it optional.

    ``execute`` runs schedules in place of this thread, ``journal`` remembers them, ``enough`` ends the
    search, ``tell`` hears of each run. ``on_finding`` is given each finding as soon as it is smallest, and
    gives it back, perhaps with the test that was written for it.
    """

    execute: Execute | None = None
    journal: Journal | None = None
    enough: Callable[[], bool] = _never
    tell: Callable[[Progress], None] = _nothing
    on_finding: Callable[[ChaosFinding], ChaosFinding] = _kept


class Explorer:
    """One exploration: see ``explore``."""

    def __init__(
        self,
        runner: Runner,
        judge: Judge,
        *,
        agent: str = "agent",
        options: Options = Options(),  # frozen
        kinds: Mapping[str, Kind] = CATALOGUE,
        wiring: Wiring = Wiring(),  # frozen
    ) -> None:
        self.options, self._wiring = options, wiring
        self.space = space_of(options, kinds)
        self.search = Search(
            audit=options.audit, seed=options.seed, merge=options.merge, classify=options.classify
        )
        self._runner, self._judge = runner, judge
        self._execute = wiring.execute or self._here
        self._findings = Findings(
            agent, runner, judge, kinds=kinds, undeclared=options.undeclared, most=options.shrink_runs
        )
        self._told: list[ChaosFinding] = []
        self._cut = False

    def run(self) -> Exploration:
        """Explore; an interrupt of the terminal ends it with what is known."""
        interrupted = False
        try:
            self._levels()
        except KeyboardInterrupt:
            interrupted = self._cut = True
        return self._result(interrupted=interrupted)

    def _levels(self) -> None:
        self._begin()
        search, options = self.search, self.options
        for size in range(1, options.depth + 1):
            if self._cut:
                break
            if size == SYSTEMATIC:
                search.learn()
            if size <= SYSTEMATIC:
                self._level(size)
            else:
                self._drawn(size)

    # -- the levels ---------------------------------------------------------------------------

    def _begin(self) -> None:
        found = list(self._run_all(iter([()]), onward=self.options.depth > 0))
        if not found:
            return
        again = observe((), self.space, self._runner, self._judge, undeclared=self.options.undeclared)
        if again.signature != found[0].signature:
            raise AgentUnsteady(
                "two runs without a fault did not do the same, so that no difference could be blamed on one",
                remedy="lay out a fresh world for each run, and let time and chance cross a seam",
            )

    def _level(self, size: int) -> None:
        """Run what must be run, then some of what need not be, until the two agree."""
        onward = size < self.options.depth
        while True:
            self._drain(self._run_all(self.search.wave(size), onward=onward))
            if self._cut:
                return
            self._drain(self._run_all(iter(self.search.audit_wave()), onward=onward))
            if not self.search.check() or self._cut:
                return

    def _drawn(self, size: int) -> None:
        parents = [(picks, self.search.seen[picks]) for picks in self.search.levels[size - 1]]
        work = drawn(parents, most=self.options.further, seed=self.options.seed + size)
        self._drain(self._run_all(iter(work), onward=size < self.options.depth))

    @staticmethod
    def _drain(runs: Iterable[Seen]) -> None:
        for _ in runs:
            pass

    # -- runs ---------------------------------------------------------------------------------

    def _run_all(self, wave: Iterator[Picks], *, onward: bool) -> Iterator[Seen]:
        for picks, seen in self._known_first(self._within_budget(wave), onward=onward):
            self.search.take(picks, seen)
            self._look(picks, seen)
            yield seen

    def _within_budget(self, wave: Iterator[Picks]) -> Iterator[Picks]:
        most = self.options.runs
        left = None if most is None else max(most - len(self.search.seen), 0)
        for picks in islice(wave, left):
            if self._wiring.enough():
                self._cut = True
                return
            yield picks
        if next(wave, None) is not None:
            self._cut = True

    def _known_first(self, wave: Iterator[Picks], *, onward: bool) -> Iterator[tuple[Picks, Seen]]:
        journal = self._wiring.journal
        if journal is None:
            yield from self._execute(wave, onward=onward)
            return
        for picks in wave:
            known = journal.recorded(self.space.schedule(picks))
            if known is None:
                rest = self._execute(_chained(picks, wave), onward=onward)
                break
            yield picks, known
        else:
            return
        for picks, seen in rest:
            journal.keep(self.space.schedule(picks), seen)
            yield picks, seen

    def _here(self, work: Iterable[Picks], *, onward: bool) -> Iterator[tuple[Picks, Seen]]:
        for picks in work:
            yield (
                picks,
                observe(
                    picks,
                    self.space,
                    self._runner,
                    self._judge,
                    undeclared=self.options.undeclared,
                    onward=onward,
                ),
            )

    def _look(self, picks: Picks, seen: Seen) -> None:
        if picks and seen.reasons and not seen.not_injected:
            found = self._findings.look(self.space.schedule(picks), seen.reasons)
            if found is not None:
                self._report(found)
        self._wiring.tell(
            Progress(
                size=len(picks),
                runs=len(self.search.seen),
                behaviours=len(self.search.behaviours),
                findings=len(self._told),
                schedule=self.space.schedule(picks),
                mode=seen.mode,
            )
        )

    def _report(self, found: Found) -> None:
        if self._wiring.journal is not None:
            self._wiring.journal.found(found.to_json())
        self._told.append(self._wiring.on_finding(found.finding))

    # -- the result ---------------------------------------------------------------------------

    def _result(self, *, interrupted: bool) -> Exploration:
        search, space = self.search, self.space
        findings = [replace(one, details={**one.details, **self._findings.shown(one)}) for one in self._told]
        return Exploration(
            findings=tuple(findings),
            coverage=self._coverage(),
            disagreements=tuple([(space.schedule(one.picks), one.rule) for one in search.disagreements]),
            classes={
                callee: tuple(tuple(str(space.variants[number]) for number in members) for members in classes)
                for callee, classes in search.classes.told().items()
            },
            behaviours=frozenset(search.behaviours),
            met=frozenset[int]().union(*(one.met for one in search.seen.values())),
            singles=tuple(_single(space.schedule(picks), search.seen[picks]) for picks in search.levels[1]),
            complete=not self._cut,
            interrupted=interrupted,
        )

    def _coverage(self) -> Coverage:
        search = self.search
        counted = [one for picks, one in search.seen.items() if picks and not one.not_injected]
        labels: Counter[str] = Counter()
        for one in counted:
            labels.update(one.labels)
        sizes = range(1, min(self.options.depth, SYSTEMATIC) + 1) if () in search.seen else ()
        systematic = {size: search.counts(size) for size in sizes}
        return Coverage(
            singles=systematic.get(1, Counts()),
            pairs=systematic.get(2, Counts()),
            further={
                size: len(level) for size, level in enumerate(search.levels) if size > SYSTEMATIC and level
            },
            labels=labels,
            left=sum(one.mode is Mode.UNKNOWN for one in counted),
            audited=len(search.audited),
            disagreed=len(search.disagreements),
            behaviours=len(search.behaviours),
            runs=len(search.seen),
        )


def explore(
    runner: Runner,
    judge: Judge,
    *,
    agent: str = "agent",
    options: Options = Options(),  # frozen
    kinds: Mapping[str, Kind] = CATALOGUE,
    wiring: Wiring = Wiring(),  # frozen
) -> Exploration:
    """Try faults on an agent, alone, in pairs and in larger numbers, as far as ``options`` say.

    ``runner`` runs it once under a schedule, ``judge`` says what that did to it. Raises AgentUnsteady for an
    agent that fails, or does not do the same twice, without any fault.
    """
    return Explorer(runner, judge, agent=agent, options=options, kinds=kinds, wiring=wiring).run()


def space_of(options: Options, kinds: Mapping[str, Kind] = CATALOGUE) -> Space:
    """The faults that these options let be tried. Raises ConfigInvalid for a kind that is not known."""
    return Space(chosen(options.faults, kinds), targets=options.targets, seed=options.seed)


def _single(schedule: Schedule, seen: Seen) -> Single:
    return Single(
        schedule=schedule,
        mode=seen.mode,
        injected=not seen.not_injected,
        reasons=seen.reasons,
        weight=seen.weight,
        contained=seen.contained,
    )


def _chained(first: Picks, rest: Iterator[Picks]) -> Iterator[Picks]:
    yield first
    yield from rest
