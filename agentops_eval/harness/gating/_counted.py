"""The evidence that a watch has counted so far: it grows, and what is in it never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import Arm, Sample
from agentops_eval.gate import Gate

Files = Mapping[Arm, Sequence[Sample]]
"""What the files of both arms hold by now."""

Key = tuple[str, Arm, str]
"""A stage, an arm, and a case or session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A sample that counts; ``row`` is its place among those of its file, from 0."""

    row: int
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUnit:
    """The session that closed the last unit of traffic and begins the next: nothing may come before it."""

    arm: Arm
    case: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What one look adds.

    ``order`` has the cases that pairs are made of, by stage, in the order in which they are counted.
    ``nexts`` has where traffic goes on, by stage.
    ``pending`` of ``known`` cases are not complete in both arms. ``waiting`` samples may count later.
    ``late`` ones never will: they are of what was counted before, or began before it. ``late_share`` is their
    part of an arm's samples, the greater of both arms', in the stages that are not closed.
    """

    taken: tuple[Taken, ...] = ()
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nexts: Mapping[str, NextUnit] = field(default_factory=dict)
    pending: int = 0
    known: int = 0
    waiting: int = 0
    late: int = 0
    late_share: float = 0.0


def stage_of(gate: Gate, sample: Sample) -> str:
    """The stage that a sample is of: the first, unless it says another."""
    return sample.stage or gate.stages[0].name


class Counted:
    """All samples that count, and the order of the cases in each stage of pairs. It is never changed."""

    def __init__(
        self,
        gate: Gate,
        taken: Sequence[Taken] = (),
        order: Mapping[str, Sequence[str]] | None = None,
        nexts: Mapping[str, NextUnit] | None = None,
    ) -> None:
        stages = {stage.name: at for at, stage in enumerate(gate.stages)}
        self._gate, self._taken = gate, tuple(taken)
        self.order = {stage: tuple(cases) for stage, cases in (order or {}).items()}
        self.nexts = dict(nexts or {})
        self.places: set[tuple[Arm, int]] = set()
        self.keys: set[Key] = set()
        self.furthest = 0
        for one in self._taken:
            assert one.sample.arm is not None
            name = stage_of(gate, one.sample)
            self.places.add((one.sample.arm, one.row))
            self.keys.add((name, one.sample.arm, one.sample.case))
            self.furthest = max(self.furthest, stages.get(name, 0))

    def after(self, *additions: Added) -> Counted:
        """With more samples, and more cases behind those that are there."""
        taken, order = list(self._taken), {stage: list(cases) for stage, cases in self.order.items()}
        nexts = dict(self.nexts)
        for added in additions:
            taken += added.taken
            nexts |= added.nexts
            for stage, cases in added.order.items():
                order.setdefault(stage, []).extend(cases)
        return Counted(self._gate, taken, order, nexts)

    @property
    def samples(self) -> list[Sample]:
        """Every sample that counts, in the order of its file, those of the baseline first."""
        ordered = sorted(self._taken, key=lambda one: (one.sample.arm is Arm.CANDIDATE, one.row))
        return [one.sample for one in ordered]

    def sessions(self, stage: str) -> dict[Arm, dict[str, list[Sample]]]:
        """The samples of one stage by arm and session."""
        found: dict[Arm, dict[str, list[Sample]]] = {arm: {} for arm in Arm}
        for sample in self.samples:
            if sample.arm is not None and stage_of(self._gate, sample) == stage:
                found[sample.arm].setdefault(sample.case, []).append(sample)
        return found
