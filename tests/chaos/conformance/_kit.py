"""One check of one callable, through the harness's own runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import CheckResult, check
from agentops_eval.harness.faulting import Runner, subject_of


def tried(
    name: str,
    agent: Callable[..., Any],
    *arguments: object,
    world: Callable[[], Any] | None = None,
    tasks: Mapping[str, tuple[object, ...]] | None = None,
    contract: Contract | None = None,
    approver: Callable[..., Any] | None = None,
    **parameters: Any,
) -> CheckResult:
    """The result of a check of an agent."""
    subject = subject_of(agent, *arguments, world=world, tasks=tasks, approver=approver)
    return check(name, Runner(subject), contract=contract, agent=subject.name, **parameters)


def subjects(result: CheckResult) -> list[str]:
    """What was found, by its stable names."""
    return sorted(str(one.details["subject"]) for one in result.findings)
