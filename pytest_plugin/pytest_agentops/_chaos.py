"""The fixture ``chaos``: an agent under faults, and what they do to it."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from agentops_eval.chaos import Contract, Limits, RunHung, json_text, judge
from agentops_eval.chaos.conformance import CheckResult, check
from agentops_eval.domain import (
    ConfigInvalid,
    Fault,
    FaultedRun,
    Impact,
    Schedule,
    nearest,
)
from agentops_eval.harness import ActiveRun, redactor_of
from agentops_eval.harness.faulting import (
    Answers,
    Injected,
    Runner,
    SubjectOrder,
    explore_command,
    load_contract,
    load_subject,
    not_injected,
    recorded_run,
)
from agentops_eval.replay import read_cassette
from pytest_agentops._case import CASE, told_plainly
from pytest_agentops._chosen import base_settings
from pytest_agentops._evidence import shown
from pytest_agentops._scenario import found, places

_LIMITS = ("deadline_s", "calls", "repeats")
_KEYWORDS = ("cassette", "answers", "world", "contract", "approver", "beside", *_LIMITS)
_CONTRACT = "degradation.yaml"
_EXAMPLE = 'for example @pytest.mark.chaos("shop.agent:refund_agent", "Order 1042 arrived broken.")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What ``@pytest.mark.chaos`` says: the agent with its words, None where it names none; a contract."""

    order: SubjectOrder | None = None
    path: Path | None = None
    contract: Contract = field(default_factory=Contract)


class Chaos:
    """Faults in the hands of a test.

    ``run`` runs the agent of the mark under faults; ``inject`` lets faults happen to the test's own
    cassette while a block lasts. Either gives an ``Impact``.
    """

    def __init__(self, item: pytest.Item, marked: Marked, run: ActiveRun | None) -> None:
        self._item, self._marked, self._open = item, marked, run
        self._runner: Runner | None = None
        self._bases: dict[int, FaultedRun] = {}

    def __repr__(self) -> str:
        order = self._marked.order
        return f"Chaos({order.target if order else self._item.name})"

    def run(self, *scheduled: Fault | Schedule, seed: int = 0) -> Impact:
        """Run the agent that the mark names under these faults, and compare with its run without them.

        A fault that does not happen fails the test.
        """
        __tracebackhide__ = True
        schedule = _schedule(scheduled, seed)
        with told_plainly():
            runner = self._ready()
            base = self._base(runner, schedule.seed)
            done = runner(schedule)
            if done.not_injected:
                raise not_injected(done, again=self._again())
            impact = judge(base, done, contract=self._marked.contract)
        shown(self._item.config).impacts.append((runner.subject.name, impact))
        self._show(_told(impact))
        return impact

    def check(self, name: str, **parameters: Any) -> CheckResult:
        """Hold the agent that the mark names against one conformance check, by its name and parameters.

        What cannot be told is no failure of the test, and is not passed: ``passed`` is None then.
        """
        __tracebackhide__ = True
        with told_plainly():
            runner = self._ready()
            agent = runner.subject.name
            result = check(name, runner, contract=self._marked.contract, agent=agent, **parameters)
        shown(self._item.config).checks.append((agent, result))
        self._show(_summary(result, again=self._again()))
        return result

    @contextmanager
    def inject(self, *scheduled: Fault | Schedule, seed: int = 0) -> Generator[BlockImpact]:
        """Let faults happen to the calls of this block, which the test's cassette answers.

        What the agent answered is the text that the block binds to a name, where that is one; else say it:
        ``impact.answered(agent(text))``.
        """
        __tracebackhide__ = True
        run = self._open
        if run is None:
            pytest.fail(
                "chaos.inject needs a recording: mark the test with @pytest.mark.cassette, or name the agent "
                f"and use chaos.run: {_EXAMPLE}",
                pytrace=False,
            )
        limits = Limits() if self._marked.order is None else self._marked.order.limits
        injected = Injected(run, _schedule(scheduled, seed), limits=limits)
        impact = BlockImpact(injected, run, self._marked.contract)
        frame = _test_frame()
        before = _bound(frame)
        try:
            with told_plainly(), injected:
                yield impact
        except RunHung as hung:
            self._note(impact)
            raise pytest.fail.Exception(f"the run hung under the faults: {hung}", pytrace=False) from None
        impact.guess(before, _bound(frame))
        self._note(impact)

    def _note(self, impact: BlockImpact) -> None:
        """Keep what the faults of a block did, as evidence; what comes of it is worked out at the end."""
        order = self._marked.order
        agent = self._item.stash[CASE].named if order is None else order.target
        shown(self._item.config).blocks.append((agent, impact.whole))

    def _show(self, text: str) -> None:
        """Add to the report of the test, which may be kept in a file: without secrets."""
        redactor = redactor_of(base_settings(self._item.config))
        self._item.add_report_section("call", "chaos", redactor.text(text))

    def _ready(self) -> Runner:
        if self._runner is None:
            if self._marked.order is None:
                raise ConfigInvalid(
                    "chaos.run does not know which agent to run", where=self._item.nodeid, remedy=_EXAMPLE
                )
            self._runner = Runner(load_subject(self._marked.order))
        return self._runner

    def _again(self) -> str:
        """The command that explores the agent of the mark once more, with tests beside this one."""
        order = self._marked.order
        assert order is not None  # it was run
        return explore_command(order, contract=self._marked.path, out=Path(self._item.path).parent)

    def _base(self, runner: Runner, seed: int) -> FaultedRun:
        if seed not in self._bases:
            self._bases[seed] = runner(Schedule(seed=seed))
        return self._bases[seed]


