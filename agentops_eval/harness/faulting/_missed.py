"""Faults that did not happen: which calls there were, and what to do where the call is gone for good."""

from __future__ import annotations

import shlex
from pathlib import Path

from agentops_eval.chaos import CATALOGUE, is_missed
from agentops_eval.domain import DrawRequest, EndedBy, Fault, FaultedRun, FaultNotInjected, nearest
from agentops_eval.harness.faulting._load import SubjectOrder, below

_SHOWN = 10


def not_injected(run: FaultedRun, *, again: str = "") -> FaultNotInjected:
    """The error that says which faults did not happen, and which calls there were.

    ``again`` is the command that explores the agent once more: whoever mends an agent may take away the very
    call at which a test lets a fault happen, and such a test has nothing left to show.
    """
    what = f"{len(run.not_injected)} of {len(run.schedule)} faults did not happen"
    remedy = "name what is called, as in the calls above; agentops-eval chaos faults lists the faults"
    told = [*run.not_injected, *_near(run), f"calls of the run: {_calls(run)}"]
    if run.ended is not EndedBy.ANSWER:
        told.append(f"it ended by {run.ended}: {run.why or run.error or 'no answer'}")
    elif again and all(is_missed(fault, run, CATALOGUE) for fault in _missing(run)):
        what += ": the agent comes to its answer without such a call"
        remedy = f"delete this test if the agent was mended, and look for what is left: {again}"
    return FaultNotInjected(what, difference="\n".join(told), remedy=remedy)


def explore_command(order: SubjectOrder, *, contract: Path | None, out: Path) -> str:
    """The command that explores the agent of an order as it is run there, and writes tests into ``out``."""
    options = {
        "--cassette": order.cassette,
        "--answers": order.answers,
        "--world": order.world,
        "--approver": order.approver,
        "--contract": contract,
        "--out": out,
    }
    words = ["agentops-eval", "chaos", "explore", order.target, *order.arguments]
    for name, value in options.items():
        if value:
            words += [name, below(value, order.root) if isinstance(value, Path) else str(value)]
    return shlex.join(words)


def _missing(run: FaultedRun) -> list[Fault]:
    done = {one.number for one in run.injections}
    return [fault for number, fault in enumerate(run.schedule) if number not in done]


def _near(run: FaultedRun) -> list[str]:
    """For each target that nothing is called like, the name that may be meant."""
    called = {event.boundary for event in run.events if not isinstance(event.request, DrawRequest)}
    targets = dict.fromkeys(fault.where.target for fault in _missing(run))
    hints = {name: nearest(name, called) for name in targets if name not in called}
    return [f"{name}: {hint}" for name, hint in hints.items() if hint.startswith("did you mean")]


def _calls(run: FaultedRun) -> str:
    pairs = zip(run.sites, run.events, strict=True)
    calls = [site for site, event in pairs if not isinstance(event.request, DrawRequest)]
    more = f" and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else ""
    return ", ".join(calls[:_SHOWN]) + more or "none"
