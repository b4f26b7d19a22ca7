"""The scripted llm's brain is a pure function of the conversation."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.testing import (
    CallTools,
    Conversation,
    Fail,
    Rule,
    Rulebook,
    Say,
    ToolAnswer,
    ToolUse,
    Turn,
    decide,
)
from agentops_eval.testing._http import route

PATHS = [
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1beta/models/m:generateContent",
    "/v1beta/models/m:streamGenerateContent",
]
NAMES = """
    messages input contents role user assistant tool system model content parts text type function
    tool_calls tool_result tool_use functionCall functionResponse name arguments id output stream
    function_call function_call_output call_id tools instructions
"""
WORDS = st.sampled_from(NAMES.split())
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=5),
    max_leaves=25,
)
TURNS = st.lists(
    st.builds(
        Turn,
        role=st.sampled_from(["user", "assistant"]),
        text=st.text(),
        uses=st.lists(st.builds(ToolUse, WORDS, st.dictionaries(WORDS, JSON)), max_size=2).map(tuple),
        answers=st.lists(st.builds(ToolAnswer, name=WORDS, text=st.text() | JSON.map(json.dumps))).map(tuple),
    ),
    max_size=4,
).map(tuple)
CONVERSATIONS = st.builds(Conversation, llm=st.text(), system=st.text(), turns=TURNS, parallel=st.booleans())
RULES = [
    Rule(when=lambda c: c.says("user", "tool"), then=CallTools([ToolUse("a"), ToolUse("b")])),
    Rule(when=lambda c: bool(c.answers[3]), then=Say("the fourth")),
    Rule(then=lambda c: Say(str(c.answer("text")))),
]


@given(CONVERSATIONS, st.lists(st.sampled_from(RULES)))
def test_any_conversation_gets_one_answer(conversation: Conversation, rules: list[Rule]) -> None:
    """Any rules answer any conversation, the same one alike, and never raise."""
    first, second = decide(conversation, rules), decide(conversation, rules)
    assert first == second
    if isinstance(first.action, CallTools):
        assert len(first.action.uses) == 1 or conversation.parallel


@given(st.sampled_from(PATHS), st.dictionaries(WORDS, JSON))
def test_any_body_is_read_and_answered_in_its_dialect(path: str, body: dict[str, Any]) -> None:
    """Any JSON object is read as a conversation and answered, whole and streamed, without raising."""
    dialect = route(path)
    assert dialect is not None
    conversation = dialect.read(path, body)
    for action in (Say("all well"), CallTools([ToolUse("a", {"b": 1})])):
        reply = dialect.reply(conversation, action)
        assert json.dumps(dialect.writer.whole(reply, body))
        frames = list(dialect.writer.frames(reply, body))
        assert frames == list(dialect.writer.frames(reply, body))
        assert all(frame.endswith(b"\n\n") for frame in frames)
    assert dialect.error(Fail(status=503), "req_1")


@given(CONVERSATIONS)
def test_ids_depend_on_what_was_said(conversation: Conversation) -> None:
    """Ids are those of the conversation and the salt; the wire's details do not show in them."""
    again = Conversation(
        dialect="gemini",
        llm=conversation.llm,
        system=conversation.system,
        turns=conversation.turns,
        streamed=not conversation.streamed,
    )
    assert again.fingerprint() == conversation.fingerprint()
    assert conversation.fingerprint(salt="x") != conversation.fingerprint()


def test_a_rule_answers_as_often_as_it_may() -> None:
    """A rulebook passes over a rule that is used up."""
    book = Rulebook((Rule(then=Say("once"), times=1), Rule(then=Say("then"))))
    assert [book.answer(Conversation()).action for _ in range(3)] == [Say("once"), Say("then"), Say("then")]


def test_without_a_rule_the_llm_says_so() -> None:
    """A conversation that no rule fits gets a text that says so, with what was heard."""
    conversation = Conversation(turns=(Turn(role="user", text="What  is\nthis?"),))
    choice = decide(conversation, [])
    assert choice.index is None
    assert choice.action == Say("I am a scripted llm, and none of my rules fits: What is this?")


def test_only_the_answers_since_the_user_spoke_count() -> None:
    """Tool answers of an earlier question do not show in the next one."""
    old = ToolAnswer(name="get", text='{"error": "gone"}', failed=True)
    new = ToolAnswer(name="get", text='{"price": 5}')
    turns = (
        Turn(role="user", text="First"),
        Turn(role="user", answers=(old,)),
        Turn(role="user", text="Second"),
        Turn(role="assistant", text="Hm", uses=(ToolUse("get"),)),
        Turn(role="user", answers=(new,)),
    )
    conversation = Conversation(turns=turns)
    assert (conversation.user, conversation.answers, conversation.failures) == ("Second", (new,), ())
    found = conversation.answer("get")
    assert found is not None
    assert (found.field("price"), found.field("none", 0)) == (5, 0)
    assert conversation.answer("other") is None
