"""Events, exchanges and bodies as the tests of traces build them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from agentops_eval.domain import (
    ApprovalRequest,
    DrawRequest,
    Effect,
    EndKind,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    Outcome,
    Request,
    StreamEnd,
    ToolRequest,
    ValueReply,
)
from tests import _events
from tests._events import JSON, WHOLE, event, raw

OPENAI = "https://api.openai.com/v1/chat/completions"
RESPONSES = "https://api.openai.com/v1/responses"
ANTHROPIC = "https://api.anthropic.com/v1/messages"
GEMINI = "https://generativelanguage.googleapis.com/v1beta/models/gemini-test:generateContent"


def post(url: str, body: Json | bytes, **headers: str) -> HttpRequest:
    """A POST of JSON, or of raw bytes."""
    return _events.post(url, body, (*JSON, *headers.items()))


def reply(
    body: Json | bytes = b"", status: int = 200, *, end: StreamEnd = WHOLE, **headers: str
) -> HttpReply:
    """A reply with JSON, or with raw bytes."""
    named = tuple((key.replace("_", "-"), value) for key, value in headers.items())
    return _events.reply(raw(body), status=status, headers=named, at_s=0.25, end=end)


def sse(items: Iterable[Json | str], *, named: bool = False, newline: str = "\n") -> bytes:
    """Items as server-sent events; ``named`` adds each item's type as the event's name."""
    lines: list[str] = []
    for item in items:
        if named and isinstance(item, Mapping):
            lines.append(f"event: {item['type']}")
        lines += [f"data: {item if isinstance(item, str) else json.dumps(item)}", ""]
    return (newline.join(lines) + newline).encode()


def stream(items: Iterable[Json | str], *, named: bool = False, end: StreamEnd = WHOLE) -> HttpReply:
    """A reply that streams events."""
    return reply(sse(items, named=named), end=end, content_type="text/event-stream; charset=utf-8")


CUT = StreamEnd(
    kind=EndKind.CUT,
    failure=Failure(kind="RemoteProtocolError", module="httpx2", message="peer closed connection"),
)


class Events:
    """Builds the events of a run, one after the other; ``at`` is the time of the next."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self.at = 0.0

    def add(
        self,
        request: Request,
        outcome: Outcome | None,
        *,
        parent: Event | None = None,
        times: tuple[float, float] | None = None,
    ) -> Event:
        start, end = times or (self.at, self.at + 1.0)
        self.at = max(self.at, end)
        above = None if parent is None else parent.index
        made = event(len(self.all), request, outcome, parent=above, started_s=start, ended_s=end)
        self.all.append(made)
        return made

    def http(self, request: HttpRequest, outcome: Outcome | None, **where: object) -> Event:
        return self.add(request, outcome, **where)  # type: ignore[arg-type]

    def tool(
        self,
        name: str,
        arguments: Mapping[str, Json],
        outcome: Json | Outcome = "ok",
        *,
        effect: Effect = Effect.READ,
        key: str | None = None,
        **where: object,
    ) -> Event:
        request = ToolRequest(name=name, arguments=arguments, effect=effect, idempotency_key=key)
        done = outcome if isinstance(outcome, (Failure, ValueReply)) else ValueReply(value=outcome)  # type: ignore[arg-type]
        return self.add(request, done, **where)  # type: ignore[arg-type]

    def handoff(self, recipient: str, message: Json, answer: Json = "done", **where: object) -> Event:
        request = HandoffRequest(sender="desk", recipient=recipient, message=message)
        return self.add(request, ValueReply(value=answer), **where)  # type: ignore[arg-type]

    def human(self, action: str, details: Json, status: str | Outcome | None, **where: object) -> Event:
        request = ApprovalRequest(action=action, details=details, deadline_s=60.0)
        answer = ValueReply(value={"status": status, "reason": "", "details": details})
        outcome = answer if isinstance(status, str) else status
        return self.add(request, outcome, **where)  # type: ignore[arg-type]

    def draw(self, source: str = "time.time", value: Json = 1.5, **where: object) -> Event:
        return self.add(DrawRequest(source=source), ValueReply(value=value), **where)  # type: ignore[arg-type]

    def chat(
        self,
        messages: Sequence[Json],
        answer: str | Sequence[tuple[str, str, Json]] = "All done.",
        *,
        response_id: str = "chatcmpl-1",
        llm: str = "gpt-test",
        **where: object,
    ) -> Event:
        """One OpenAI chat; ``answer`` is text, or the calls asked for as (id, name, arguments)."""
        request, outcome = chat_exchange(messages, answer, response_id=response_id, llm=llm)
        return self.http(request, outcome, **where)


def chat_exchange(
    messages: Sequence[Json],
    answer: str | Sequence[tuple[str, str, Json]],
    *,
    response_id: str = "chatcmpl-1",
    llm: str = "gpt-test",
) -> tuple[HttpRequest, HttpReply]:
    """A whole OpenAI chat exchange."""
    said = {"role": "assistant", "content": answer} if isinstance(answer, str) else calls(*answer)
    reason = "stop" if isinstance(answer, str) else "tool_calls"
    body: Json = {
        "id": response_id,
        "object": "chat.completion",
        "model": f"{llm}-2026",
        "choices": [{"index": 0, "message": said, "finish_reason": reason}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }
    return post(OPENAI, {"model": llm, "messages": messages}), reply(body)


def calls(*asked: tuple[str, str, Json]) -> dict[str, Json]:
    """An assistant message that asks for tool calls."""
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": one, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for one, name, arguments in asked
        ],
    }


def tool_answer(call_id: str, content: str) -> dict[str, Json]:
    """A tool's answer as it goes back to the llm."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def refund_run(*, amount: float = 59.9, prefix: str = "call_x", response: str = "chatcmpl-a") -> list[Event]:
    """A run of five calls: chat, look-up, chat, refund, chat. ``prefix`` makes the ids of its calls."""
    events = Events()
    one, two = f"{prefix}1", f"{prefix}2"
    asked: list[Json] = [
        {"role": "system", "content": "You refund broken orders."},
        {"role": "user", "content": "Order 1042 arrived broken."},
    ]
    events.chat(asked, [(one, "get_order", {"order": 1042})], response_id=f"{response}1")
    events.tool("get_order", {"order": 1042}, {"order": 1042, "amount": 59.9})
    asked = [*asked, calls((one, "get_order", {"order": 1042})), tool_answer(one, '{"amount": 59.9}')]
    refund: dict[str, Json] = {"order": 1042, "amount": amount}
    events.chat(asked, [(two, "issue_refund", refund)], response_id=f"{response}2")
    events.tool("issue_refund", refund, {"refunded": amount}, effect=Effect.WRITE, key="refund-1042")
    asked = [*asked, calls((two, "issue_refund", refund)), tool_answer(two, "refunded")]
    events.chat(asked, "Your money is on its way.", response_id=f"{response}3")
    return events.all
