"""The demo's scripted llm answers whatever it hears, and never claims what the tools did not report."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.demo import demo_rules
from agentops_eval.demo._extras import need
from agentops_eval.demo._prompts import read_prompt
from agentops_eval.demo.desk import REQUESTS, desk_prompt
from agentops_eval.demo.team import REQUESTS as TEAM_REQUESTS
from agentops_eval.domain import ExtraMissing
from agentops_eval.testing import CallTools, Conversation, Fail, Say, ToolAnswer, Turn, decide

TEAM = "agentops_eval.demo.team"
PROMPTS = [desk_prompt(), *(read_prompt(TEAM, name).text for name in ("supervisor", "billing", "shipping"))]
TOOLS = """
    find_customer get_order issue_refund grant_discount send_email
    ask_billing ask_shipping get_payments refund_payment track_parcel other
"""
FIELDS = "order_id customer_id price paid amount status item percent error"
VALUES: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
OBJECTS = st.dictionaries(st.sampled_from(FIELDS.split()), VALUES | st.lists(VALUES, max_size=2))
ANSWERS = st.builds(
    ToolAnswer,
    name=st.sampled_from(TOOLS.split()),
    text=OBJECTS.map(json.dumps) | VALUES.map(json.dumps) | st.text(),
    arguments=OBJECTS,
    failed=st.booleans(),
)
CONVERSATIONS = st.builds(
    lambda system, text, answers: Conversation(
        system=system, turns=(Turn(role="user", text=text), Turn(role="user", answers=tuple(answers)))
    ),
    st.sampled_from(PROMPTS),
    st.sampled_from([*REQUESTS.values(), *TEAM_REQUESTS.values()]) | st.text(),
    st.lists(ANSWERS, max_size=4),
)
SUCCESS = ("was refunded", "are paid back", "percent cheaper", "was sent by email")


@given(CONVERSATIONS)
def test_whatever_the_tools_say_is_answered(conversation: Conversation) -> None:
    """No answer of a tool, however broken, makes a rule raise; the same conversation is answered alike."""
    choice = decide(conversation, demo_rules())
    assert not isinstance(choice.action, Fail), choice
    assert choice == decide(conversation, demo_rules())


@given(CONVERSATIONS)
def test_no_success_is_claimed_without_a_report_of_it(conversation: Conversation) -> None:
    """Where every tool that changes something failed or was not asked, no success is claimed."""
    changed = [
        answer
        for answer in conversation.answers
        if not answer.failed and not answer.name.startswith(("get_", "find_", "track_", "other"))
    ]
    action = decide(conversation, demo_rules()).action
    if not changed and isinstance(action, Say):
        assert not [words for words in SUCCESS if words in action.text]


@given(CONVERSATIONS)
def test_a_change_that_failed_is_not_asked_for_again(conversation: Conversation) -> None:
    """The llm leaves repeats to the agent: it never asks again for a change that has been answered."""
    action = decide(conversation, demo_rules()).action
    if isinstance(action, CallTools):
        answered = {answer.name for answer in conversation.answers}
        writes = {"issue_refund", "grant_discount", "send_email", "refund_payment"}
        assert not {use.name for use in action.uses} & answered & writes


def test_the_demo_imports_no_sdk() -> None:
    """Importing the demo agents imports neither an SDK nor an HTTP client."""
    code = (
        "import sys, agentops_eval.demo.desk, agentops_eval.demo.team, agentops_eval.demo.starter;"
        "print(sorted({'openai', 'anthropic', 'httpx', 'httpx2', 'stamina', 'purgatory'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_sdk_names_the_extra() -> None:
    """A missing package is an error that names it, and the command that installs the extra."""
    with pytest.raises(ExtraMissing, match="need no_such_sdk") as caught:
        need("json", "no_such_sdk")
    assert "pip install 'agentops-eval[demo]'" in caught.value.remedy
    assert "pip install '.[demo]'" in caught.value.remedy
