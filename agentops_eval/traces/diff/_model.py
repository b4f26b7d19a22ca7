"""What a diff says: steps that differ, and what differs in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import Json, Span


class Kind(StrEnum):
    """What happened to a step, or to something in it. In the order in which kinds are told."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    LLM = "changed-llm"
    ARGUMENTS = "changed-arguments"
    TEXT = "changed-text"
    STATUS = "changed-status"
    ATTRIBUTES = "changed-attributes"
    TOKENS = "changed-tokens"
    COST = "changed-cost"


class Op(StrEnum):
    """Whether a value came, went, or became another."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference within a step that both traces have.

    ``field`` is what people call the attribute (arguments, input, answer, tokens in); ``at`` leads to
    the place within it, such as ``[1].parts[0].content``, and is empty where the whole differs.
    ``before`` is None where the value was added, ``after`` where it was removed.
    """

    kind: Kind
    field: str
    at: str
    op: Op
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDiff:
    """One step that differs. An added step has no ``baseline``, a removed one no ``candidate``.

    ``path`` leads through the tree of the side that has the step, the candidate's where both have.
    The indices are the steps' places in their traces, depth first, counted from 0. Where ``MOVED``
    is among the ``kinds``, the steps below moved along and are told only where they differ.
    ``more`` counts changes that were found and left out; ``same_before`` the steps without any
    difference between the step told before and this one.
    """

    kinds: tuple[Kind, ...]
    title: str
    path: str
    baseline: Span | None
    candidate: Span | None
    baseline_index: int | None
    candidate_index: int | None
    changes: tuple[Change, ...] = ()
    more: int = 0
    same_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDiff:
    """Every difference between two traces, in the order of the candidate's steps.

    True where there is any. A removed step stands where it would have been.
    """

    steps: tuple[StepDiff, ...]
    baseline_steps: int
    candidate_steps: int

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def same_after(self) -> int:
        """How many steps without any difference follow the last one that is told."""
        told = sum(step.candidate is not None for step in self.steps)
        return self.candidate_steps - told - sum(step.same_before for step in self.steps)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many steps are of each kind, without the kinds that do not occur."""
        found = Counter(kind for step in self.steps for kind in step.kinds)
        return {kind: found[kind] for kind in Kind if found[kind]}