def _summary(result: CheckResult, *, again: str) -> str:
    lines = [f"{result.name}: {result.word}, {result.runs} runs", result.why, *result.evidence]
    if result.passed is None:
        lines.append(f"delete the test if a mended agent leaves nothing to check, and look for more: {again}")
    return "\n".join(filter(None, lines))


class BlockImpact:
    """The impact of a block's faults, known when the block is over: every name of ``Impact`` is one of it."""

    def __init__(self, injected: Injected, run: ActiveRun, contract: Contract) -> None:
        self._injected, self._run, self._contract = injected, run, contract
        self._said = False
        self._impact: Impact | None = None

    def answered(self, output: object) -> object:
        """Say what the agent answered; gives it back."""
        self._said = True
        return self._injected.answered(output)

    def guess(self, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        """Take the one text that the block bound to a name, unless the answer was said."""
        new = [
            value
            for name, value in after.items()
            if isinstance(value, str) and (name not in before or before[name] is not value)
        ]
        if len(new) == 1 and not self._said:
            self._injected.answered(new[0])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in _IMPACT:
            raise AttributeError(f"an impact has no {name!r}; {nearest(name, _IMPACT)}".rstrip("; "))
        return getattr(self.whole(), name)

    def whole(self) -> Impact:
        """The impact itself."""
        if self._impact is None:
            base = recorded_run(read_cassette(self._run.path).events)
            done = self._injected.faulted
            if not done.answered:  # a recording does not hold what an agent says by itself
                base = replace(base, output=None, answered=False)
            self._impact = judge(base, done, contract=self._contract)
        return self._impact


_IMPACT = frozenset({*Impact.__slots__, "harms", "safe"})


def open_chaos(request: pytest.FixtureRequest, run: ActiveRun | None) -> Chaos:
    """What the marks of the test mean. What they cannot mean fails the test, with what can."""
    __tracebackhide__ = True
    with told_plainly():
        return Chaos(request.node, read_mark(request.node), run)


def read_mark(item: pytest.Item) -> Marked:
    """Read ``@pytest.mark.chaos`` of a test; the closest one wins. Raises ConfigInvalid.

    A test without the mark is judged by ``degradation.yaml``, where there is one.
    """
    mark = item.get_closest_marker("chaos")
    if mark is None:
        return _judged_by(item, found(_CONTRACT, Path(item.path).parent, item.config))
    where = f"@pytest.mark.chaos of {item.nodeid}"
    for name in mark.kwargs:
        if name not in _KEYWORDS:
            what = f"@pytest.mark.chaos has no keyword {name!r}"
            raise ConfigInvalid(what, where=where, remedy=nearest(name, _KEYWORDS))
    if not all(isinstance(word, str) for word in mark.args):
        raise ConfigInvalid(f"{mark.args!r} are not the words of an agent", where=where, remedy=_EXAMPLE)
    order = _order(item, mark.args, mark.kwargs, where) if mark.args else None
    name = mark.kwargs.get("contract", "")
    if not name:
        return Marked(order=order)
    path = found(name, Path(item.path).parent, item.config)
    if not path.exists():
        looked = ", ".join(str(one) for one in places(name, Path(item.path).parent, item.config))
        raise ConfigInvalid(
            f"there is no contract {name!r}", where=where, difference=f"it was looked for at {looked}"
        )
    return replace(_judged_by(item, path), order=order)


def _judged_by(item: pytest.Item, path: Path) -> Marked:
    if not path.exists():
        return Marked()
    return Marked(path=path, contract=load_contract(path, root=item.config.rootpath))


def _order(item: pytest.Item, words: Sequence[str], options: Mapping[str, Any], where: str) -> SubjectOrder:
    cassette = options.get("cassette")
    answers = options.get("answers")
    if answers not in (None, *(one.value for one in Answers)):
        raise ConfigInvalid(
            f"answers={answers!r} is not known", where=where, remedy=f"one of {', '.join(Answers)}"
        )
    limits = {name: options[name] for name in _LIMITS if name in options}
    return SubjectOrder(
        target=words[0],
        arguments=tuple(words[1:]),
        root=item.config.rootpath,
        settings=base_settings(item.config),
        cassette=_recording(item, cassette) if cassette else None,
        answers=None if answers is None else Answers(answers),
        world=options.get("world", ""),
        approver=options.get("approver", ""),
        tasks={"beside": tuple(shlex.split(options["beside"]))} if "beside" in options else {},
        limits=Limits(**limits),
    )


def _recording(item: pytest.Item, name: str) -> Path:
    path = found(name, Path(item.path).parent, item.config)
    return path if path.exists() else item.config.rootpath / name


def _schedule(scheduled: Sequence[Fault | Schedule], seed: int) -> Schedule:
    faults: list[Fault] = []
    for one in scheduled:
        faults += one.faults if isinstance(one, Schedule) else (one,)
        seed = one.seed if isinstance(one, Schedule) and not seed else seed
    return Schedule(faults=tuple(faults), seed=seed)


def _test_frame() -> FrameType | None:
    """The frame of the block: the first one outward that is neither ours nor of contextlib."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") in (__name__, "contextlib"):
        frame = frame.f_back
    return frame


def _bound(frame: FrameType | None) -> dict[str, object]:
    return {} if frame is None else dict(frame.f_locals)


def _told(impact: Impact) -> str:
    """What a failing test shows of a run under faults."""
    run, radius, effects = impact.run, impact.blast_radius, impact.effects
    lines = [f"{run.schedule}: {impact.mode.value}" + (f", {impact.why}" if impact.why else "")]
    lines += [f"  {reason.harm.value}: {reason.text or reason.subject}" for reason in impact.reasons]
    lines.append(f"  answered {json_text(run.output)[:200]}")
    lines.append(f"  {radius.changed} calls changed, {radius.hops} hops, tools {sorted(radius.tools)}")
    for name in ("missing", "extra", "duplicated"):
        found_there = getattr(effects, name)
        lines += [f"  {name}: {', '.join(map(str, found_there))}"] if found_there else []
    return "\n".join(lines)
