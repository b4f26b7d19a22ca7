"""What an llm answers, changed: read by the real SDKs, in every dialect, whole and streamed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval import faults
from agentops_eval.chaos.kinds._body_edit import Body
from agentops_eval.chaos.kinds._llm_edit import costlier, in_documents, renamed
from agentops_eval.chaos.kinds._values import Impossible
from agentops_eval.domain import Fault, FaultedRun, HttpReply, HttpRequest, Label, Seam, header
from agentops_eval.testing import LlmServer, Rule, Say, ScriptedLlm
from agentops_eval.traces.llm import LlmCall, parse_llm_call
from tests.chaos.kinds._kit import (
    ASK,
    ASKS,
    CLIENTS,
    HOST,
    LLM,
    SAYS,
    TEXT,
    Recorded,
    asks,
    chat,
    kept,
    messages,
    reply,
    run,
)
from tests.examples import examples

GEMINI = f"{HOST}/v1beta/models/{LLM}:generateContent"
GEMINI_STREAM = f"{HOST}/v1beta/models/{LLM}:streamGenerateContent?alt=sse"


def gemini(url: str = GEMINI) -> Callable[[], str]:
    """Gemini by plain HTTP."""

    def agent() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(SAYS))) as http:
            return http.post(url, json={"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}).text

    return agent


AGENTS = {
    **{f"{name} whole": make() for name, make in CLIENTS.items()},
    **{f"{name} streamed": make(stream=True) for name, make in CLIENTS.items()},
    "gemini whole": gemini(),
    "gemini streamed": gemini(GEMINI_STREAM),
}
TELL_USAGE = [name for name in AGENTS if not name.startswith("openai.chat") or "whole" in name]
CHANGES = [
    faults.length_stop(),
    faults.llm_swapped(),
    faults.llm_degraded(),
    faults.content_filter(),
    faults.price_spike(),
]


def parsed(found: FaultedRun) -> LlmCall:
    """The llm call that the run made, as traces read it."""
    event = next(event for event in found.events if event.seam is Seam.HTTP)
    assert isinstance(event.request, HttpRequest)
    call = parse_llm_call(event.request, event.outcome)
    assert call is not None
    return call


@pytest.mark.parametrize("agent", AGENTS)
def test_an_answer_ends_for_its_length(agent: str) -> None:
    """The text is a true beginning of the whole one, and the finish reason says that its length ended it."""
    found = run(AGENTS[agent], faults.length_stop())
    call = parsed(found)
    text = call.output_messages[0].parts[0]["content"]
    assert TEXT.startswith(str(text))
    assert 0 < len(str(text)) < len(TEXT)
    assert call.finish_reasons == ("length",)
    assert (call.complete, found.error, found.not_injected) == (True, None, ())


@pytest.mark.parametrize("agent", AGENTS)
def test_an_answer_is_filtered(agent: str) -> None:
    """Nothing is said, and the finish reason says that a filter ended it."""
    call = parsed(run(AGENTS[agent], faults.content_filter()))
    said = [part for message in call.output_messages for part in message.parts if part.get("content")]
    assert (said, call.finish_reasons) == ([], ("content_filter",))


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("how", ["shortened", "garbled"])
def test_an_answer_gets_worse(agent: str, how: Any) -> None:
    """It is well-formed and ends as before; half of the words are there, or all of them in another order."""
    found = run(AGENTS[agent], faults.llm_degraded(how=how))
    call = parsed(found)
    text = str(call.output_messages[0].parts[0]["content"])
    assert (call.complete, call.finish_reasons) == (True, parsed(run(AGENTS[agent])).finish_reasons)
    if how == "shortened":
        assert TEXT.startswith(text)
    else:
        assert sorted(text.split()) == sorted(TEXT.split())
    assert text != TEXT
    assert found == run(AGENTS[agent], faults.llm_degraded(how=how))


@pytest.mark.parametrize("agent", AGENTS)
def test_another_llm_answers(agent: str) -> None:
    """Only the name differs, in every document of the reply; all the rest is the same to the byte."""
    found, before = run(AGENTS[agent], faults.llm_swapped(llm="tiny")), run(AGENTS[agent])
    assert parsed(found).response_model == "tiny"
    assert kept(found).data == kept(before).data.replace(b'"small"', b'"tiny"')
    assert found.output == before.output or agent.startswith("gemini")
    assert reply(found).label is Label.SCRIPTED


@pytest.mark.parametrize(
    "agent", [name for name in AGENTS if not name.startswith("openai.chat") or "whole" in name]
)
def test_an_answer_costs_more(agent: str) -> None:
    """Every count of tokens is ten times what it was, and the answer is the same."""
    found, before = parsed(run(AGENTS[agent], faults.price_spike())), parsed(run(AGENTS[agent]))
    assert found.output_messages == before.output_messages
    assert before.usage.input_tokens
    assert found.usage.input_tokens == 10 * before.usage.input_tokens
    assert found.usage.output_tokens == 10 * (before.usage.output_tokens or 0)


def test_a_stream_that_tells_of_no_usage_cannot_cost_more() -> None:
    """Chat Completions streams no usage unless asked to: the fault could not be injected, and says so."""
    found = run(chat(stream=True), faults.price_spike())
    assert found.not_injected == ("price_spike(factor=10.0) @llm: the reply tells of no usage",)
    assert found.output == f"stop: {TEXT}"


@pytest.mark.parametrize("client", ["openai.chat", "openai.responses", "anthropic"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_arguments_are_cut_for_their_length(client: str, stream: bool) -> None:
    """An answer that only asks for a tool ends within the arguments of that."""
    call = parsed(run(CLIENTS[client](ASKS, stream=stream), faults.length_stop()))
    assert call.finish_reasons == ("length",)
    arguments = call.output_messages[0].parts[0].get("arguments")
    assert arguments != {"order": 1042, "reason": "arrived broken today"}


def test_torn_arguments_reach_the_agent_as_text() -> None:
    """OpenAI's SDK gives arguments as they came: without their last brace no agent can read them."""

    def agent() -> str:
        with (
            httpx2.Client(transport=httpx2.MockTransport(ScriptedLlm(ASKS))) as http,
            openai.OpenAI(base_url=f"{HOST}/v1", api_key="unused", http_client=http) as client,
        ):
            tools: Any = [{"type": "function", "function": {"name": "issue_refund", "parameters": {}}}]
            answer = client.chat.completions.create(model=LLM, messages=ASK, tools=tools)
            call: Any = (answer.choices[0].message.tool_calls or [])[0]
            return str(call.function.arguments)

    found = run(agent, faults.torn_arguments())
    assert found.output == '{"order": 1042, "reason": "arrived broken today"'
    assert run(messages(ASKS), faults.torn_arguments()).not_injected != ()


