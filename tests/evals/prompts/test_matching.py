"""Which versions a trace is about: what its llm calls were told is recognised."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import agentops_eval.demo
from agentops_eval.domain import PromptEdited, Span, Trace
from agentops_eval.evals.prompts import (
    PromptIndex,
    annotate,
    call_versions,
    digest_of,
    read_tools,
    short,
    tools_digest,
    versions_of,
)
from agentops_eval.traces import canonical, read_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.dialects import normalise
from agentops_eval.traces.redaction import RedactionRules, Redactor
from tests.evals.prompts._kit import TOOLS, approved, book, made, tools_head
from tests.traces.dialects import _kit as told
from tests.traces.dialects.test_table import RUNS

DEMO = Path(agentops_eval.demo.__file__).parent
DESK = made("You are {{shop}}'s desk.\nBe {{tone}}, please.")


def span(system: str = "", *, user: str = "hi", **attributes: object) -> Span:
    """An llm call with these instructions; attributes are those behind ``gen_ai.``."""
    messages = [{"role": "user", "parts": [{"type": "text", "content": user}]}]
    given_ = {
        sc.OPERATION_NAME: sc.CHAT,
        sc.INPUT_MESSAGES: json.dumps(messages),
        **{f"gen_ai.{key.replace('__', '.')}": value for key, value in attributes.items()},
    }
    if system:
        given_[sc.SYSTEM_INSTRUCTIONS] = json.dumps([{"type": "text", "content": system}])
    return Span(name="chat", trace_id="1", span_id="2", attributes=given_)


def versions(*spans: Span, prompts: tuple = (DESK,), **more: object) -> dict[str, str]:
    """The versions of a trace of these spans."""
    return dict(versions_of(Trace(spans=spans), PromptIndex.of(book(*prompts), **more)))


def test_an_exact_text_is_its_version():
    """Instructions that are a file's text, whatever the ends of lines, are that version."""
    prompt = made("One.\nTwo.")
    assert versions(span("One.\r\nTwo.\n"), prompts=(prompt,)) == {"desk": f"1.0.0 {short(prompt.digest)}"}


def test_a_filled_template_is_its_version():
    """Instructions that a template was filled to are that version."""
    filled = DESK.fill(shop="Ann", tone="kind and brief")
    assert versions(span(filled)) == {"desk": f"1.0.0 {short(DESK.digest)}"}


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_fills_a_template_is_recognised(shop, tone):
    """No value hides the version."""
    index = PromptIndex.of(book(DESK))
    assert index.candidates(DESK.fill(shop=shop, tone=tone)) == (DESK,)


def test_the_closest_version_is_taken():
    """A text without variables beats templates, and of templates the one that gives most of the text."""
    vague = made("You are {{who}} please.", "1.1.0")
    exact = made("You are Ann's desk.\nBe kind, please.", "1.2.0")
    filled = DESK.fill(shop="Ann", tone="kind")
    assert versions(span(filled), prompts=(vague, DESK))["desk"].startswith("1.0.0")
    assert versions(span(filled), prompts=(vague, DESK, exact))["desk"].startswith("1.2.0")


def test_what_is_no_known_prompt_has_a_digest_of_its_own():
    """Unknown instructions are told by the digest that a file with that text would have."""
    assert versions(span("Something else.")) == {"unversioned": short(digest_of("Something else."))}
    assert versions(span("Something else."), prompts=()) == versions(span("Something else."))


def test_a_template_that_gives_next_to_nothing_recognises_nothing():
    """A template that would fit almost any text is not taken for its prompt."""
    assert "unversioned" in versions(span("Hi there."), prompts=(made("Hi {{all}}"),))


