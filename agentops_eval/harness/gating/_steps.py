"""Whether a rollout may take its next step, where whoever asks does not say at which step it stands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Decision, DecisionValue
from agentops_eval.gate import Stage

BEGINNING = ""
"""In place of a stage: the step that gives a candidate its first traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Whether the step is confirmed. ``of`` is the stage that it leaves, where that must be remembered.

    ``why`` tells why it is not, where the decision itself does not tell.
    """

    confirmed: bool = False
    of: str | None = None
    why: str = ""


def next_step_of(
    stages: Sequence[Stage],
    decision: Decision,
    value: DecisionValue,
    *,
    begun: bool,
    confirmed: Collection[str],
) -> NextStep:
    """Whether traffic may be increased, by a ``value`` that was decided for the rollout.

    Each stage is left once: asked again before the next stage has evidence, nobody knows whether the step
    was taken, and so it is not confirmed twice. ``confirmed`` has the stages that were left.

    1. The last stage is left as often as asked: no step comes after it.
    2. A promotion of another stage confirms the step out of it.
    3. While no sample of the candidate has come (``begun``), the first step is confirmed, if the first stage
       is one of traffic: it cannot have evidence before.
    4. Anything else waits.
    """
    if value is DecisionValue.PROMOTE:
        if decision.stage == stages[-1].name:
            return NextStep(confirmed=True)
        if decision.stage not in confirmed:
            return NextStep(confirmed=True, of=decision.stage)
        said = f"the step from {decision.stage} was confirmed before; {decision.next_stage} has no evidence"
        return NextStep(why=said)
    if value is DecisionValue.HOLD and not begun and stages[0].share is not None:
        if BEGINNING not in confirmed:
            return NextStep(confirmed=True, of=BEGINNING)
        return NextStep(why="the first step was confirmed before, and no sample of the candidate has come")
    return NextStep()
