"""Calls that were made again, and tokens of calls whose answer nobody used."""

from __future__ import annotations

from typing import Any

from agentops_eval.traces.levels import ServiceLevels, Tally
from tests.traces._live import Live


def levels(live: Live) -> ServiceLevels:
    tally = Tally()
    tally.add(live.normal)
    return tally.levels()


def llm_waste(*calls: dict[str, Any]) -> tuple[int, int, int | None]:
    """Retries, wasted calls and wasted input tokens of llm calls under one agent."""
    live = Live()
    root = live.agent()
    for number, call in enumerate(calls):
        live.llm(root, **{"at": number * 10, "took": 5, **call})
    waste = levels(live).waste
    return waste.llm_retries, waste.lost.llm_calls, waste.lost.input_tokens


def test_the_same_conversation_again_supersedes_the_call_before():
    """A second call with the same messages is a retry, and the first one's tokens are wasted."""
    assert llm_waste({"asks": "hi", "tokens": (70, 5)}, {"asks": "hi"}) == (1, 1, 70)
    assert llm_waste({"asks": "hi"}, {"asks": "hi"}, {"asks": "hi"}) == (2, 2, 200)


def test_another_conversation_is_no_retry():
    """A turn that goes on, and one on something else, are calls of their own."""
    assert llm_waste({"asks": "hi"}, {"asks": "hi, again"}, {"asks": "hi"}) == (0, 0, None)


def test_calls_at_the_same_time_are_no_retries():
    """Several answers asked for at once are meant."""
    assert llm_waste({"asks": "hi", "took": 50}, {"asks": "hi"}) == (0, 0, None)


def test_a_failed_call_is_wasted_and_the_next_is_its_retry():
    """Without messages, only a call after a failed one is taken for a retry."""
    assert llm_waste({"error": "429"}, {}) == (1, 1, 100)
    assert llm_waste({}, {}) == (0, 0, None)


def test_wasted_tokens_that_nobody_counted_are_unknown():
    """They are counted apart and are no 0."""
    live = Live()
    live.llm(live.agent(), tokens=(None, None), error="timeout")
    lost = levels(live).waste.lost
    assert (lost.llm_calls, lost.without_usage, lost.input_tokens) == (1, 1, None)


def tool_retries(*calls: dict[str, Any]) -> int:
    live = Live()
    root = live.agent()
    for number, call in enumerate(calls):
        live.tool("find", root, **{"at": number * 10, "arguments": {"order": 7}, **call})
    return levels(live).waste.tool_retries


def test_a_tool_is_retried_where_it_had_failed_with_the_same_arguments():
    """Repeating a failed call is a retry; repeating one that worked, or another, is not."""
    assert tool_retries({"error": "timeout"}, {}) == 1
    assert tool_retries({"error": "timeout"}, {"error": "timeout"}, {}, {}) == 2
    assert tool_retries({}, {}) == 0
    assert tool_retries({"error": "timeout"}, {"arguments": {"order": 8}}) == 0
    assert tool_retries({"error": "timeout", "arguments": None}, {"arguments": None}) == 0
