"""Loading what is run under faults by its name, so that other processes can load the same."""

from __future__ import annotations

import functools
import inspect
import shlex
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentops_eval.chaos import Limits
from agentops_eval.domain import CassetteMissing, Json, TargetInvalid, WorldLost
from agentops_eval.harness._approver import approver_of
from agentops_eval.harness._opening import Answers
from agentops_eval.harness._settings import Settings
from agentops_eval.harness._target import Target, finished, load_callable, load_target
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.replay import Cassette, check_cassette, read_cassette
from agentops_eval.seams import Approver, signature_of

WORLD = "world"
"""The parameter under which an agent is handed its world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectOrder:
    """What is to be run under faults, in words alone: it may be handed to another process.

    ``target`` is ``module:callable``, called with ``arguments``. ``world`` is a ``module:callable`` that lays
    out a fresh world for each run, handed to the agent under the name ``world``; it may have ``state()``, and
    be a context manager. ``answers`` defaults to the recording where there is one. ``tasks`` are the
    arguments of what else the agent may be asked, by a name of their own.
    """

    target: str
    arguments: tuple[str, ...] = ()
    root: Path = field(default_factory=Path.cwd)
    settings: Settings = field(default_factory=Settings)
    cassette: Path | None = None
    answers: Answers | None = None
    world: str = ""
    approver: str = ""
    tasks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def command(self, verb: str = "record") -> str:
        """The command that records the agent without any fault, or with ``replay`` replays its recording."""
        kept = () if self.cassette is None else ("--cassette", below(self.cassette, self.root))
        return shlex.join(["agentops-eval", verb, self.target, *self.arguments, *kept])


def below(path: Path, root: Path) -> str:
    """The path as it is named from the root: relative where it lies below."""
    whole = path if path.is_absolute() else root / path
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def load_subject(order: SubjectOrder, *, approver: Approver | None = None, again: bool = False) -> Subject:
    """Import the agent and its world, and read its recording. ``approver`` goes before the ordered one.

    With ``again`` the world is not laid out but taken up as a killed process left it, by its ``again()``.
    Raises WorldLost where it has none, TargetInvalid, CassetteMissing, CassetteCorrupt and their kin,
    ConfigInvalid.
    """
    world = load_callable(order.world, root=order.root) if order.world else None
    if again and world is not None:
        world = _taken_up(order, world)
    if world is None:
        target = load_target(order.target, order.arguments, root=order.root)
        others = {
            task: load_target(order.target, words, root=order.root) for task, words in order.tasks.items()
        }
        begin = _plain(target, others)
        name = target.name
    else:
        function = load_callable(order.target, root=order.root)
        name = str(getattr(function, "__name__", order.target))
        begin = _in_world(function, order, world)
    cassette = None if order.cassette is None else _recording(order, order.cassette)
    answers = order.answers or (Answers.WORLD if cassette is None else Answers.RECORDING)
    if answers is Answers.RECORDING and cassette is None:
        raise CassetteMissing(
            "the recording is to answer, and none is given",
            where=order.target,
            remedy="give its file with --cassette, or let the world answer",
        )
    return Subject(
        name=name,
        begin=begin,
        answers=answers,
        cassette=cassette,
        path=order.cassette or Path(f"{name}.cassette.jsonl"),
        limits=order.limits,
        settings=order.settings,
        approver=approver or approver_of(order.approver or None, where="the approver"),
        tasks=tuple(order.tasks),
    )


def _taken_up(order: SubjectOrder, world: Callable[..., Any]) -> Callable[..., Any]:
    found: Callable[..., Any] | None = getattr(world, "again", None)
    if found is None:
        raise WorldLost(
            f"the world {order.world} was lost with the process that was killed",
            difference="it has no again()",
            remedy="keep it in files or behind an address, and give it again(), which takes it up",
        )
    return found


def subject_of(
    function: Callable[..., Any],
    *arguments: object,
    settings: Settings | None = None,
    world: Callable[[], Any] | None = None,
    tasks: Mapping[str, tuple[object, ...]] | None = None,
    **more: Any,
) -> Subject:
    """A subject of a callable that is at hand already, such as a test's own; ``more`` are its fields."""
    name = str(getattr(function, "__name__", type(function).__name__))
    others = {task: functools.partial(function, *words) for task, words in (tasks or {}).items()}

    def begin() -> Play:
        if world is None:
            call, *more_calls = [
                _to_its_end(one) for one in (functools.partial(function, *arguments), *others.values())
            ]
            return Play(call=call, tasks=dict(zip(others, more_calls, strict=True)))
        return _play(functools.partial(function, *arguments), world(), others)

    return Subject(name=name, begin=begin, settings=settings or Settings(), tasks=tuple(others), **more)


def _to_its_end(call: Callable[..., Any], **handed: Any) -> Callable[[], object]:
    return lambda: finished(call(**handed))


def _plain(target: Target, others: Mapping[str, Target]) -> Callable[[], Play]:
    def begin() -> Play:
        return Play(call=target, tasks=others)

    return begin


def _in_world(
    function: Callable[..., Any], order: SubjectOrder, world: Callable[..., Any]
) -> Callable[[], Play]:
    try:
        for words in (order.arguments, *order.tasks.values()):
            signature_of(function).bind(*words, **{WORLD: None})
    except TypeError as error:
        raise TargetInvalid(
            f"{order.target} cannot be given a world: {error}",
            difference=f"its parameters: {signature_of(function)}",
            remedy=f"give it a parameter named {WORLD}, and one word for each other parameter",
        ) from None

    others = {task: functools.partial(function, *words) for task, words in order.tasks.items()}

    def begin() -> Play:
        return _play(functools.partial(function, *order.arguments), world(), others)

    return begin


def _play(call: Callable[..., Any], made: Any, others: Mapping[str, Callable[..., Any]]) -> Play:
    """A fresh world and the call that is given it; its state is read when the run is over."""
    close: Callable[[], object] | None = getattr(made, "close", None)
    opened = made
    if isinstance(made, AbstractContextManager):
        opened = made.__enter__()
        close = functools.partial(made.__exit__, None, None, None)
    state: Callable[[], Json] | None = getattr(opened, "state", None)
    return Play(
        call=_to_its_end(call, **{WORLD: opened}),
        tasks={task: _to_its_end(other, **{WORLD: opened}) for task, other in others.items()},
        state=state if callable(state) else None,
        close=close if callable(close) and not inspect.iscoroutinefunction(close) else None,
    )


def _recording(order: SubjectOrder, path: Path) -> Cassette:
    """The recording, of whatever test or case: who names a file means that one."""
    try:
        cassette = read_cassette(path)
    except CassetteMissing as missing:
        missing.remedy = order.command()
        raise
    check_cassette(cassette, case="", max_age_days=order.settings.max_age_days, now=datetime.now(UTC))
    return cassette
