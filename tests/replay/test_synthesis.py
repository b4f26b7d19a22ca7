"""Recordings made from traces: the wire is written anew for whichever client asks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from agentops_eval import replaying, tool
from agentops_eval.domain import Event, Failure, Label, LlmRequest, ReplayMiss, Seam, ToolRequest, ValueReply
from agentops_eval.replay._shelf import LLM_BOUNDARY
from agentops_eval.traces.llm import Usage
from agentops_eval.traces.llm.writing import LlmReply, ToolAsk, error_json, reply_json
from tests.replay._cassette_kit import write

QUESTION = "What is the weather in Paris?"
ASKED = ({"role": "system", "text": "Use tools."}, {"role": "user", "text": QUESTION})
ANSWERED = (
    *ASKED,
    {"call": 1, "name": "get_weather", "arguments": {"city": "Paris"}},
    {"answer": 1, "response": {"temp_c": 21}},
)
FIRST = LlmReply(
    id="r1",
    llm="big-1",
    asks=(ToolAsk(name="get_weather", arguments={"city": "Paris"}, id="c1"),),
    usage=Usage(input_tokens=57, output_tokens=31),
)
LAST = LlmReply(id="r2", llm="big-1", text="It is 21C in Paris.")


def told(index: int, conversation: Any, outcome: Any, llm: str = "big") -> Event:
    return Event(
        index=index,
        seam=Seam.HTTP,
        boundary=LLM_BOUNDARY,
        request=LlmRequest(llm=llm, conversation=conversation),
        outcome=ValueReply(value=outcome, label=Label.SYNTHESISED),
        label=Label.SYNTHESISED,
    )


WEATHER = Event(
    index=1,
    seam=Seam.TOOL,
    boundary="get_weather",
    request=ToolRequest(name="get_weather", arguments={"city": "Paris"}),
    outcome=ValueReply(value={"temp_c": 21}, label=Label.SYNTHESISED),
    label=Label.SYNTHESISED,
)
RUN = (told(0, ASKED, reply_json(FIRST)), WEATHER, told(2, ANSWERED, reply_json(LAST)))


@tool
def get_weather(city: str) -> dict[str, int]:
    """Never runs on replay."""
    raise AssertionError(city)


def openai_chat(*, stream: bool = False) -> str:
    """An agent's loop on Chat Completions."""
    messages: list[Any] = [
        {"role": "system", "content": "Use tools."},
        {"role": "user", "content": QUESTION},
    ]
    with openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=0) as client:
        while True:
            if stream:
                with client.chat.completions.stream(model="big", messages=messages) as events:
                    events.until_done()
                    message = events.get_final_completion().choices[0].message
            else:
                message = client.chat.completions.create(model="big", messages=messages).choices[0].message
            if not message.tool_calls:
                return message.content or ""
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                result = get_weather(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})


def openai_responses(*, stream: bool = False) -> str:
    """The same on Responses."""
    given: list[Any] = [{"role": "user", "content": QUESTION}]
    with openai.OpenAI(api_key="unused", base_url="https://llm.test/v1", max_retries=0) as client:
        while True:
            asked: Any = {"model": "big", "instructions": "Use tools.", "input": given}
            if stream:
                with client.responses.stream(**asked) as events:
                    events.until_done()
                    response = events.get_final_response()
            else:
                response = client.responses.create(**asked)
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return str(response.output_text)
            for call in calls:
                given.append(call.model_dump(exclude_none=True))
                result = json.dumps(get_weather(**json.loads(call.arguments)))
                given.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def anthropic_messages(*, stream: bool = False) -> str:
    """The same on Messages."""
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    with anthropic.Anthropic(api_key="unused", base_url="https://llm.test", max_retries=0) as client:
        while True:
            asked: Any = {"model": "big", "max_tokens": 99, "system": "Use tools.", "messages": messages}
            if stream:
                with client.messages.stream(**asked) as events:
                    reply = events.get_final_message()
            else:
                reply = client.messages.create(**asked)
            uses = [block for block in reply.content if block.type == "tool_use"]
            if not uses:
                return "".join(block.text for block in reply.content if block.type == "text")
            messages.append({"role": "assistant", "content": reply.content})
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": use.id,
                    "content": json.dumps(get_weather(**use.input)),
                }
                for use in uses
            ]
            messages.append({"role": "user", "content": results})


AGENTS = [openai_chat, openai_responses, anthropic_messages]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("agent", AGENTS)
def test_one_trace_replays_through_every_client(tmp_path: Path, agent: Any, stream: bool) -> None:
    """Real SDK clients get the answers in their own dialect, streamed or not, and the tool results."""
    path = write(tmp_path / "c.cassette.jsonl", RUN)
    with replaying(path, case="test_case") as run:
        assert agent(stream=stream) == "It is 21C in Paris."
    assert [event.label for event in run.events] == [Label.SYNTHESISED] * 3
    assert run.unused == ()


@pytest.mark.parametrize("agent", AGENTS)
def test_a_trace_that_names_no_llm_answers_any(tmp_path: Path, agent: Any) -> None:
    """Where the trace does not tell which llm was asked for, that is not compared."""
    events = [
        replace(e, request=replace(e.request, llm="")) if isinstance(e.request, LlmRequest) else e
        for e in RUN
    ]
    with replaying(write(tmp_path / "c.cassette.jsonl", events), case="test_case"):
        assert agent() == "It is 21C in Paris."


def test_another_llm_or_prompt_is_a_miss_that_says_what_differs(tmp_path: Path) -> None:
    """What the trace cannot answer is explained in its own terms."""
    path = write(tmp_path / "c.cassette.jsonl", [told(0, (ASKED[0], {"role": "user", "text": "Rome?"}), {})])
    with pytest.raises(ReplayMiss) as caught, replaying(path, case="test_case"):
        openai_chat()
    text = str(caught.value)
    assert "conversation[1].text" in text
    assert "Rome?" in text
    assert QUESTION in text
    path = write(tmp_path / "d.cassette.jsonl", [told(0, ASKED, reply_json(LAST), llm="small")])
    with pytest.raises(ReplayMiss) as caught, replaying(path, case="test_case"):
        openai_chat()
    assert '"small"' in str(caught.value)


def test_errors_of_the_llm_and_of_tools_come_back(tmp_path: Path) -> None:
    """A call that failed in the trace fails in the replay."""
    path = write(tmp_path / "c.cassette.jsonl", [told(0, ASKED, error_json(429, "slow down"))])
    with pytest.raises(openai.RateLimitError, match="slow down"), replaying(path, case="test_case"):
        openai_chat()
    failed = Failure(kind="ValueError", module="builtins", message="no such city", label=Label.SYNTHESISED)
    path = write(tmp_path / "d.cassette.jsonl", [RUN[0], replace(WEATHER, outcome=failed)])
    with pytest.raises(ValueError, match="no such city"), replaying(path, case="test_case"):
        openai_chat()


def test_identical_questions_get_their_answers_once(tmp_path: Path) -> None:
    """An answer of a trace is given to one call, as any other."""
    path = write(tmp_path / "c.cassette.jsonl", [told(0, ASKED, reply_json(LAST))])
    with pytest.raises(ReplayMiss), replaying(path, case="test_case"):
        assert openai_chat() == LAST.text
        openai_chat()
