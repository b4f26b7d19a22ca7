"""Llm calls read from HTTP: OpenAI Chat Completions and Responses, Anthropic Messages, Gemini."""

from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._conversation import conversation, llm_request, plain_response
from agentops_eval.traces.llm._parse import dialect_of, parse_llm_call
from agentops_eval.traces.llm._sse import SseDecoder, SseEvent, parse_sse
from agentops_eval.traces.llm._told import told_call

__all__ = [
    "LlmCall",
    "Message",
    "Part",
    "SseDecoder",
    "SseEvent",
    "Usage",
    "conversation",
    "dialect_of",
    "llm_request",
    "parse_llm_call",
    "parse_sse",
    "plain_response",
    "told_call",
]
