"""In which tier of autonomy each class of actions stands, by the runs that were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Tier, TierDecision
from agentops_eval.harness.evidencing import ScoreOrder, score
from agentops_eval.harness.operating._lens import Lens
from agentops_eval.harness.operating._reading import Operated
from agentops_eval.operations import Action, Objectives, tier_history

_HARM = "harm:"
"""So begin the steps of a scorecard's plan that are about harm; its name follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A class of actions: in which tier it began, every move, and where it stands (the last decision).

    ``declared`` tells whether the file gives it a tier; else it began as manual.
    """

    action: str
    start: Tier
    declared: bool
    history: tuple[TierDecision, ...]

    @property
    def now(self) -> TierDecision:
        """Where it stands."""
        return self.history[-1]

    @property
    def fell(self) -> bool:
        """Whether it stands lower than it began."""
        order = list(Tier)
        return order.index(self.now.tier) < order.index(self.start)


def actions_seen(runs: Iterable[Operated], lens: Lens) -> Mapping[str, Sequence[Action]]:
    """The actions of runs by class, in the order in which the runs began."""
    seen: list[tuple[float, str, tuple[Action, ...]]] = []
    for one in runs:
        told = lens.actions(one)
        if told is not None:
            seen += [(told[0], name, made) for name, made in told[1].items()]
    by_class: dict[str, list[Action]] = {}
    for _, name, made in sorted(seen, key=lambda one: one[:2]):
        by_class.setdefault(name, []).extend(made)
    return by_class


def standings(
    seen: Mapping[str, Sequence[Action]], objectives: Objectives, *, unsafe: Sequence[str] = ()
) -> tuple[Standing, ...]:
    """Where each class stands that is declared or was seen, in the order of their names.

    ``unsafe`` is what others have shown: nothing moves up while there is any.
    """
    found = []
    for name in sorted({*seen, *objectives.tiers}):
        start = objectives.tiers.get(name)
        began = start or Tier.MANUAL
        history = tier_history(name, seen.get(name, ()), start=began, rule=objectives.rule, unsafe=unsafe)
        found.append(Standing(action=name, start=began, declared=start is not None, history=history))
    return tuple(found)


def harms_of(root: Path, agents: Sequence[str]) -> tuple[str, ...]:
    """The harms that evidence shows of agents, and that nothing later took back. Raises OSError."""
    cards = score(ScoreOrder(root=root), agents, unnamed=True)
    steps = {step.criterion for card in cards.values() for step in card.plan}
    return tuple(sorted(one.removeprefix(_HARM) for one in steps if one.startswith(_HARM)))
