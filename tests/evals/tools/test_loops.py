"""An agent that does, or says, the same again and again."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import ScenarioInvalid, Span, Trace
from agentops_eval.evals.tools._cycles import longest_cycle
from agentops_eval.traces import semconv as sc
from tests.evals.tools._kit import FAIL, PASS, UNKNOWN, call, judge, untold

A, B, C = (call(name, {"x": 1}) for name in "abc")


def pages(count: int):
    return [call("search", {"page": number}) for number in range(count)]


@pytest.mark.parametrize(
    ("arguments", "calls", "value"),
    [
        pytest.param(None, [A, A], PASS, id="twice"),
        pytest.param(None, [A, A, A], FAIL, id="three times in a row"),
        pytest.param(None, [A, B, A, C, A], FAIL, id="three times, spread"),
        pytest.param(None, [A, B] * 3, FAIL, id="a cycle of two"),
        pytest.param(None, [A, B, C] * 2, PASS, id="two rounds"),
        pytest.param(2, [A, B, C] * 2, FAIL, id="two rounds are too many"),
        pytest.param(None, pages(9), PASS, id="other arguments"),
        pytest.param({"names_only": True}, pages(3), FAIL, id="by name"),
        pytest.param({"names_only": True}, [A, B, A, C, A], PASS, id="by name, without a cycle"),
        pytest.param({"leaving_out": ["page"]}, pages(3), FAIL, id="an argument without meaning"),
        pytest.param({"allow": ["a"]}, [A] * 9, PASS, id="a tool that is polled"),
        pytest.param({"allow": ["a"]}, [A, B, A, B, A, B], FAIL, id="others beside one that is polled"),
        pytest.param(
            None, [call("a", {"x": 1}), call("a", {"x": 1.0}), call("a", {"x": 1})], FAIL, id="1 is 1.0"
        ),
        pytest.param(None, [untold("a")] * 2, PASS, id="untold, twice"),
        pytest.param(None, [untold("a")] * 3, UNKNOWN, id="untold, three times"),
        pytest.param(None, [untold("a"), A, A], UNKNOWN, id="untold beside others"),
        pytest.param(None, [untold("a"), *pages(5)], PASS, id="untold, of another tool"),
        pytest.param({"names_only": True}, [untold("a")] * 3, FAIL, id="untold, by name"),
        pytest.param(None, [], PASS, id="no calls"),
    ],
)
def test_calls_that_come_again(arguments, calls, value):
    """So many identical calls, wherever they stand, or rounds of one cycle are a loop."""
    assert judge("no_loops", arguments, calls).value is value


@pytest.mark.parametrize(
    ("arguments", "calls", "said", "score"),
    [
        pytest.param(
            None, [B, A, A, A], "a(x=1) was called 3 times in a row (calls 2 to 4)", 0.25, id="in a row"
        ),
        pytest.param(None, [A, B, A, C, A], "a(x=1) was called 3 times (calls 1, 3 and 5)", 0.4, id="spread"),
        pytest.param(
            None,
            [C, A, B, A, B, A, B, A],
            "a and b went round 3 times in a row (calls 2 to 8)",
            0.125,
            id="round",
        ),
        pytest.param(
            {"names_only": True},
            pages(4),
            "search was called 4 times in a row (calls 1 to 4)",
            0.0,
            id="by name",
        ),
        pytest.param(None, [A, B], "2 calls, no loop", 1.0, id="none"),
    ],
)
def test_reasons(arguments, calls, said: str, score: float):
    """The reason says what came again, how often and where; the score is the share of the other calls."""
    calls = [call(one.name, one.arguments, span=f"s{number}") for number, one in enumerate(calls)]
    found = judge("no_loops", arguments, calls)
    assert (found.reason, found.score) == (said, pytest.approx(score))
    assert len(found.evidence) == round(len(calls) * (1 - score))


def said(*texts: str, parent: str = "desk") -> list[Span]:
    """Answers of an llm, one after the other."""
    return [
        Span(
            name="chat",
            trace_id="t",
            span_id=f"{parent}{number}",
            parent_id=parent,
            start_ns=number,
            attributes={
                sc.OPERATION_NAME: sc.CHAT,
                sc.OUTPUT_MESSAGES: json.dumps(
                    [{"role": "assistant", "parts": [{"type": "text", "content": text}]}]
                ),
            },
        )
        for number, text in enumerate(texts)
    ]


NEARLY = [f"I will look at order 1042 again, attempt {number}." for number in range(3)]


@pytest.mark.parametrize(
    ("texts", "arguments", "value"),
    [
        pytest.param(NEARLY, None, FAIL, id="nearly the same"),
        pytest.param(NEARLY[:2], None, PASS, id="twice"),
        pytest.param([*NEARLY[:2], "The money is on its way."], None, PASS, id="and then another"),
        pytest.param(NEARLY, {"similar": 1}, PASS, id="not quite the same"),
        pytest.param(NEARLY, {"similar": None}, PASS, id="not looked at"),
        pytest.param(["Yes.", "The order is here.", "It was refunded."], None, PASS, id="others"),
    ],
)
def test_an_llm_that_says_the_same(texts, arguments, value):
    """Answers that are nearly the same, one after the other, are a loop without any tool."""
    found = judge("no_loops", arguments, trace=Trace(spans=tuple(said(*texts))))
    assert found.value is value
    if value is FAIL:
        assert found.reason.startswith('the llm said nearly the same 3 times in a row: "I will look')
        assert (found.evidence, found.score) == (("desk0", "desk1", "desk2"), 0.0)


def test_agents_that_say_the_same_beside_each_other_do_not_loop():
    """Three agents may give one answer each that is the same."""
    spans = [span for parent in ("a", "b", "c") for span in said("All is well.", parent=parent)]
    assert judge("no_loops", None, trace=Trace(spans=tuple(spans))).value is PASS


def nested(*names: str) -> Trace:
    """Agents, each below the one before."""
    return Trace(
        spans=tuple(
            Span(
                name=f"invoke_agent {name}",
                trace_id="t",
                span_id=f"s{number}",
                parent_id=f"s{number - 1}" if number else "",
                attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: name},
            )
            for number, name in enumerate(names)
        )
    )


@pytest.mark.parametrize(
    ("names", "value"),
    [
        pytest.param("desk billing desk billing desk", FAIL, id="handed to and fro"),
        pytest.param("desk billing desk", PASS, id="handed back once"),
        pytest.param("desk billing mail", PASS, id="handed on"),
    ],
)
def test_agents_that_enter_themselves(names: str, value):
    """An agent that works within itself again and again is a loop."""
    found = judge("no_loops", None, trace=nested(*names.split()))
    assert found.value is value
    if value is FAIL:
        assert (found.reason, found.evidence) == ("desk was entered 3 times within itself", ("s4",))


def test_an_agent_that_is_called_again_beside_itself_does_not_loop():
    """A fan-out to one agent is no recursion."""
    spans = [nested("desk").spans[0]]
    spans += [
        Span(
            name="w",
            trace_id="t",
            span_id=f"w{number}",
            parent_id="s0",
            attributes={sc.OPERATION_NAME: sc.INVOKE_AGENT, sc.AGENT_NAME: "worker"},
        )
        for number in range(9)
    ]
    assert judge("no_loops", None, trace=Trace(spans=tuple(spans))).value is PASS


def test_a_tree_that_bites_its_tail_is_walked_once():
    """Spans that are each other's parents end the walk like any other."""
    one, two = nested("a", "b").spans
    loop = (Span(name=one.name, trace_id="t", span_id="s0", parent_id="s1", attributes=one.attributes), two)
    assert judge("no_loops", None, trace=Trace(spans=loop)).value is PASS


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param(1, "a loop has two rounds at least", id="repeats"),
        pytest.param({"similar": 2}, "similar is 2", id="similar"),
        pytest.param({"alow": ["a"]}, "did you mean 'allow'?", id="a misspelt argument"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, text: str):
    """A number that makes no loop, or a misspelt name, is an error."""
    with pytest.raises(ScenarioInvalid) as caught:
        judge("no_loops", arguments)
    assert text in str(caught.value)


