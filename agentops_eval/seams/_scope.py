"""The run that the current task or thread belongs to, and its stack of handlers.

A scope is reached through a ContextVar, so two runs in two tasks or threads never see each
other's traffic. ``carry`` (see ``_carry.py``) takes the context into threads and executors.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_eval.domain import Call, DrawRequest, Patience, ReplayMiss, Request, RunMisuse, Seam
from agentops_eval.seams._handler import Handler

if TYPE_CHECKING:
    from agentops_eval.seams._clock import Clock
    from agentops_eval.seams._entropy import Entropy
    from agentops_eval.seams._humans import Approver
    from agentops_eval.seams._spans import SpanCollector

_ENDLESS = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Which task or thread of a run this is.

    ``name`` is its place by order of creation: "" for the run's own, "0.2" for the third one that
    its first one started. ``path`` tells also how many calls the creator had made by then, as
    ``Event.lane`` does. Both follow from the program, not from the scheduler.
    """

    name: str = ""
    path: str = ""

    def child(self, number: int, after: int) -> Lane:
        """The lane of the ``number``-th task started from here, after so many calls."""
        return Lane(name=_below(self.name, str(number)), path=_below(self.path, f"{after}:{number}"))


def _below(above: str, step: str) -> str:
    return f"{above}.{step}" if above else step


@dataclass(eq=False, slots=True)
class Scope:
    """One open run as the seams see it.

    ``replaying`` means that nothing may reach the network but ``allowed_hosts`` (``host`` or
    ``host:port``). ``approver`` answers ``approve()``; ``spans`` collects what the agent emits.
    ``world`` means that servers on this machine stand behind its seams nevertheless.
    ``problems`` collects misses and blocked traffic, to be raised again when the run ends. One that is
    ``given_up`` was ended from outside: what its threads still ask reaches nobody. The same holds of one that
    is ``sealed`` once it is over, for it promised that nothing it does reaches the world. ``skew_s`` is how
    far a fault set its machine's wall clock wrong. What happens in one that is not ``replayable`` will never
    be replayed, so results need not be such that they could.
    """

    handlers: tuple[Handler, ...]
    clock: Clock
    entropy: Entropy
    name: str = "agent"
    replaying: bool = False
    world: bool = False
    allowed_hosts: frozenset[str] = frozenset()
    approver: Approver | None = None
    spans: SpanCollector | None = None
    problems: list[BaseException] = field(default_factory=list)
    closed: bool = False
    given_up: bool = False
    sealed: bool = False
    skew_s: float = 0.0
    replayable: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)
    _spans: dict[str, int] = field(default_factory=dict)
    _children: dict[Lane, int] = field(default_factory=dict)
    _calls: dict[Lane, int] = field(default_factory=dict)

    @property
    def lets_nothing_out(self) -> bool:
        """Whether what it left behind, such as threads, may reach nobody at any time."""
        return self.given_up or (self.closed and self.sealed)

    @property
    def shut(self) -> bool:
        """Whether nobody stands behind its seams, so that nothing is started or connected to."""
        return self.replaying and not self.world

    def call(
        self, seam: Seam, boundary: str, request: Request, *, site: str = "", patience: Patience = _ENDLESS
    ) -> Call:
        """Make the call value for a crossing from where the caller stands now."""
        lane = LANE.get()
        if not isinstance(request, DrawRequest):
            with self.lock:
                self._calls[lane] = self._calls.get(lane, 0) + 1
        return Call(
            seam=seam,
            boundary=boundary,
            request=request,
            span=SPAN.get(),
            lane=lane.path,
            site=site,
            patience=patience,
        )

    def child_span(self, name: str) -> str:
        """Name a new span below the current one; repeats are numbered from 0."""
        path = f"{SPAN.get().rstrip('/')}/{name}"
        with self.lock:
            number = self._spans.get(path, 0)
            self._spans[path] = number + 1
        return f"{path}#{number}"

    def child_lane(self) -> Lane:
        """The lane of a task or thread that is being started now, in order of creation."""
        lane = LANE.get()
        with self.lock:
            number = self._children.get(lane, 0)
            self._children[lane] = number + 1
            return lane.child(number, self._calls.get(lane, 0))

    def remember(self, problem: BaseException) -> None:
        """Keep a miss, so that it is raised at the end even where something swallowed it."""
        with self.lock:
            self.problems.append(problem)


SCOPE: ContextVar[Scope | None] = ContextVar("agentops_scope", default=None)
SPAN: ContextVar[str] = ContextVar("agentops_span", default="/")
PARENT: ContextVar[int | None] = ContextVar("agentops_parent", default=None)
_OWN = Lane()
# Two tasks that draw at once are told apart by their lanes, and calls of a fan-out are ordered by them.
LANE: ContextVar[Lane] = ContextVar("agentops_lane", default=_OWN)
# Below a real transport; where that belongs to a run behind whose seams stands this machine, of which run.
PASSING: ContextVar[Scope | bool] = ContextVar("agentops_passing", default=False)

_open_lock = threading.Lock()
_open: list[Scope] = []


def current_scope() -> Scope | None:
    """The open scope of the calling task or thread; None outside a run or after it closed."""
    scope = SCOPE.get()
    return None if scope is None or scope.closed else scope