def test_instructions_in_several_places_are_found():
    """System messages count as instructions, and prompts in several parts are each found."""
    other = made("Answer in verse.", name="style")
    messages = [{"role": "system", "parts": [{"type": "text", "content": "Answer in verse."}]}]
    two = span(DESK.fill(shop="A", tone="b"), input__messages=json.dumps(messages))
    assert set(versions(two, prompts=(DESK, other))) == {"desk", "style"}
    parts = [{"type": "text", "content": part} for part in ("You are A's desk.", "Be b, please.")]
    cut = span(system_instructions=json.dumps(parts))
    assert versions(cut) == {"desk": f"1.0.0 {short(DESK.digest)}"}


def test_a_prompt_in_the_users_message_is_found():
    """A prompt that is sent as the first message counts, and any other message does not."""
    judge = made("Is this answer right? {{answer}}", name="judge")
    assert versions(span(user=judge.fill(answer="42")), prompts=(judge,)) == {
        "judge": f"1.0.0 {short(judge.digest)}"
    }
    assert versions(span(user="anything"), prompts=(judge,)) == {}


def test_versions_with_one_text_are_told_apart_by_the_rest():
    """Where only a parameter or a tool tells versions apart, the call's own decides."""
    cold = made("Be brief.", "1.0.0", head="parameters: {temperature: 0.2}")
    warm = made("Be brief.", "1.1.0", head="parameters: {temperature: 0.9}")
    armed = made("Be brief.", "1.2.0", head=tools_head())
    both = (cold, warm, armed)
    assert versions(span("Be brief.", request__temperature=0.9), prompts=both)["desk"].startswith("1.1.0 ")
    with_tools = span("Be brief.", tool__definitions=json.dumps(TOOLS))
    assert versions(with_tools, prompts=both)["desk"].startswith("1.2.0 ")
    assert versions(span("Be brief."), prompts=(cold, warm))["desk"] == (
        f"1.0.0 or 1.1.0 {short(cold.digest)} or {short(warm.digest)}"
    )


def test_what_a_call_did_otherwise_is_said():
    """A call with another llm, parameter or tool than the file says is not quite that version."""
    prompt = made("Be brief.", head=f"llm: big\nparameters: {{temperature: 0.2, stop: END}}\n{tools_head()}")
    index = PromptIndex.of(book(prompt))
    calls = [
        span("Be brief.", request__model="big", request__temperature=0.2, request__stop_sequences=("END",)),
        span(
            "Be brief.", request__model="small", request__temperature=0.3, tool__definitions='[{"name": "x"}]'
        ),
        span("Be brief.", request__model="gateway/big", response__model="big"),
    ]
    assert [call_versions(one, index).uses[0].differs for one in calls] == [
        (),
        ("temperature", "llm", "tools"),
        (),
    ]
    assert str(call_versions(calls[1], index).uses[0]).endswith(" (other temperature, llm, tools)")


def test_tools_have_their_digest():
    """The tools that a call tells of are told by the digest that a prompt's tools would have."""
    digest = short(tools_digest(read_tools(TOOLS)))
    called = span("x" * 9, tool__definitions=json.dumps([{"type": "function", **TOOLS[0]}]))
    assert versions(called, called)["tools"] == digest


def test_several_versions_in_one_trace_are_all_told():
    """A run that used two versions of a prompt is about both."""
    other = made("Another.", "2.0.0")
    found = versions(span("Another."), span(DESK.fill(shop="a", tone="b")), prompts=(DESK, other))
    assert found["desk"] == f"2.0.0 {short(other.digest)}, 1.0.0 {short(DESK.digest)}"


def test_a_run_on_an_edited_version_is_an_error():
    """A result cannot be about a version that is not what was approved."""
    edited = made("Edited.")
    index = PromptIndex.of(book(edited, approvals=[approved(DESK)]))
    with pytest.raises(PromptEdited):
        versions_of(Trace(spans=(span("Edited."),)), index)
    assert versions_of(Trace(spans=(span("Not it."),)), index).keys() == {"unversioned"}


