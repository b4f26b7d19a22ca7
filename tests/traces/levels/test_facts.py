"""What operations count of one run."""

from __future__ import annotations

import pytest

from agentops_eval.traces.levels import facts_of
from agentops_eval.traces.prices import Pricing
from tests.traces._live import Live


def test_a_run_becomes_its_facts():
    """Its ending, cost, duration and group are told, and of each step its type, tool, duration and error."""
    live = Live()
    root = live.agent(took=5_000, gen_ai__agent__name="refunds")
    live.llm(root, at=10, took=1_500, agentops__cost__amount=0.25)
    live.tool("get_order", root, at=20, took=250, error="timeout")
    found = facts_of(live.normal, price=Pricing())
    assert found is not None
    assert (found.succeeded, found.infrastructure, found.degraded) == (True, False, True)
    assert (found.cost_usd, found.took_s, found.at_s > 0) == (0.25, 5.0, True)
    assert [(one.kind, one.name, one.took_s, one.error) for one in found.steps] == [
        ("agent", "", 5.0, ""),
        ("llm", "", 1.5, ""),
        ("tool", "get_order", 0.25, "transient"),
    ]


def test_a_cost_that_is_not_told_is_unknown():
    """One llm call without a price makes the run's cost unknown; a run without llm calls cost nothing."""
    live = Live()
    live.llm(live.agent(), llm="nobody-knows", tokens=(1, 1))
    found = facts_of(live.normal, price=Pricing())
    assert found is not None
    assert found.cost_usd is None
    alone = Live()
    alone.agent()
    found = facts_of(alone.normal, price=Pricing())
    assert found is not None
    assert found.cost_usd == 0


def test_a_run_that_reached_nobody_neither_succeeded_nor_failed():
    """An error of the infrastructure is told apart from the agent's failure."""
    live = Live()
    live.agent(error="ConnectionError")
    found = facts_of(live.normal)
    assert found is not None
    assert (found.succeeded, found.infrastructure) == (None, True)


CASES = {
    "nothing failed": (lambda live, root: live.tool("get_order", root, at=20), False),
    "made good": (
        lambda live, root: [
            live.tool("get_order", root, at=at, error=error, gen_ai__tool__call__arguments='{"n": 1}')
            for at, error in ((20, "timeout"), (40, ""))
        ],
        False,
    ),
    "other arguments": (
        lambda live, root: [
            live.tool("get_order", root, at=at, error=error, gen_ai__tool__call__arguments=f'{{"n": {at}}}')
            for at, error in ((20, "timeout"), (40, ""))
        ],
        True,
    ),
    "arguments are not told": (
        lambda live, root: [
            live.tool("get_order", root, at=at, error=error) for at, error in ((20, "timeout"), (40, ""))
        ],
        None,
    ),
    "the same llm again": (
        lambda live, root: [
            live.llm(root, at=at, error=error) for at, error in ((20, "overloaded"), (40, ""))
        ],
        False,
    ),
    "another llm": (
        lambda live, root: [
            live.llm(root, at=20, error="overloaded"),
            live.llm(root, at=40, llm="acme-small"),
        ],
        True,
    ),
    "failed at last": (
        lambda live, root: [
            live.tool("get_order", root, at=at, error=error, gen_ai__tool__call__arguments="{}")
            for at, error in ((20, ""), (40, "timeout"))
        ],
        True,
    ),
}


@pytest.mark.parametrize(("made", "degraded"), CASES.values(), ids=CASES)
def test_a_run_that_lost_a_call_is_degraded(made, degraded):
    """A call that failed and that none made good leaves a part undone; what is not told is not known."""
    live = Live()
    made(live, live.agent(took=5_000))
    found = facts_of(live.normal)
    assert found is not None
    assert (found.succeeded, found.degraded) == (True, degraded)


@pytest.mark.parametrize("word", [True, False, "true"])
def test_the_sender_knows_better(word):
    """What stands on the span of the run goes before what its calls look like."""
    live = Live()
    live.tool("get_order", live.agent(took=5_000, agentops__degraded=word), at=20, error="timeout")
    found = facts_of(live.normal)
    assert found is not None
    assert found.degraded is (word is not False)


def test_a_run_that_failed_was_not_degraded():
    """Nor was it whole: nobody can say, and the share leaves it out."""
    live = Live()
    live.agent(error="ValueError", agentops__degraded=True)
    found = facts_of(live.normal)
    assert found is not None
    assert (found.succeeded, found.degraded) == (False, None)
