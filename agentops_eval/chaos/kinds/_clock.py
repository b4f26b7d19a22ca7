"""Faults of the wall clock. Durations and sleeps go on as they were: setting a clock leaves them alone."""

from __future__ import annotations

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.chaos._skew import shifted
from agentops_eval.chaos.kinds._parameters import YEAR_S, between, fewer_seconds
from agentops_eval.domain import Call, FaultClass, Seam
from agentops_eval.seams import Next, Steps, current_scope

_ALL = tuple(seam for seam in Seam if seam is not Seam.ENTROPY)


@kind(
    Seam.CLOCK,
    does=FaultClass.TIME,
    variants=({}, {"offset_s": -300.0}, {"offset_s": 86_400.0}),
    smaller=fewer_seconds("offset_s"),
    check=between(-20 * YEAR_S, offset_s=20 * YEAR_S),
    offset_s=300.0,
)
def clock_skew(hit: Hit, call: Call, next: Next) -> Steps:
    """A reading of the wall clock by the agent's own code is so many seconds off."""
    outcome = yield next(call)
    assert outcome is not None
    seconds = float(hit.parameters["offset_s"])
    hit.told = f"{call.boundary} read {seconds:+g} s"
    return shifted(outcome, call, seconds)


@kind(
    *_ALL,
    does=FaultClass.TIME,
    variants=({}, {"offset_s": -3600.0}),
    smaller=fewer_seconds("offset_s"),
    check=between(-20 * YEAR_S, offset_s=20 * YEAR_S),
    offset_s=3600.0,
)
def clock_jump(hit: Hit, call: Call, next: Next) -> Steps:
    """At this call the machine's wall clock is set, and stays so: for libraries too, not for durations."""
    scope, seconds = current_scope(), float(hit.parameters["offset_s"])
    if scope is None:
        hit.cannot("there is no run whose clock could jump")
    else:
        scope.skew_s += seconds
        hit.told = f"the clock was set {seconds:+g} s"
    outcome = yield next(call)
    assert outcome is not None
    return outcome


CLOCK_KINDS = (clock_skew, clock_jump)
