"""What an llm was told, without the ways in which dialects spell it: the key of a call in a trace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agentops_eval.domain import HttpRequest, Json, LlmRequest
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._call import Message, Part
from agentops_eval.traces.llm._parse import parse_llm_call
from agentops_eval.traces.llm._wire import load_json

_SPOKEN = frozenset({"system", "developer", "user", "assistant"})


def llm_request(request: HttpRequest) -> LlmRequest | None:
    """What an HTTP request asks of an llm, as a trace would tell it; None where it asks none."""
    call = parse_llm_call(request, None)
    if call is None:
        return None
    told = conversation(call.system_instructions, call.input_messages)
    return LlmRequest(llm=call.request_model or "", conversation=told)


def conversation(system: Sequence[Part], messages: Iterable[Message]) -> tuple[Json, ...]:
    """A conversation as a list of what was said, asked and answered, in order.

    Items are ``{"role", "text"}``, ``{"call", "name", "arguments"}`` and ``{"answer", "response"}``,
    where calls are numbered from 1 and answers quote the number. How texts are cut into parts, how
    many messages hold several calls, where answers stand among the calls, thoughts, and ids do
    not show; an answer that is JSON counts by its value. An answer without an id is that to the first
    call which has none yet, of its name where it has one.
    """
    numbers = _Calls()
    items: list[dict[str, Json]] = []
    for item in _items(system, messages, numbers):
        last = items[-1] if items else {}
        if "text" in item and last.get("role") == item["role"] and "text" in last:
            last["text"] = f"{last['text']}\n{item['text']}"
        else:
            items.append(item)
    return tuple(_answers_in_order(items))


@dataclass(slots=True)
class _Calls:
    """The calls so far: how many, which number an id means now, and those that have no answer yet."""

    count: int = 0
    by_id: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)

    def asked(self, part: Part) -> int:
        """The number of a call, from 1; an id that is used again means the later call."""
        self.count += 1
        self.waiting[self.count] = p.text(part.get("name")) or ""
        if call_id := p.text(part.get("id")):
            self.by_id[call_id] = self.count
        return self.count

    def answered(self, part: Part) -> int:
        """The number of the call that is answered, or 0."""
        call_id, name = p.text(part.get("id")), p.text(part.get("name"))
        if call_id:
            number = self.by_id.get(call_id, 0)
        else:
            named = (number for number, asked in self.waiting.items() if not name or asked == name)
            number = next(named, next(iter(self.waiting), 0))
        self.waiting.pop(number, None)
        return number


def _items(system: Sequence[Part], messages: Iterable[Message], numbers: _Calls) -> Iterator[dict[str, Json]]:
    yield from _said("system", system, numbers)
    for message in messages:
        role = "system" if message.role == "developer" else message.role
        yield from _said(role if role in _SPOKEN else "user", message.parts, numbers)


def _said(role: str, parts: Sequence[Part], numbers: _Calls) -> Iterator[dict[str, Json]]:
    for part in parts:
        kind = part.get("type")
        if kind == "text":
            text = str(part.get("content") or "").strip()
            if text:
                yield {"role": role, "text": text}
        elif kind == "tool_call":
            number = numbers.asked(part)
            yield {"call": number, "name": part.get("name"), "arguments": part.get("arguments") or {}}
        elif kind == "tool_call_response":
            yield {"answer": numbers.answered(part), "response": plain_response(part)}
        elif kind != "reasoning":
            yield {"role": role, "part": {key: value for key, value in part.items() if key != "id"}}


def plain_response(part: Part) -> Json:
    """What a tool answered: its value where it is JSON, the text of its content blocks else."""
    response = part.get("response", part.get("result"))
    blocks = p.arr(response)
    texts = [p.obj(block).get("text") for block in blocks]
    if blocks and all(isinstance(text, str) for text in texts):
        response = "".join(str(text) for text in texts)
    if isinstance(response, str):
        if response.strip() == "null":
            return None
        read = load_json(response)
        return response.strip() if read is None else read
    return response


def _answers_in_order(items: Iterable[dict[str, Json]]) -> Iterator[Json]:
    """Between what is said, calls stand first and then their answers, in the order of the calls.

    Answers to parallel calls come back in any order, and Responses are told each behind its call.
    """
    answers: list[dict[str, Json]] = []
    for item in items:
        if "answer" in item:
            answers.append(item)
            continue
        if "call" not in item:
            yield from sorted(answers, key=_number)
            answers.clear()
        yield item
    yield from sorted(answers, key=_number)


def _number(item: dict[str, Json]) -> int:
    number = item["answer"]
    return number if isinstance(number, int) else 0