def answerable_scope() -> Scope | None:
    """The run that answers for what reaches the network from here: the open one, or whose call passes.

    A handler that lets a call out answers for it itself, but in a run that may reach only this machine.
    """
    scope, passing = SCOPE.get(), PASSING.get()
    return passing if scope is None and isinstance(passing, Scope) else scope


def replaying_scopes() -> tuple[Scope, ...]:
    """Every scope in this process that replays now, whichever thread it belongs to."""
    return tuple(scope for scope in tuple(_open) if scope.replaying)  # other threads open and close runs


def refuse_stray(what: str) -> None:
    """Block traffic that belongs to no run while some run in this process replays.

    Its context was lost (a raw thread, a process pool), so nobody could answer it from a
    recording, and letting it out would break the promise that a replay opens no socket. What a run that
    is over left behind is blocked and no other run's problem; of one that was given up, or was sealed, at
    any time.
    """
    scopes, own = replaying_scopes(), SCOPE.get()
    if own is not None and own.lets_nothing_out:
        raise left_behind(what, own)
    if not scopes or PASSING.get():  # below a real transport: the crossing above was let through
        return
    if own is not None and own.closed:
        why = f"was called after its run, while {scopes[0].name!r} is being replayed"
        raise left_behind(what, own, why)
    thread = threading.current_thread().name
    miss = ReplayMiss(
        f"{what} was called outside any run, in thread {thread!r}, while "
        f"{scopes[0].name!r} is being replayed",
        reason="blocked",
        where=f"thread {thread}",
        remedy="start the thread inside the run, or pass contextvars.copy_context().run to it",
    )
    for scope in scopes:
        scope.remember(miss)
    raise miss


def left_behind(what: str, scope: Scope, why: str = "") -> ReplayMiss:
    """What is raised for traffic of a run that is over; ``why`` where it is so for now only."""
    why = why or (
        "was called by a run that took too long and was given up"
        if scope.given_up
        else "was called after its run, of which nothing may reach the world"
    )
    return ReplayMiss(
        f"{what} {why}",
        reason="blocked",
        where=f"{scope.name}, thread {threading.current_thread().name}",
        remedy="let the agent wait for the threads and tasks that it starts",
    )


@dataclass(slots=True)
class Entry:
    """The tokens with which an entered scope is left again."""

    scope: Scope
    tokens: tuple[Token[Scope | None], Token[str], Token[int | None], Token[Lane]]


def enter(scope: Scope) -> Entry:
    """Make ``scope`` the current one of this context."""
    with _open_lock:
        if scope.closed or scope in _open:
            raise RunMisuse(f"the run {scope.name!r} is already open or over", remedy="open a new run")
        _open.append(scope)
    return Entry(scope, (SCOPE.set(scope), SPAN.set("/"), PARENT.set(None), LANE.set(_OWN)))


def leave(entry: Entry) -> None:
    """Close the scope. Works from another task too, where the tokens cannot be reset."""
    entry.scope.closed = True
    with _open_lock, suppress(ValueError):  # a run that is given up may be closing itself
        _open.remove(entry.scope)
    scope, span, parent, lane = entry.tokens
    with suppress(ValueError):  # another context finishes us (an async generator's last step)
        SCOPE.reset(scope)
        SPAN.reset(span)
        PARENT.reset(parent)
        LANE.reset(lane)


class suspended:  # noqa: N801  # a context manager as a function costs twice as much, at each chunk of a body
    """Hide the scope while the real transport runs, which may stand on another patched library."""

    __slots__ = ("_passing", "_scope")

    def __enter__(self) -> None:
        scope = SCOPE.get()
        held = scope if scope is not None and scope.world else PASSING.get() or True
        self._scope, self._passing = SCOPE.set(None), PASSING.set(held)

    def __exit__(self, *_: object) -> None:
        try:
            SCOPE.reset(self._scope)
            PASSING.reset(self._passing)
        except ValueError:  # an async generator finalised in another context: nothing to restore
            pass


@contextmanager
def within(scope: Scope) -> Generator[None]:
    """Let a thread that belongs to no run take part in ``scope``, on behalf of another process."""
    token = SCOPE.set(scope)
    try:
        yield
    finally:
        SCOPE.reset(token)


class inside:  # noqa: N801  # it is used like the functions above, and costs half of one
    """Run a tool's or an agent's body under its own span and parent event.

    ``apart`` is for a body that does not run on replay: the tasks that it starts must not count
    among those of its caller.
    """

    __slots__ = ("_apart", "_parent", "_span", "_tokens")

    def __init__(self, *, span: str | None = None, parent: int | None = None, apart: bool = False) -> None:
        self._span = span
        self._parent = parent
        self._apart = apart

    def __enter__(self) -> None:
        lane, parent = LANE.get(), self._parent
        self._tokens = (
            SPAN.set(SPAN.get() if self._span is None else self._span),
            PARENT.set(PARENT.get() if parent is None else parent),
            LANE.set(Lane(name=f"{lane.name}!{parent}", path=lane.path) if self._apart else lane),
        )

    def __exit__(self, *_: object) -> None:
        span, parent, lane = self._tokens
        LANE.reset(lane)
        PARENT.reset(parent)
        SPAN.reset(span)
