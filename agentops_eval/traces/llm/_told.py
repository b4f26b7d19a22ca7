"""A call that is known from a trace only, in the shape in which calls from the wire are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentops_eval.domain import Json, LlmRequest, Outcome, ValueReply
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import LlmCall, Message, Part, Usage

COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "reasoning_tokens")


def told_call(request: LlmRequest, outcome: Outcome | None) -> LlmCall:
    """The call as ``parse_llm_call`` would read it from the wire."""
    kept = p.obj(outcome.value) if isinstance(outcome, ValueReply) else {}
    failed = p.count(kept.get("status"))
    asks = [p.obj(item) for item in p.arr(kept.get("asks"))]
    said = p.text(kept.get("text"))
    parts = [p.text_part(said)] if said else []
    known = sum("call" in p.obj(item) for item in request.conversation)
    parts += [  # under the ids that the next request's conversation gives them, which has numbers only
        p.tool_call_part(f"call_{number}", ask.get("name"), ask.get("arguments"))
        for number, ask in enumerate(asks, start=known + 1)
    ]
    finish = "tool_call" if asks else p.text(kept.get("finish"))
    return LlmCall(
        provider=request.provider,
        request_model=request.llm or None,
        response_model=p.text(kept.get("llm")),
        input_messages=tuple(_messages(request.conversation)),
        output_messages=(Message(role="assistant", parts=tuple(parts)),) if parts else (),
        finish_reasons=(finish,) if finish and failed is None else (),
        usage=usage_of(p.obj(kept.get("usage"))),
        response_id=p.text(kept.get("id")),
        error_type=None if failed is None else str(failed),
    )


def usage_of(counts: Mapping[str, Json]) -> Usage:
    """Token counts by their names in ``Usage``."""
    return Usage(**{name: p.count(counts.get(name)) for name in COUNTS})


def _messages(conversation: tuple[Json, ...]) -> Iterator[Message]:
    """Items of one speaker in a row are one message."""
    role, parts = "", list[Part]()
    for item in conversation:
        told = p.obj(item)
        speaker, part = _part(told)
        if speaker != role and parts:
            yield Message(role=role, parts=tuple(parts))
            parts = []
        role = speaker
        parts.append(part)
    if parts:
        yield Message(role=role, parts=tuple(parts))


def _part(told: Mapping[str, Json]) -> tuple[str, Part]:
    if "call" in told:
        call = f"call_{told['call']}"
        return "assistant", p.tool_call_part(call, told.get("name"), told.get("arguments"))
    if "answer" in told:
        return "tool", p.tool_response_part(f"call_{told['answer']}", told.get("response"))
    role = p.text(told.get("role")) or "user"
    if "text" in told:
        return role, p.text_part(p.text(told.get("text")) or "")
    return role, p.generic_part(told.get("part"))
