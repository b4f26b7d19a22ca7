"""An exploration with its edges: processes, journal, regressions."""

from __future__ import annotations

import errno
import hashlib
import inspect
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from agentops_eval import __version__
from agentops_eval.chaos.contracts import unmet_rules
from agentops_eval.chaos.exploring import Exploration, Explorer, Options, Progress, Wiring
from agentops_eval.domain import (
    ChaosFinding,
    DrawRequest,
    FaultNotInjected,
    Json,
    NothingToExplore,
    nearest,
)
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._target import load_callable
from agentops_eval.harness.faulting._pool import Pool
from agentops_eval.harness.faulting._ready import ExploreOrder, Ready
from agentops_eval.harness.faulting._regression import write_regression
from agentops_eval.harness.faulting._store import ExplorationFolder
from agentops_eval.replay import file_digest
from agentops_eval.traces.redaction import Redactor

_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands around an exploration.

    ``jobs`` processes run the agent, with one this process alone. ``state`` is the folder of its journal,
    ``out`` the one of the regressions that it writes. After ``seconds`` it ends with what it knows.
    """

    jobs: int = 1
    seconds: float | None = None
    state: Path | None = None
    out: Path | None = None
    force: bool = False


def explore_agent(
    order: ExploreOrder,
    around: Around = Around(),  # frozen
    *,
    tell: Callable[[Progress], None] = lambda _: None,
    on_finding: Callable[[ChaosFinding], None] = lambda _: None,
) -> Exploration:
    """Explore an agent by its name. ``tell`` hears of each run, ``on_finding`` of each finding with its test.

    Raises what loading it raises; AgentUnsteady; NothingToExplore; FaultNotInjected where the budget ended
    before one fault happened; ExplorationInvalid for a folder of another exploration;
    ExplorationBroke where a process that ran the agent ended; OSError where a test cannot be written.
    """
    began_s = time.monotonic()
    if around.out is not None:
        _check_place(around.out)
    with ExitStack() as stack:
        ready = Ready(order)
        redactor = redactor_of(order.subject.settings)
        folder = None
        if around.state is not None:
            head = head_of(order, redactor)
            folder = stack.enter_context(ExplorationFolder(around.state, head, redactor))
        execute = ready.execute
        if around.jobs > 1:
            execute = stack.enter_context(Pool(order, jobs=around.jobs)).execute

        def found(finding: ChaosFinding) -> ChaosFinding:
            return _written(finding, order, around, redactor, on_finding)

        def enough() -> bool:
            return around.seconds is not None and time.monotonic() - began_s > around.seconds

        wiring = Wiring(execute=execute, journal=folder, enough=enough, tell=tell, on_finding=found)
        explorer = Explorer(
            ready.run, ready.judge, agent=ready.subject.name, options=order.options, wiring=wiring
        )
        exploration = explorer.run()
        if folder is not None and exploration.complete:
            folder.finish(exploration.coverage.to_json())
        _refuse_empty(exploration, ready)
        return replace(exploration, notes=_notes(ready, exploration))


def _check_place(folder: Path) -> None:
    """Raises OSError where no file can be written into the folder, before an hour was spent in vain."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    code = None if os.access(there, os.W_OK) else errno.EACCES
    code = code if there.is_dir() else errno.ENOTDIR
    if code is not None:
        raise OSError(code, os.strerror(code), str(there))


def _refuse_empty(found: Exploration, ready: Ready) -> None:
    """Raises where no fault happened and nobody broke it off: that shows nothing."""
    singles = found.coverage.singles
    if found.complete and not singles.covered:
        raise _nothing(ready, singles.total)
    if not found.interrupted and not singles.covered:
        raise _out_of_budget(found, ready.order)


def _notes(ready: Ready, found: Exploration) -> tuple[str, ...]:
    """Rules of the contract that speak of what no run called."""
    if ready.order.contract is None:
        return ()
    met = ready.met | found.met
    return unmet_rules(ready.contract, met, _called(ready), file=ready.order.contract.name)


def _called(ready: Ready) -> list[str]:
    return sorted({one.boundary for one in ready.base.events if not isinstance(one.request, DrawRequest)})


def _nothing(ready: Ready, total: int) -> NothingToExplore:
    """Why no fault was tried."""
    where, targets = ready.order.subject.target, ready.order.options.targets
    called = _called(ready)
    if not called:
        return NothingToExplore(
            "the agent makes no call that a fault could hit",
            where=where,
            remedy="mark its tools with @tool, and give arguments with which it calls something",
        )
    more = f" and {len(called) - _LISTED} more" if len(called) > _LISTED else ""
    return NothingToExplore(
        f"none of the faults that fit could be injected ({total:,} tried)"
        if total
        else "no fault fits any call of the agent",
        where=where,
        difference=f"it calls {', '.join(called[:_LISTED])}{more}",
        remedy=nearest(targets[0], called) if targets and not total else "agentops-eval chaos faults",
    )


def _out_of_budget(found: Exploration, order: ExploreOrder) -> FaultNotInjected:
    """Why an exploration that was cut short shows nothing."""
    return FaultNotInjected(
        "the exploration injected no fault, and shows nothing",
        where=order.subject.target,
        difference=f"the budget ended after {found.coverage.runs} runs, before the first of them",
        remedy="give more --budget",
    )


def _written(
    finding: ChaosFinding,
    order: ExploreOrder,
    around: Around,
    redactor: Redactor,
    tell: Callable[[ChaosFinding], None],
) -> ChaosFinding:
    """Write the test of a finding where there is a place for it, and tell of both; of the finding always."""
    told = finding
    try:
        if around.out is not None:
            path = write_regression(
                finding,
                around.out,
                order.subject,
                contract=order.contract,
                redact=redactor.text,
                force=around.force,
            )
            told = replace(finding, test=str(path))
    finally:
        tell(told)
    return told


def head_of(order: ExploreOrder, redactor: Redactor) -> dict[str, Json]:
    """What makes two explorations the same: a journal of another one is not continued."""
    subject, options = order.subject, order.options
    limits = subject.limits
    head: Json = {
        "version": __version__,
        "agent": subject.target,
        "arguments": list(subject.arguments),
        "code": _code(subject.target, subject.root),
        "world": [subject.world, _code(subject.world, subject.root) if subject.world else ""],
        "recording": "" if subject.cassette is None else file_digest(subject.cassette),
        "answers": "" if subject.answers is None else subject.answers.value,
        "approver": subject.approver,
        "contract": "" if order.contract is None else file_digest(order.contract),
        "limits": [limits.deadline_s, limits.calls, limits.repeats],
        "options": _told(options),
    }
    shown = redactor.json(head)
    assert isinstance(shown, dict)
    return dict(shown)


def _told(options: Options) -> dict[str, Json]:
    """All that decides what is run, but for the budget, which may grow."""
    return {
        "depth": options.depth,
        "audit": options.audit,
        "seed": options.seed,
        "faults": list(options.faults),
        "targets": list(options.targets),
        "undeclared": options.undeclared,
        "merge": options.merge,
        "classify": options.classify,
        "further": options.further,
        "shrink_runs": options.shrink_runs,
    }


def _code(target: str, root: Path) -> str:
    """The digest of the file in which the callable stands; what that imports is not seen."""
    try:
        source = inspect.getsourcefile(inspect.unwrap(load_callable(target, root=root)))
    except TypeError:  # made in C, or an object
        source = None
    if source is None or not Path(source).exists():
        return ""
    return hashlib.sha256(Path(source).read_bytes()).hexdigest()[:16]
