"""What a wall clock that was set wrong shows: the machine's offset, added to every reading."""

from __future__ import annotations

from dataclasses import replace

from agentops_eval.domain import Call, Label, Outcome, ValueReply
from agentops_eval.seams import SKEWED, current_scope


def shifted(outcome: Outcome, call: Call, seconds: float) -> Outcome:
    """The same reading of the wall clock, so many seconds off; what is no reading stays as it is."""
    if not isinstance(outcome, ValueReply) or isinstance(outcome.value, bool):
        return outcome
    if not isinstance(outcome.value, (int, float)):
        return outcome
    value = outcome.value + (round(seconds * 1e9) if call.boundary == "time.time_ns" else seconds)
    return replace(outcome, value=value, label=Label.SCRIPTED, native=SKEWED)


def skewed(outcome: Outcome, call: Call) -> Outcome:
    """A reading as the run's machine shows it, whose clock a fault may have set wrong."""
    scope = current_scope()
    return outcome if scope is None or not scope.skew_s else shifted(outcome, call, scope.skew_s)
