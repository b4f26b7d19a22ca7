"""What an agent may do when something that it depends on fails, said before anything fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from agentops_eval.chaos._declared import Declared
from agentops_eval.chaos._patience import patience
from agentops_eval.domain import FaultedRun, Mode

_END = 32_768
_REPEAT = re.compile(r"[*+?{]")


class Allowed(StrEnum):
    """Which effects a degraded run may have had, net of what it took back."""

    NONE = "none"
    SAME = "same"  # those of the fault-free run
    PREFIX = "prefix"  # the first of them, in their order
    LISTED = "listed"  # any of the named tools, and no other


def _each(given: str | Iterable[str]) -> tuple[str, ...]:
    """A text is one of what is meant, as in a file."""
    return (given,) if isinstance(given, str) else tuple(given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """One way in which the agent may get through a fault.

    ``dependency`` is a glob over what is called, as a fault's target is. ``faults`` are kinds or classes of
    faults, all of them where there are none. ``message`` is a pattern that the answer has to hold: a
    degradation of which nobody is told is not declared. ``only`` are the tools of ``Allowed.LISTED``.
    ``reach`` are the tools that may be touched; within them the fault counts as contained.
    """

    dependency: str = "*"
    faults: tuple[str, ...] = ()
    accept: tuple[Mode, ...] = (Mode.DEGRADED_AS_DECLARED,)
    message: str = ""
    effects: Allowed = Allowed.NONE
    only: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # In Python words are easily given for what they name: they are taken so, or raise ValueError.
        object.__setattr__(self, "effects", Allowed(self.effects))
        object.__setattr__(self, "accept", tuple(map(Mode, _each(self.accept))))
        for name in ("faults", "only", "reach"):
            object.__setattr__(self, name, _each(getattr(self, name)))

    def told_in(self, output: str) -> bool:
        """Whether the answer says what this degradation has to say."""
        return bool(self.message) and found_in(self.message, ends_of(output))


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoes:
    """What a compensation takes back. ``by`` is the argument that both have; else any value tells."""

    tool: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """What must hold of every run. ``check`` gives None or True where it does, else False or the reason."""

    name: str
    check: Callable[[FaultedRun], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What is declared of one agent. Everything has a default: without a contract nothing is declared.

    ``success``, ``failure`` and the messages of ``degradations`` are patterns, searched without regard to
    case. ``tenant`` names arguments that hold whose a call is, ``tenants`` the markers that only one tenant's
    data holds. ``writes`` are tools that change the world and do not say so, as those of MCP servers often
    do not. ``volatile`` arguments are no part of what an effect is. Repeats of an ``idempotent`` tool are
    harmless under one key; of any tool with an idempotency key, unless it is among ``not_idempotent``.
    Effects of ``harmless`` tools are not looked at. ``approval`` maps tools to the action that has to be
    approved. ``checks`` is what conformance checks hold the agent against. ``severity`` weighs dependencies
    and ``likelihood`` kinds or classes of faults, for the score.
    """

    agent: str = "agent"
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] | None = None
    tenant: tuple[str, ...] = ("tenant", "tenant_id")
    tenants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    volatile: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    idempotent: tuple[str, ...] = ()
    not_idempotent: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    compensates: Mapping[str, Undoes] = field(default_factory=dict)
    approval: Mapping[str, str] = field(default_factory=dict)
    degradations: tuple[Degradation, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    checks: Declared = field(default_factory=Declared)
    severity: Mapping[str, float] = field(default_factory=dict)
    likelihood: Mapping[str, float] = field(default_factory=dict)

    @property
    def reversible(self) -> frozenset[str]:
        """The tools that some compensation takes back."""
        return frozenset(one.tool for one in self.compensates.values())


def ends_of(text: str) -> str:
    """What is searched of an answer: all of it, or both ends of one that is very long."""
    return text if len(text) <= 2 * _END else f"{text[:_END]}\n{text[-_END:]}"


def found_in(words: str, text: str) -> bool:
    """Whether a pattern of a contract is in a text. Raises ContractInvalid where that would take too long."""
    if _REPEAT.search(words) is None:  # it is quick, and an alarm takes longer than to look for it
        return pattern(words).search(text) is not None
    with patience(words):
        return pattern(words).search(text) is not None


@lru_cache(maxsize=512)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of a contract, compiled. Raises ``re.error`` for what is none."""
    return re.compile(text, re.IGNORECASE)