def test_what_was_redacted_is_recognised():
    """Where a recording hides a part of a prompt, the rest of it tells the version."""
    prompt = made("Write to help@shop.example when {{what}} fails.\nNothing else.")
    redactor = Redactor(RedactionRules(emails=True))
    hidden = redactor.text(prompt.fill(what="it"))
    assert "help@" not in hidden
    assert "unversioned" in versions(span(hidden), prompts=(prompt,))
    seen = {"desk": f"1.0.0 {short(prompt.digest)}"}
    assert versions(span(hidden), prompts=(prompt,), redact=redactor.text) == seen
    assert versions(span(prompt.fill(what="it")), prompts=(prompt,), redact=redactor.text) == seen


@pytest.mark.parametrize("case", ["desk-openai", "desk-anthropic", "team"])
def test_goldens_of_the_demo_know_their_prompts(case):
    """The prompts that the demo's agents read are found in the goldens of both SDKs."""
    from agentops_eval.harness import read_prompt_file

    files = [
        DEMO / "desk/prompt.txt",
        *(DEMO / "team" / f"{name}.txt" for name in ("billing", "shipping", "supervisor")),
    ]
    prompts = [
        replace(read_prompt_file(file), name=file.parent.name if file.stem == "prompt" else file.stem)
        for file in files
    ]
    index = PromptIndex.of(book(*prompts))
    golden = read_golden(DEMO / "goldens" / f"{case}.otlp.jsonl").trace
    found = versions_of(golden, index)
    expected = {"billing", "shipping", "supervisor"} if case == "team" else {"desk"}
    assert found.keys() == {*expected, "tools"}
    noted = annotate(golden, index)
    assert noted != golden
    assert canonical(noted) == canonical(golden)


# The dialects whose instrumentation does not tell the instructions of an llm call.
UNTOLD = {"agent-attributes"}


@pytest.mark.parametrize("dialect", RUNS)
def test_imported_runs_of_every_dialect_know_their_prompts(dialect):
    """Whatever an instrumentation calls instructions, their version is found."""
    prompt = made(told.SYSTEM)
    trace = normalise(RUNS[dialect][0]()).trace
    found = versions_of(trace, PromptIndex.of(book(prompt)))
    expected = {} if dialect in UNTOLD else {"desk": f"1.0.0 {short(prompt.digest)}"}
    assert {name: value for name, value in found.items() if name != "tools"} == expected


def test_annotations_say_what_was_used():
    """An annotated llm call tells name, version and digest of its prompt, and other spans nothing."""
    trace = Trace(spans=(span(DESK.fill(shop="a", tone="b")), replace(span(), span_id="3", attributes={})))
    first, second = annotate(trace, PromptIndex.of(book(DESK))).spans
    assert second == trace.spans[1]
    assert {
        key: value for key, value in first.attributes.items() if key not in trace.spans[0].attributes
    } == {
        "agentops.prompt.name": "desk",
        "agentops.prompt.version": "1.0.0",
        "agentops.prompt.digest": DESK.digest,
    }


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["text", "system"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "content", "role", "parts", "name"]), inner)
    ),
    max_leaves=10,
)


@example({sc.INPUT_MESSAGES: '[{"role": []}]'})
@given(
    st.dictionaries(
        st.sampled_from(
            [
                sc.SYSTEM_INSTRUCTIONS,
                sc.INPUT_MESSAGES,
                sc.TOOL_DEFINITIONS,
                sc.REQUEST_TEMPERATURE,
                sc.REQUEST_MODEL,
            ]
        ),
        json_values.map(json.dumps) | st.text(max_size=5) | st.floats() | st.binary(max_size=3),
    )
)
def test_nothing_in_a_span_can_raise(attributes):
    """Whatever a span holds where instructions should be, its versions are found or there are none."""
    call = Span(name="c", trace_id="1", span_id="1", attributes={sc.OPERATION_NAME: sc.CHAT, **attributes})
    index = PromptIndex.of(book(made("text", head="llm: a\nparameters: {temperature: 1}")))
    assert all(
        isinstance(value, str) and value for value in versions_of(Trace(spans=(call,)), index).values()
    )
