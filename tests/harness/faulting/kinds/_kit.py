"""Running small agents under faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentops_eval.chaos import Limits
from agentops_eval.domain import Fault, FaultedRun, Json, Schedule
from agentops_eval.harness.faulting import Play, Runner, Subject, subject_of


def run(
    agent: Callable[[], Any],
    *faults: Fault,
    seed: int = 0,
    limits: Limits | None = None,
    state: Callable[[], Json] | None = None,
    **more: Any,
) -> FaultedRun:
    """Run an agent under these faults, to its end."""
    if state is not None:
        subject = Subject(name="agent", begin=lambda: Play(call=agent, state=state), **more)
    else:
        subject = subject_of(agent, limits=limits or Limits(), **more)
    return Runner(subject)(Schedule(faults=faults, seed=seed))
