"""What checks read of a run: which calls failed, what was asked, how many calls ran at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from agentops_eval.chaos._targets import is_target
from agentops_eval.chaos.conformance._automaton import Passage
from agentops_eval.chaos.impact import asked_text
from agentops_eval.domain import (
    DrawRequest,
    Effect,
    EffectKey,
    Event,
    Failure,
    FaultedRun,
    HttpReply,
    Seam,
    ToolRequest,
)

_TELLS_LATER = frozenset({408, 425, 429})
CALLEES = (Seam.HTTP, Seam.TOOL, Seam.MCP, Seam.AGENT)
"""The seams at which something is called that may fail, in place of a person who is asked."""


def calls(run: FaultedRun) -> tuple[Event, ...]:
    """The events of a run that are calls: draws of the clock and of entropy are none."""
    return tuple([event for event in run.events if not isinstance(event.request, DrawRequest)])


def failed(event: Event) -> bool:
    """Whether a call had no answer, or an error in place of one."""
    outcome = event.outcome
    if isinstance(outcome, HttpReply):
        return outcome.status >= 500 or outcome.status in _TELLS_LATER
    return outcome is None or isinstance(outcome, Failure)


def chosen(target: str, event: Event) -> bool:
    """Whether a target of a check means this call, as those of faults do; an empty one means every call."""
    return is_target(target or "*", event)


def globbed(target: str, name: str) -> bool:
    """Whether a glob means this name."""
    return target in ("*", "", name) or fnmatchcase(name, target)


def site_of(run: FaultedRun, event: Event) -> str:
    """The execution index of a call of this run."""
    return run.sites[event.index] if event.index < len(run.sites) else ""


def passages(events: Iterable[Event]) -> tuple[Passage, ...]:
    """Calls as a circuit breaker's automaton wants them."""
    return tuple(
        [
            Passage(started_s=one.started_s, ended_s=one.ended_s, ok=not failed(one), lane=one.lane)
            for one in events
        ]
    )


def asked(event: Event) -> str:
    """What a call asks, canonically: the same text for the same question."""
    return f"{event.boundary} {asked_text(event.request)}"


def harmless(run: FaultedRun, base: FaultedRun, key: EffectKey) -> bool:
    """Whether the world is known to be as without the fault, and the effect does not reach beyond it."""
    reaches_out = any(
        isinstance(one.request, ToolRequest) and one.request.effect is Effect.EXTERNAL
        for one in run.events
        if one.boundary == key.tool
    )
    return run.state is not None and run.state == base.state and not reaches_out


def peak(events: Iterable[Event]) -> int:
    """The most calls that were on their way at one time; an end comes before a start at the same time."""
    steps = sorted(
        step
        for one in events
        for step in ((one.started_s, 1), (one.ended_s, -1))
        if one.ended_s > one.started_s
    )
    now, most = 0, 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most


def by_callee(events: Sequence[Event], *, seams: Iterable[Seam] = CALLEES) -> dict[str, list[Event]]:
    """Calls by what is called, in order of first appearance; people are asked, not called."""
    wanted, found = frozenset(seams), dict[str, list[Event]]()
    for event in events:
        if event.seam in wanted:
            found.setdefault(event.boundary, []).append(event)
    return found


def alike(run: FaultedRun, event: Event) -> list[Event]:
    """The calls of a run of the same callee as this one."""
    return [one for one in calls(run) if one.boundary == event.boundary and one.seam is event.seam]


def cost_usd(run: FaultedRun) -> float | None:
    """What a run's llm calls cost by public prices; None where any has no price, or tells no tokens."""
    from agentops_eval.traces import derive, spend_of

    return spend_of(derive(run.events, agent="agent", case="case")).cost_usd