STEPS = st.lists(st.sampled_from(["a", "b", None]), max_size=14)


def cycles(steps, rounds: int):
    """Every stretch that is so many whole rounds, by trying all."""
    for start, period in product(range(len(steps)), range(1, len(steps) + 1)):
        end = start + period
        if None in steps[start:end]:
            continue
        while end < len(steps) and steps[end] == steps[end - period]:
            end += 1
        if end - start >= period * rounds:
            yield end - start, -period


@given(STEPS, st.integers(2, 4))
def test_the_longest_cycle_is_the_longest_of_all(steps, rounds: int):
    """It covers as many steps as any, with the shortest period, and each step is that of a period before."""
    found = longest_cycle(steps, rounds=rounds, longest=32)
    best = max(cycles(steps, rounds), default=None)
    assert (None if found is None else (found.length, -found.period)) == best
    if found is not None:
        stretch = steps[found.start : found.start + found.length]
        assert stretch[found.period :] == stretch[: -found.period]
        assert found.rounds >= rounds


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5), st.integers(3, 5), STEPS)
def test_a_planted_cycle_is_found(cycle, rounds: int, before):
    """Whatever went before, rounds of any cycle are found."""
    calls = [call(name or "n") for name in [*before, *(list(cycle) * rounds)]]
    assert judge("no_loops", None, calls).value is FAIL
