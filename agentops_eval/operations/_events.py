"""The events that an objective counts, each good, bad or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TypeAlias

from agentops_eval.domain import RunFacts, StepFacts
from agentops_eval.operations._objectives import Indicator, Objective

Event: TypeAlias = tuple[float, bool | None]
"""When it was, in seconds since 1970, and whether it was good; None where nobody can say."""


def events_of(objective: Objective, runs: Iterable[RunFacts]) -> Iterator[Event]:
    """The events of runs. What the infrastructure broke is none: it says nothing of the agent.

    A run that failed is none of the degraded share: that it failed counts in task success.
    """
    kind = objective.indicator
    for run in runs:
        if kind is Indicator.TASK_SUCCESS:
            if not run.infrastructure:
                yield run.at_s, run.succeeded
        elif kind is Indicator.DEGRADED_SHARE:
            if not run.infrastructure and run.succeeded is not False:
                yield run.at_s, None if run.degraded is None else not run.degraded
        elif kind is Indicator.LATENCY and objective.step == "run":
            yield run.at_s, _quick(run.took_s, objective)
        else:
            yield from ((run.at_s, good) for good in _steps(objective, run.steps))


def _steps(objective: Objective, steps: Iterable[StepFacts]) -> Iterator[bool | None]:
    for step in steps:
        if objective.indicator is Indicator.TOOL_RELIABILITY:
            if step.kind == "tool" and fnmatchcase(step.name, objective.tool) and _counts(step, objective):
                yield step.error not in objective.errors
        elif step.kind == ("human" if objective.indicator is Indicator.HUMAN_WAIT else objective.step):
            yield _quick(step.took_s, objective)


def _counts(step: StepFacts, objective: Objective) -> bool:
    return step.error != "infrastructure" or "infrastructure" in objective.errors


def _quick(took_s: float | None, objective: Objective) -> bool | None:
    return None if took_s is None or objective.below_s is None else took_s <= objective.below_s
