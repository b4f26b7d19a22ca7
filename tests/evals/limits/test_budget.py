"""What a run may spend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Spend
from tests.evals._judged import FAIL, PASS, UNKNOWN, judged, refused, value

SPENT = Spend(
    cost_usd=0.04,
    input_tokens=900,
    output_tokens=100,
    latency_s=2.5,
    llm_calls=3,
    tool_calls=2,
    steps=5,
    retries=0,
)
NAMES = "cost_usd tokens input_tokens output_tokens latency_s steps llm_calls tool_calls retries".split()


@pytest.mark.parametrize(
    ("arguments", "found", "why"),
    [
        pytest.param(0.05, PASS, "cost_usd 0.04, at most 0.05", id="cost"),
        pytest.param(0.04, PASS, "", id="exactly"),
        pytest.param(0.03, FAIL, "cost_usd 0.04, at most 0.03", id="cost-beyond"),
        pytest.param({"tokens": 1000}, PASS, "", id="tokens"),
        pytest.param({"tokens": 999}, FAIL, "tokens 1,000, at most 999", id="tokens-beyond"),
        pytest.param(
            {"input_tokens": 900, "output_tokens": 99}, FAIL, "output_tokens 100, at most 99", id="output"
        ),
        pytest.param({"latency_s": 2}, FAIL, "latency_s 2.5, at most 2", id="latency"),
        pytest.param(
            {"steps": 4, "llm_calls": 2}, FAIL, "steps 5, at most 4; llm_calls 3, at most 2", id="both"
        ),
        pytest.param({"tool_calls": 2, "retries": 0}, PASS, "retries 0, at most 0", id="retries"),
    ],
)
def test_budgets(arguments, found, why):
    """The reason has both numbers."""
    verdict = judged("budget", arguments, spend=SPENT)
    assert (verdict.value, why in verdict.reason) == (found, True), verdict.reason


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_known_never_passes(name):
    """Not even within a limit that nothing could exceed."""
    verdict = judged("budget", {name: 10**9}, spend=Spend())
    assert (verdict.value, verdict.score) == (UNKNOWN, None)
    assert name in verdict.reason


def test_what_is_beyond_for_sure_fails_before_what_is_unknown():
    """A part of the tokens may be too much already, and another limit may be broken."""
    assert value("budget", {"tokens": 100}, spend=Spend(input_tokens=101)) is FAIL
    assert value("budget", {"tokens": 100}, spend=Spend(input_tokens=99)) is UNKNOWN
    assert value("budget", {"cost_usd": 1, "steps": 2}, spend=Spend(steps=3)) is FAIL


@given(st.sampled_from(NAMES), st.integers(0, 100), st.integers(0, 100))
def test_a_larger_budget_never_fails_where_a_smaller_one_passes(name, limit, more):
    """A limit is monotone."""
    if value("budget", {name: limit}, spend=SPENT) is PASS:
        assert value("budget", {name: limit + more}, spend=SPENT) is PASS


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(None, "say what is limited", id="nothing"),
        pytest.param({"step": 2}, "did you mean 'steps'?", id="misspelt"),
        pytest.param(-1, "from 0", id="negative"),
        pytest.param({"latency_s": float("nan")}, "from 0", id="nan"),
        pytest.param({"steps": 2.5}, "a whole number is expected", id="half-a-step"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, why):
    """It is an error of the file."""
    assert why in refused("budget", arguments)
