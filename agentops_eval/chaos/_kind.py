"""What a kind of fault is: a handler for one call, the seams where it may stand, and how to vary it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from agentops_eval.domain import Call, FaultClass, Json, Seam
from agentops_eval.seams import Next, Steps

NEVER_S = 3601.0
"""Longer than a run may last where nobody says how long that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer that a callee gave earlier in the run: to which call, and what."""

    call: Call
    value: Json


@dataclass(slots=True, kw_only=True)
class Hit:
    """One call that a fault hits, and where its act writes down what it did.

    ``parameters`` are complete: what the fault does not say has its default. ``random`` is seeded by the
    schedule's seed, the fault's place in it and the site, so that the order of threads does not matter.
    ``memory`` is shared by all calls of the run that the same fault hits. ``never_s`` is longer than the run
    may last: who waits for so long waits for ever.
    """

    parameters: Mapping[str, Any]
    site: str
    random: Random
    told: str = ""
    canaries: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    never_s: float = NEVER_S
    answers: Mapping[str, Sequence[Answered]] = field(default_factory=dict)

    def cannot(self, why: str) -> None:
        """Say that the fault could not be injected here: no experiment may count as passed with it."""
        self.impossible.append(why)

    def earlier(self, call: Call) -> Sequence[Answered]:
        """What the same callee answered before in this run, for kinds that ``remember``."""
        return self.answers.get(call.boundary, ())


Act: TypeAlias = Callable[[Hit, Call, Next], Steps]
Parameters: TypeAlias = Mapping[str, Json]


def _anything(_: Call) -> bool:
    return True


def _fine(_: Parameters) -> str:
    return ""


def _nothing(_: Parameters) -> Iterable[Parameters]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of fault. ``act`` is a handler for one call; it never retries.

    ``parameters`` are the names it takes, with their defaults. ``fits`` tells by the call alone whether it
    can be hit. ``variants`` are the parameters that an exploration tries. ``smaller`` gives parameters that
    are less than the given ones, the least first, for making a finding small. ``check`` says what is wrong
    with parameters of the right types, empty where nothing is. ``timed`` kinds differ in time alone, which
    signatures of behaviour leave out. ``choices`` are the words that a parameter may be.
    Kinds that ``remember`` are told what the same callee answered earlier in the run. After those that go
    ``again`` the agent may ask what it asked already: a recording answers that once more.
    """

    name: str
    seams: frozenset[Seam]
    fault_class: FaultClass
    act: Act
    parameters: Parameters = field(default_factory=dict)
    fits: Callable[[Call], bool] = _anything
    variants: tuple[Parameters, ...] = ({},)
    smaller: Callable[[Parameters], Iterable[Parameters]] = _nothing
    check: Callable[[Parameters], str] = _fine
    timed: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remember: bool = False
    again: bool = False

    @property
    def about(self) -> str:
        """What it does, in one sentence."""
        return (self.act.__doc__ or "").strip().splitlines()[0]


def kind(
    *seams: Seam,
    does: FaultClass,
    fits: Callable[[Call], bool] = _anything,
    variants: tuple[Parameters, ...] = ({},),
    smaller: Callable[[Parameters], Iterable[Parameters]] = _nothing,
    check: Callable[[Parameters], str] = _fine,
    timed: bool = False,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    remember: bool = False,
    again: bool = False,
    **parameters: Json,
) -> Callable[[Act], Kind]:
    """Make a kind of the act below, named like it. ``smaller`` is given complete parameters."""

    def less(given: Parameters) -> Iterable[Parameters]:
        for found in smaller({**parameters, **given}):
            yield {name: value for name, value in found.items() if value != parameters.get(name)}

    def make(act: Act) -> Kind:
        return Kind(
            name=getattr(act, "__name__", ""),
            seams=frozenset(seams),
            fault_class=does,
            act=act,
            parameters=parameters,
            fits=fits,
            variants=variants,
            smaller=less,
            check=check,
            timed=timed,
            choices=choices or {},
            remember=remember,
            again=again,
        )

    return make
