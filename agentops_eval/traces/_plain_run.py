"""The common run, told quickly: whether what it spent can be read off its spans as they stand.

To bring a trace into the conventions' words takes most of the time in which a suite is replayed, and our own
traces have them. Whatever is not plain at once is read the long way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from agentops_eval.domain import Span, Trace
from agentops_eval.traces import semconv as sc
from agentops_eval.traces._attributes import count_of, failed, text_of
from agentops_eval.traces._spanned import all_have_spans
from agentops_eval.traces.dialects._finish import USAGE, provider
from agentops_eval.traces.dialects._values import KINDS
from agentops_eval.traces.llm import _parts as p

_CHAT, _TOOL, _AGENT, _HUMAN = sc.CHAT, sc.EXECUTE_TOOL, sc.INVOKE_AGENT, sc.HITL_CHECKPOINT
_MESSAGES = frozenset(sc.MESSAGE_KEYS)
_KNOWN = (frozenset(KINDS) | _MESSAGES) - frozenset(sc.ALIASES) - {sc.AGENTOPS_COST_AMOUNT}
_TEXTS = (sc.REQUEST_MODEL, sc.RESPONSE_MODEL, sc.RESPONSE_ID)


class _Part(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    type: Literal["text", "tool_call", "tool_call_response"]
    content: str = ""
    id: str = ""
    name: str = ""
    arguments: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()


class _Message(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    role: Literal["system", "user", "assistant", "tool"]
    parts: list[_Part]


_DECODER = msgspec.json.Decoder(list[_Message])


def plain_repeats(trace: Trace) -> int | None:
    """How many llm calls of a plain run repeat a conversation; None where the run is not plain.

    It is plain where bringing it into the conventions' words would change nothing that is spent: each span
    is an agent, a chat, a tool or a question to a person, under an agent; in names of the conventions and of
    their types; no call is told twice, no tool that failed was called again; every tool call has a span.
    """
    kinds = {span.span_id: _kind(span) for span in trace.spans}
    if len(kinds) != len(trace.spans) or not all(map(_is_plain, trace.spans)) or not _is_tree(trace, kinds):
        return None
    chats = [span for span in trace.spans if kinds[span.span_id] == _CHAT]
    tools = [span for span in trace.spans if kinds[span.span_id] == _TOOL]
    responses = [text_of(span, sc.RESPONSE_ID) for span in chats if sc.RESPONSE_ID in span.attributes]
    if len(set(responses)) != len(responses) or _may_repeat(tools):
        return None
    if not all_have_spans(chats, tools):
        return None
    try:
        sizes = {span.span_id: _size(span) for span in chats}
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return None if None in sizes.values() else _repeats(chats, sizes)


def _kind(span: Span) -> str:
    operation = span.attributes.get(sc.OPERATION_NAME)
    if operation in (_CHAT, _TOOL, _AGENT):
        return str(operation)
    return _HUMAN if operation is None and span.name == _HUMAN else ""


def _is_tree(trace: Trace, kinds: Mapping[str, str]) -> bool:
    """Whether everything but questions hangs below agents, each of which stands before what is below it."""
    agents = {""}
    for span in trace.spans:
        kind = kinds[span.span_id]
        if not kind or (span.parent_id not in agents and kind != _HUMAN) or span.parent_id == span.span_id:
            return False
        if kind == _HUMAN and span.parent_id not in kinds and span.parent_id:
            return False
        if kind == _AGENT:
            agents.add(span.span_id)
    return True


def _may_repeat(tools: Sequence[Span]) -> bool:
    """Whether a tool was called again and failed once: by its arguments one call may repeat the other."""
    names = {text_of(span, sc.TOOL_NAME) for span in tools}
    return len(names) < len(tools) and any(map(failed, tools))


def _is_plain(span: Span) -> bool:
    """Whether the span's attributes have the names of the conventions and are of their types."""
    given, kind = span.attributes, _kind(span)
    if span.events or not given.keys() <= _KNOWN or given.get(sc.ERROR_TYPE) == "":
        return False
    if kind == _TOOL:
        return bool(text_of(span, sc.TOOL_NAME)) and not given.keys() & _MESSAGES
    if kind != _CHAT:
        return not given.keys() & _MESSAGES
    named = given.get(sc.PROVIDER_NAME)
    return (
        all(key not in given or count_of(span, key) is not None for key in USAGE)
        and all(key not in given or p.text(given[key]) == given[key] for key in _TEXTS)
        and (named is None or (isinstance(named, str) and provider(named) == named))
        and _counts_all(span)
    )


def _counts_all(span: Span) -> bool:
    """Whether the input is told and holds what was cached: counts of senders who tell it apart are added."""
    asked, answered, read, written = (count_of(span, key) for key in USAGE[:4])
    if asked is None:
        return True
    return asked >= (read or 0) + (written or 0) and (asked > 0 or bool(answered))


def _size(span: Span) -> int | None:
    """How many parts its conversation has, each of which is one in any spelling; None where it is not plain.

    Instructions may stand apart or as the first messages, not in both places.
    """
    messages = _DECODER.decode(text_of(span, sc.INPUT_MESSAGES))
    roles = {message.role for message in messages}
    if not roles - {"system"} or (sc.SYSTEM_INSTRUCTIONS in span.attributes and "system" in roles):
        return None
    if len(messages) > p.MAX_ITEMS or not all(map(_is_whole, messages)):
        return None
    return sum(len(message.parts) for message in messages)


def _is_whole(message: _Message) -> bool:
    answers = sum(part.type == "tool_call_response" for part in message.parts)
    if not 0 < len(message.parts) <= p.MAX_ITEMS or answers != (
        len(message.parts) if message.role == "tool" else 0
    ):
        return False
    return all(part.content if part.type == "text" else part.id for part in message.parts)


def _repeats(chats: Sequence[Span], sizes: Mapping[str, int | None]) -> int | None:
    """Calls that repeat the one before them. Conversations of as many parts may be one in two spellings."""
    siblings: dict[str, list[Span]] = {}
    for span in sorted(chats, key=lambda span: (span.start_ns, span.end_ns, span.span_id)):
        siblings.setdefault(span.parent_id, []).append(span)
    found = 0
    for some in siblings.values():
        for earlier, later in pairwise(some):
            if not earlier.start_ns <= earlier.end_ns <= later.start_ns:
                continue
            if sizes[earlier.span_id] != sizes[later.span_id]:
                continue
            if any(earlier.attributes.get(key) != later.attributes.get(key) for key in _CONVERSATION):
                return None
            found += 1
    return found


_CONVERSATION = (sc.SYSTEM_INSTRUCTIONS, sc.INPUT_MESSAGES)
