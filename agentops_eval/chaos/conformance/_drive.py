"""Asking an agent more than once in one run: in turn, after pauses, or several at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from agentops_eval.domain import FaultedRun, Json, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """After ``after_s`` the agent is asked ``together`` times at once.

    ``task`` names what it is asked, where its subject knows more than one thing; empty is the main one.
    Several tasks of one beat run side by side, each in a thread of its own.
    """

    after_s: float = 0.0
    together: int = 1
    task: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """The beats of one run, and environment variables that are set for its time.

    No beat at all asks nothing: its run tells the state of a world that nobody touched.
    """

    beats: tuple[Beat, ...] = (Beat(),)
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def steady(cls, times: int, *, every_s: float = 0.0) -> Drive:
        """Ask ``times`` times, a pause before each but the first."""
        return cls(beats=tuple([Beat(after_s=every_s if number else 0.0) for number in range(times)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One time that a driven agent was asked: when, what it gave, or the error that it raised."""

    task: str
    beat: int
    started_s: float
    ended_s: float
    output: Json = None
    error: str = ""

    def to_json(self) -> dict[str, Json]:
        """As it stands in the output of a driven run."""
        return {
            "task": self.task,
            "beat": self.beat,
            "started_s": self.started_s,
            "ended_s": self.ended_s,
            "output": self.output,
            "error": self.error,
        }


def turns_of(run: FaultedRun) -> tuple[Turn, ...]:
    """The turns of a driven run, by beats; none where it broke off before it could tell."""
    told = run.output if run.answered and isinstance(run.output, list) else []
    return tuple([_turn(one) for one in told if isinstance(one, dict)])


def _turn(told: Mapping[str, Json]) -> Turn:
    return Turn(
        task=str(told.get("task", "")),
        beat=int(_number(told.get("beat"))),
        started_s=_number(told.get("started_s")),
        ended_s=_number(told.get("ended_s")),
        output=told.get("output"),
        error=str(told.get("error", "")),
    )


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class Runs(Protocol):
    """What gives a run for a schedule, such as the harness's Runner."""

    def __call__(self, schedule: Schedule, /) -> FaultedRun:
        """Run the agent once, whatever it does."""
        ...


@runtime_checkable
class Drivable(Protocol):
    """A runner that can also ask its agent more than once, or something else."""

    def driven(self, drive: Drive, /) -> Runs:
        """The same agent, asked by these beats."""
        ...

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of what it can be asked besides the main thing."""
        ...
