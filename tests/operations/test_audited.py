"""Audited actions become what calibration and tiers count."""

from __future__ import annotations

from agentops_eval.operations import Action, Confident, actions_by_class, confident_actions
from agentops_eval.traces.audit import AuditRecord, audit
from agentops_eval.traces.prices import Pricing
from tests.traces._live import Live

WRITE = {"agentops__tool__effect": "write"}


def records(*, status: str = "approved", error: str = "", confidence: float = 0.8) -> tuple[AuditRecord, ...]:
    """A run that decides, asks a person and refunds, and then sends a letter without a decision."""
    live = Live()
    desk = live.agent("desk", took=900, agentops__confidence=confidence)
    live.span(
        "agentops.hitl_checkpoint",
        desk,
        at=10,
        agentops__hitl__action="refund",
        agentops__hitl__status=status,
    )
    live.tool("refund", desk, at=20, error=error, **WRITE)
    return audit(live.normal, price=Pricing()).records


def test_an_action_is_as_right_as_its_run():
    """Its confidence is that of its decision; overridden, failed, or in a run that failed, it was wrong."""
    assert confident_actions(records(), right=True) == (
        Confident(confidence=0.8, correct=True, action="refund"),
    )
    for some, right in (
        (records(), False),
        (records(status="modified"), True),
        (records(error="ValueError"), True),
    ):
        assert [one.correct for one in confident_actions(some, right=right)] == [False]


def test_a_confidence_that_is_none_is_left_out():
    """Eighty is no probability, and is not taken for one."""
    assert confident_actions(records(confidence=80.0), right=True) == ()


def test_tiers_count_actions_by_class():
    """What a reviewer changed is overridden, what failed is wrong, and harm is everybody's."""
    assert actions_by_class(records(), right=None) == {"refund": (Action(right=None),)}
    found = actions_by_class(records(status="rejected"), right=True, harms=["secret-leaked"])
    assert found == {"refund": (Action(right=True, overridden=True, harms=("secret-leaked",)),)}
    assert actions_by_class(records(error="ValueError"), right=True)["refund"][0].outcome is False
