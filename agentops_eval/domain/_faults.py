"""Faults, which calls they hit, and what became of a run under them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from agentops_eval.domain._calls import Event
from agentops_eval.domain._json import Json, canonical_json
from agentops_eval.domain._runs import RunError
from agentops_eval.domain._schedule_json import fault_fields, schedule_fields
from agentops_eval.domain._text import shorten


class FaultClass(StrEnum):
    """What a fault does to those who depend on what it hits; contracts speak of these."""

    UNAVAILABLE = "unavailable"  # no answer, or an error that may pass
    REFUSED = "refused"  # an error that trying again does not mend
    THROTTLED = "throttled"  # asked to wait, or out of quota
    SLOW = "slow"
    BROKEN = "broken"  # an answer that cannot be read, or not whole
    WRONG = "wrong"  # an answer that reads well and is not true
    HOSTILE = "hostile"  # an answer that wants something of the agent, or tells what it must not keep
    LOST = "lost"  # it was done, and the answer did not come
    REPEATED = "repeated"  # it was done, or told, more than once
    HUMAN = "human"  # the person who is asked
    TIME = "time"
    KILLED = "killed"  # the agent itself ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which calls a fault hits: those that fit, counted from 1 in the order in which they come.

    ``target`` is a glob over what is called: a tool's or agent's name, an action, a host or ``METHOD URL``.
    ``site`` is one execution index, such as ``/billing#0/refund#1``. ``nth`` names single calls; else all
    from ``first`` to ``last`` are hit, each with ``probability``, drawn from the schedule's seed.
    """

    target: str = "*"
    site: str = ""
    nth: tuple[int, ...] = ()
    first: int = 1
    last: int | None = None
    probability: float = 1.0

    def __str__(self) -> str:
        at = self.site or ("" if self.target == "*" else self.target)
        parts = [f"@{at}"] if at else []
        if self.nth:
            parts.append(f"#{','.join(map(str, self.nth))}")
        elif (self.first, self.last) != (1, None):
            parts.append(f"#{self.first}-{'' if self.last is None else self.last}")
        if self.probability < 1:
            parts.append(f"p={self.probability:g}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One named way a seam misbehaves, with its parameters, and the calls that it hits."""

    kind: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    where: Where = Where()

    def __str__(self) -> str:
        told = ", ".join(f"{name}={_short(value)}" for name, value in sorted(self.parameters.items()))
        return f"{self.kind}({told}) {self.where}".replace("()", "").strip()

    def to_json(self) -> dict[str, Json]:
        """As schedules are written: what is at its default is left out."""
        where, default = self.where, Where()
        told: dict[str, Json] = {"fault": self.kind}
        if self.parameters:
            told["parameters"] = dict(sorted(self.parameters.items()))
        for name in ("target", "site", "first", "last", "probability"):
            if getattr(where, name) != getattr(default, name):
                told[name] = getattr(where, name)
        if where.nth:
            told["nth"] = list(where.nth)
        return told

    @classmethod
    def from_json(cls, value: Json, *, where: str = "") -> Fault:
        """The fault that ``to_json`` told, or a person wrote. Raises FaultInvalid; ``where`` says of what.

        Whether there is such a kind, with such parameters, is asked where it is injected.
        """
        kind, parameters, hits = fault_fields(value, where)
        return cls(kind=kind, parameters=parameters, where=Where(**hits))


def _short(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value
    return shorten(text, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The faults of one run, the first outermost, and the seed of whatever they draw."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def __len__(self) -> int:
        return len(self.faults)

    def __str__(self) -> str:
        return " + ".join(map(str, self.faults)) or "no fault"

    def to_json(self) -> dict[str, Json]:
        """The same schedule gives the same bytes: see ``digest``."""
        return {"faults": [fault.to_json() for fault in self.faults], "seed": self.seed}

    @classmethod
    def from_json(cls, value: Json, *, where: str = "") -> Schedule:
        """The schedule that ``to_json`` told. Raises FaultInvalid, which names the fault by its number."""
        faults, seed = schedule_fields(value, where)
        at = f"{where}: faults" if where else "faults"
        read = [Fault.from_json(one, where=f"{at}[{number}]") for number, one in enumerate(faults)]
        return cls(faults=tuple(read), seed=seed)

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical JSON, sixteen hex digits."""
        text = canonical_json(self.to_json())
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """One fault that was injected into one call.

    ``number`` is the fault's place in its schedule, from 0; ``index`` that of the call's event and ``site``
    the call's execution index. ``landed`` counts how often the call reached what it calls: 0 where the fault
    kept it away, 2 where it was delivered twice. ``told`` says what was done, with the parameters as they
    were in the end. ``canaries`` are the tokens that an injected answer brought in. A ``blocked`` caller
    could not have given up on the call: what is called has its own limits, which no fault at its seam meets.
    """

    number: int
    kind: str
    index: int
    site: str
    landed: int = 1
    told: str = ""
    canaries: tuple[str, ...] = ()
    at_s: float = 0.0
    blocked: bool = False


class EndedBy(StrEnum):
    """How a run under faults ended."""

    ANSWER = "answer"
    ERROR = "error"  # the agent raised
    HANG = "hang"  # past its deadline or steps, or the same call over and over
    LEFT = "left"  # it asked what the recording cannot answer: nobody can say how it would have gone on
    KILL = "kill"  # a fault ended its process


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultedRun:
    """What an agent did under a schedule; under the empty one it is the fault-free run.

    ``sites`` holds the execution index of each event, empty for draws. ``output`` is what the agent gave,
    None where it gave nothing or that is not known (``answered`` tells). ``why`` tells of a hang or of where
    it left its recording. ``hung`` is the harm of a hang as a word. Times are virtual seconds. ``state`` is
    what its world held at the end. ``resumed_at`` holds, for each time that a killed agent was started
    again, how many events there were by then.
    """

    schedule: Schedule = Schedule()
    events: tuple[Event, ...] = ()
    sites: tuple[str, ...] = ()
    injections: tuple[Injection, ...] = ()
    ended: EndedBy = EndedBy.ANSWER
    output: Json = None
    answered: bool = False
    error: RunError | None = None
    why: str = ""
    hung: str = ""
    elapsed_s: float = 0.0
    state: Json = None
    not_injected: tuple[str, ...] = ()
    resumed_at: tuple[int, ...] = ()
