"""One reading of the clock or of entropy as a call that crosses its seam."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import FrameType

from agentops_eval.domain import Call, DrawRequest, Failure, Seam, ValueReply
from agentops_eval.seams._callers import site_of
from agentops_eval.seams._handler import drive
from agentops_eval.seams._reads import ENTROPY, TIME, current_reads
from agentops_eval.seams._scope import LANE, Scope


def draw(
    scope: Scope,
    seam: Seam,
    request: DrawRequest,
    world: Callable[[Call], ValueReply],
    frame: FrameType | None,
) -> ValueReply:
    """Pass a reading through the run's handlers; ``world`` answers what none of them does."""
    site = site_of(frame)
    log = current_reads()
    if log is not None:
        log.note(TIME if seam is Seam.CLOCK else ENTROPY, site, detail=request.source)
    call = scope.call(seam, request.source, request, site=site)
    if lane := LANE.get().name:
        # Tasks that draw at the same time wake in any order: each has its own sequence of draws.
        call = replace(call, span=f"{call.span}~{lane}")
    outcome = drive(scope.handlers, call, world, scope.clock.sleep)
    if isinstance(outcome, ValueReply):
        return outcome
    native = outcome.native if isinstance(outcome, Failure) else None
    raise native or OSError(f"{request.source} failed: {getattr(outcome, 'message', 'no value')}")