def test_garbled_arguments_stay_valid() -> None:
    """Words within the arguments change places; their names, their types and the JSON stay."""
    found = run(messages(ASKS), faults.llm_degraded(how="garbled"))
    part = parsed(found).output_messages[0].parts[0]
    arguments = part["arguments"]
    assert isinstance(arguments, dict)
    assert arguments["order"] == 1042
    assert sorted(str(arguments["reason"]).split()) == ["arrived", "broken", "today"]
    assert arguments["reason"] != "arrived broken today"


@pytest.mark.parametrize("fault", [faults.malformed_json(), faults.truncated_json()], ids=str)
def test_json_that_cannot_be_read_is_as_long_as_it_says(fault: Fault) -> None:
    """The body's length and type are right, and it is no JSON: the SDK's own error is what the agent sees."""
    found = run(chat(retries=2), fault)
    assert found.error is not None
    assert found.error.kind == "JSONDecodeError"
    assert asks(found) == 1
    answer = reply(found)
    assert header(answer.headers, "content-length") in ("", str(len(kept(found).data)))
    with pytest.raises(ValueError, match=r"line 1|Expecting"):
        json.loads(kept(found).data)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_a_share_of_the_json_is_kept(keep: float) -> None:
    """What is left is a beginning of what there was, of just that length."""
    whole = kept(run(chat())).data
    data = kept(run(chat(), faults.truncated_json(keep=keep))).data
    assert data == whole[: int(len(whole) * keep)]


def test_a_page_stands_where_data_was_asked_for() -> None:
    """The reply is a page of another service with status 200, and the real one was not asked."""
    found = run(gemini(), faults.wrong_content_type("llm.invalid"))
    assert "<h1>Sign in to continue</h1>" in str(found.output)
    assert [one.landed for one in found.injections] == [0]


