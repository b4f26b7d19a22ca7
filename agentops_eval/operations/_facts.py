"""What operations count of a trial, from its result."""

from __future__ import annotations

from agentops_eval.domain import Ending, ErrorSource, Result, RunFacts


def facts_of_result(result: Result, *, at_s: float, group: str = "") -> RunFacts:
    """The facts of a trial that was at ``at_s`` (seconds since 1970), which a result does not tell itself.

    An agent's own error is a failure; what the judge, the simulator or the infrastructure broke says nothing
    of the agent. Its steps are in its trace, not in the result.
    """
    error = result.error
    agents_own = error is not None and error.source is ErrorSource.AGENT
    broken = not agents_own and (error is not None or result.ending is Ending.ERROR)
    return RunFacts(
        at_s=at_s,
        succeeded=False if agents_own else None if broken else result.passed,
        infrastructure=broken,
        cost_usd=result.spend.cost_usd,
        took_s=result.spend.latency_s,
        group=group,
        trace=result.trace_id,
    )
