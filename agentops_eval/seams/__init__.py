"""Where an agent's effects cross into the world, and the handlers that may stand there."""

from agentops_eval.seams._agents import handoff
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._carry import carry
from agentops_eval.seams._clock import SKEWED, Clock, RealClock, VirtualClock, now
from agentops_eval.seams._dates import watching_dates
from agentops_eval.seams._entropy import Entropy
from agentops_eval.seams._handler import Handler, Next, Pause, Proceed, Step, Steps, drive, drive_async
from agentops_eval.seams._humans import Answer, Approval, Approver, Ask, approve, approve_async
from agentops_eval.seams._install import install
from agentops_eval.seams._log import EventLog
from agentops_eval.seams._loop import VirtualLoop, new_virtual_loop, shuffling
from agentops_eval.seams._reads import ReadLog, auditing
from agentops_eval.seams._scope import PARENT, SCOPE, Entry, Scope, current_scope, enter, leave, suspended
from agentops_eval.seams._signature import signature_of
from agentops_eval.seams._spans import EmittedSpan, SpanCollector, install_spans
from agentops_eval.seams._tools import UnreplayableResult, tool, wrap_tools
from agentops_eval.seams.mcp import mcp_effects

__all__ = [
    "PARENT",
    "SCOPE",
    "SKEWED",
    "Answer",
    "Approval",
    "Approver",
    "Ask",
    "Clock",
    "EmittedSpan",
    "Entropy",
    "Entry",
    "EventLog",
    "Handler",
    "Next",
    "Pause",
    "Proceed",
    "ReadLog",
    "RealClock",
    "Scope",
    "SpanCollector",
    "Step",
    "Steps",
    "UnreplayableResult",
    "VirtualClock",
    "VirtualLoop",
    "approve",
    "approve_async",
    "auditing",
    "call_site",
    "carry",
    "current_scope",
    "drive",
    "drive_async",
    "enter",
    "handoff",
    "install",
    "install_spans",
    "leave",
    "mcp_effects",
    "new_virtual_loop",
    "now",
    "shuffling",
    "signature_of",
    "suspended",
    "tool",
    "watching_dates",
    "wrap_tools",
]
