"""Sketches of runs: what repeats another run, and what does not."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Span, StatusCode, Trace
from agentops_eval.traces import Repetitions, sketch
from agentops_eval.traces import semconv as sc
from tests.examples import examples
from tests.traces._traces import traces

WORDS = [f"word{number // 26:c}{number % 26:c}" for number in range(0x61 * 26, 0x61 * 26 + 400)]


def run(asked: str, *tools: str, answer: str = "Done.", system: str = "", failed: bool = False) -> Trace:
    """A question, tool calls with the question as their argument, and an answer."""

    def said(text: str) -> str:
        return json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])

    chat = {
        sc.OPERATION_NAME: sc.CHAT,
        sc.SYSTEM_INSTRUCTIONS: json.dumps([{"type": "text", "content": system}]),
        sc.INPUT_MESSAGES: said(asked),
        sc.OUTPUT_MESSAGES: said(answer),
    }
    calls = [
        {
            sc.OPERATION_NAME: sc.EXECUTE_TOOL,
            sc.TOOL_NAME: tool,
            sc.TOOL_CALL_ARGUMENTS: json.dumps({"q": asked}),
        }
        for tool in tools
    ]
    status = StatusCode.ERROR if failed else StatusCode.UNSET
    spans = (
        Span(name="x", trace_id="1", span_id=str(number), attributes=values, status=status)
        for number, values in enumerate([chat, *calls], start=1)
    )
    return Trace(spans=tuple(spans))


def likeness(one: Trace, other: Trace) -> float:
    return sketch(one).likeness(sketch(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (run("Refund order 7, please.", "refund"), run("Refund order 1042, please.", "refund")),
        (run("Hi", system="Be kind."), run("Hi", system="Be brief.")),
        (run("Trace 4bf92f3577b34da6 failed"), run("Trace 00f067aa0ba902b7 failed")),
    ],
    ids=["numbers", "instructions", "ids"],
)
def test_what_varies_without_meaning_does_not_count(one: Trace, other: Trace) -> None:
    """Runs that differ in numbers, long ids or the instructions only are alike."""
    assert likeness(one, other) == 1


@pytest.mark.parametrize(
    "other",
    [
        run("Refund order 7, please.", "refund", "mail"),
        run("Refund order 7, please.", "charge"),
        run("Refund order 7, please.", "refund", failed=True),
    ],
    ids=["one more step", "another tool", "a failure"],
)
def test_other_steps_are_another_run(other: Trace) -> None:
    """However alike the words are, runs that did other things do not repeat each other."""
    assert likeness(run("Refund order 7, please.", "refund"), other) == 0


def test_the_likeness_is_the_share_of_what_was_said() -> None:
    """Of two texts of 300 words that share a known part, the estimate is near the exact share."""
    errors = []
    for seed in range(20):
        words = random.Random(seed).sample(WORDS, 400)
        one, other = words[:300], words[100:]
        exact = 198 / (298 + 298 - 198)  # runs of three words, two of which lie across each border
        found = likeness(run(" ".join(one), answer=""), run(" ".join(other), answer=""))
        errors.append(found - exact)
    assert abs(sum(errors) / len(errors)) < 0.05
    assert max(map(abs, errors)) < 0.2


@examples(80)
@given(traces(), traces())
def test_a_likeness_is_one_and_symmetric(one: Trace, other: Trace) -> None:
    """Any run is like itself, no likeness leaves its range, and the order does not matter."""
    assert likeness(one, one) == 1
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


@examples(50)
@given(st.lists(st.sampled_from(["a b c", "a b d", "x y z", "", "7", "8"]), max_size=12))
def test_repetitions_are_placed_with_the_run_that_they_repeat(texts: list[str]) -> None:
    """A run is new where no earlier new run is like enough, else it has that one's number."""
    repetitions, new = Repetitions(0.9), list[Trace]()
    for text in texts:
        trace = run(text)
        found = repetitions.place(sketch(trace))
        near = [number for number, earlier in enumerate(new) if likeness(earlier, trace) >= 0.9]
        assert (found is None) == (not near)
        if found is None:
            new.append(trace)
        else:
            assert found in near
