"""Each flaw is found by the check that is made for it, and its mended twin passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import Budget, Declared, Fallback
from agentops_eval.chaos.contracts import Undoes
from agentops_eval.demo.flaws import (
    approval_bypass_on_timeout,
    duplicate_email_on_lost_reply,
    fallback_hides_failure,
    infinite_tool_loop,
    missing_timeout,
    resume_repeats_refund,
    retry_without_key,
    saga_skips_compensation,
    tenant_leak_in_cache,
)
from tests.chaos.conformance._kit import subjects, tried

SAGA = Contract(
    compensates={
        "cancel_flight": Undoes(tool="book_flight"),
        "cancel_hotel": Undoes(tool="book_hotel"),
        "cancel_car": Undoes(tool="book_car"),
    }
)
FALLBACKS = Contract(checks=Declared(fallbacks=(Fallback(order=("get_rate", "get_rate_backup", "cached")),)))
CAPPED = Contract(checks=Declared(budget=Budget(calls=10)))
CASES = [
    ("idempotency", retry_without_key, {}, ["charge"]),
    ("idempotency", duplicate_email_on_lost_reply, {}, ["send_email"]),
    ("saga", saga_skips_compensation, {"contract": SAGA}, ["book_car"]),
    ("timeouts", missing_timeout, {}, ["delivery_date"]),
    ("approval", approval_bypass_on_timeout, {"approver": lambda _: True}, ["issue_refund"]),
    ("neighbour", tenant_leak_in_cache, {"tasks": {"beside": ("globex",)}}, ["result:beside"]),
    ("resume", resume_repeats_refund, {}, ["issue_refund"]),
    ("budget", infinite_tool_loop, {"contract": CAPPED}, ["runaway:list_orders"]),
    ("fallback", fallback_hides_failure, {"contract": FALLBACKS}, ["hidden:get_rate"]),
]


@pytest.mark.parametrize(
    ("name", "flaw", "given", "found"), CASES, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_flaw_is_found_and_its_mended_twin_passes(
    name: str, flaw: Any, given: dict[str, Any], found: list[str]
) -> None:
    """The check fails for the flawed agent by the flaw's own name, and passes for the mended one."""
    world: Callable[[], Any] | None = getattr(flaw, "World", None)
    flawed = tried(name, flaw.flawed, world=world, **given)
    assert (flawed.passed, subjects(flawed)) == (False, found), flawed.why
    mended = tried(name, flaw.mended, world=world, **given)
    assert (mended.passed, mended.why) == (True, "")
