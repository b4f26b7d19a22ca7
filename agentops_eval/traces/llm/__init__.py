"""Llm calls read from HTTP: OpenAI Chat Completions and Responses, Anthropic Messages, Gemini."""

from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage
from agentops_eval.traces.llm._parse import parse_llm_call
from agentops_eval.traces.llm._sse import SseDecoder, SseEvent, parse_sse

__all__ = ["LlmCall", "Message", "Part", "SseDecoder", "SseEvent", "Usage", "parse_llm_call", "parse_sse"]
