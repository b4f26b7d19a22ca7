"""Faults of the agent's own process: it ends, as by ``kill -9``, at a call that can be chosen."""

from __future__ import annotations

from agentops_eval.chaos._kind import Hit, kind
from agentops_eval.chaos._lives import Killed
from agentops_eval.chaos.kinds._parameters import between
from agentops_eval.domain import Call, FaultClass, Seam
from agentops_eval.seams import Next, Steps


@kind(
    Seam.HTTP,
    Seam.TOOL,
    Seam.MCP,
    Seam.AGENT,
    Seam.HUMAN,
    does=FaultClass.KILLED,
    variants=({}, {"landed": True}),
    again=True,
    check=between(0, resume=100),
    landed=False,
    resume=1,
)
def kill(hit: Hit, call: Call, next: Next) -> Steps:
    """The agent's process ends at this call, before it or once it landed, and is started again."""
    landed = bool(hit.parameters["landed"])
    if landed:
        yield next(call)
    else:
        yield from ()
    hit.told = f"killed {'when' if landed else 'before'} {call.boundary} {'was done' if landed else 'began'}"
    raise Killed(hit.site, resume=int(hit.parameters["resume"]))


PROCESS_KINDS = (kill,)
