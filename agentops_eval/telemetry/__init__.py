"""What no instrumentation can know, put on the spans of a production run: decisions, approvals, costs.

For use in production: it needs opentelemetry's API only, does nothing where no tracer provider is set, and
never raises. A value that cannot be what it should be is left out, and logged.
"""

from agentops_eval.telemetry._current import attribute, confidence, cost, effect
from agentops_eval.telemetry._spans import Checkpoint, agent, checkpoint, decision

__all__ = ["Checkpoint", "agent", "attribute", "checkpoint", "confidence", "cost", "decision", "effect"]
