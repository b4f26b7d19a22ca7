"""Replies of an llm, written to the wire in the dialect that its client speaks."""

from agentops_eval.traces.llm.writing._answer import answer, error_json, reply_json, written
from agentops_eval.traces.llm.writing._anthropic import WRITER as ANTHROPIC
from agentops_eval.traces.llm.writing._gemini import WRITER as GEMINI
from agentops_eval.traces.llm.writing._openai_chat import WRITER as OPENAI_CHAT
from agentops_eval.traces.llm.writing._openai_responses import WRITER as OPENAI_RESPONSES
from agentops_eval.traces.llm.writing._reply import Asked, Finish, LlmReply, ToolAsk, Writer, compact

__all__ = [
    "ANTHROPIC",
    "GEMINI",
    "OPENAI_CHAT",
    "OPENAI_RESPONSES",
    "Asked",
    "Finish",
    "LlmReply",
    "ToolAsk",
    "Writer",
    "answer",
    "compact",
    "error_json",
    "reply_json",
    "written",
]