def test_a_packed_body_is_unpacked_changed_and_framed_anew() -> None:
    """A compressed reply is changed all the same, and is then plain and of another length."""
    with LlmServer(SAYS) as server:

        def agent() -> str:
            body = {"model": LLM, "messages": ASK}
            with requests.Session() as session:
                return str(session.post(f"{server.url}/v1/chat/completions", json=body).json()["model"])

        assert run(agent, faults.llm_swapped()).output == "another-llm"

    def packed(request: httpx2.Request) -> httpx2.Response:
        content = gzip.compress(ScriptedLlm(SAYS)(request).content)
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        return httpx2.Response(200, headers=headers, content=content)

    def by_gzip() -> str:
        with httpx2.Client(transport=httpx2.MockTransport(packed)) as http:
            answer = http.post(f"{HOST}/v1/chat/completions", json={"model": LLM, "messages": ASK})
            return f"{answer.headers.get('content-encoding')} {answer.json()['model']}"

    assert run(by_gzip, faults.llm_swapped()).output == "None another-llm"
    found = run(by_gzip, faults.stream_cut(after_bytes=5))
    assert "no call that it fits" in found.not_injected[0]


def test_an_error_of_the_llm_cannot_be_made_worse() -> None:
    """Where the llm refused by itself there is no answer to change, which the run says."""
    found = run(chat(), faults.length_stop(), faults.server_error("llm"))
    assert "the reply was an error already (status 500)" in found.not_injected[0]


@pytest.mark.parametrize("fault", CHANGES, ids=str)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_recorded_answer_is_changed_as_a_live_one(fault: Fault, stream: bool, tmp_path: Path) -> None:
    """On a recording the SDK gives just what it gives in the world under the same fault."""
    agent = messages(stream=stream)
    found = Recorded(agent, tmp_path / "messages.cassette.jsonl").run(fault)
    assert found.output == run(agent, fault).output
    assert found.not_injected == ()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_recording_answers_the_retry(stream: bool, tmp_path: Path) -> None:
    """A refused request is asked again by the SDK, and the recording answers it as if nothing had been."""
    agent = messages(stream=stream, retries=2)
    found = Recorded(agent, tmp_path / "messages.cassette.jsonl").run(faults.rate_limit("llm", nth=1))
    assert found.output == f"end_turn: {TEXT}"
    labels = [event.label for event in found.events if event.seam is Seam.HTTP]
    assert labels == [Label.SCRIPTED, Label.REPLAYED]
    assert found.elapsed_s == pytest.approx(2, abs=1)


def test_a_recording_answers_a_question_that_a_cut_took_again(tmp_path: Path) -> None:
    """An agent that asks once more after a broken stream gets the recorded answer, labelled as scripted."""

    def agent() -> str:
        first = messages(stream=True)()
        return first if TEXT in first else f"{first}, then {messages(stream=True)()}"

    recorded = Recorded(agent, tmp_path / "messages.cassette.jsonl")
    found = recorded.run(faults.stream_cut("llm", nth=1))
    assert found.output == f"httpx2.RemoteProtocolError, then end_turn: {TEXT}"
    assert [event.label for event in found.events if event.seam is Seam.HTTP] == [Label.SCRIPTED] * 2


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["model", "usage", "message", "response", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@examples(150)
@given(JSONS, st.booleans())
def test_any_document_is_changed_or_said_to_be_unchangeable(value: Any, streamed: bool) -> None:
    """Whatever JSON comes, an edit gives JSON of the same shape or says that there is nothing to edit."""
    text = json.dumps(value).encode()
    head = HttpReply(
        status=200, headers=(("content-type", "text/event-stream" if streamed else "application/json"),)
    )
    data = b"event: x\ndata: " + text + b"\n\ndata: [DONE]\n\n" if streamed else text
    for change in (renamed("tiny"), costlier(3)):
        try:
            made = b"".join(in_documents(change, "nothing")(Body(head=head, data=data)))
        except Impossible:
            continue
        if streamed:
            assert made.startswith(b"event: x\ndata: ")
            assert made.endswith(b"\n\ndata: [DONE]\n\n")
            made = made.split(b"\n")[1].removeprefix(b"data: ")
        assert type(json.loads(made)) is type(value)


def test_unicode_and_enormous_answers_are_changed() -> None:
    """A long answer of letters beyond ASCII is cut at a letter, and written as it was."""
    long = "Grüße, 注文 🦀 " * 20_000
    found = run(messages([Rule(then=Say(long))]), faults.length_stop(keep=0.1))
    text = str(parsed(found).output_messages[0].parts[0]["content"])
    assert text == long[: len(text)]
