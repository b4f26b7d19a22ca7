"""Public test doubles: a scripted llm and a receiver of spans on loopback, and a scripted approver."""

from agentops_eval.testing._approver import ApprovalRule, ScriptedApprover
from agentops_eval.testing._conversation import Conversation, ToolAnswer, ToolUse, Turn
from agentops_eval.testing._http import Seen
from agentops_eval.testing._in_process import ScriptedLlm
from agentops_eval.testing._judge import judge_rules, shown_to
from agentops_eval.testing._receiver import OtlpReceiver, OtlpReply, OtlpRequest
from agentops_eval.testing._rules import (
    Action,
    CallTools,
    Choice,
    Cut,
    Fail,
    Rule,
    Rulebook,
    Say,
    always,
    decide,
)
from agentops_eval.testing._server import LlmServer

__all__ = [
    "Action",
    "ApprovalRule",
    "CallTools",
    "Choice",
    "Conversation",
    "Cut",
    "Fail",
    "LlmServer",
    "OtlpReceiver",
    "OtlpReply",
    "OtlpRequest",
    "Rule",
    "Rulebook",
    "Say",
    "ScriptedApprover",
    "ScriptedLlm",
    "Seen",
    "ToolAnswer",
    "ToolUse",
    "Turn",
    "always",
    "decide",
    "judge_rules",
    "shown_to",
]
