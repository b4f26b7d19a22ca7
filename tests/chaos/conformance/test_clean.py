"""Clean agents give no false finding, whatever check they are held against."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

from agentops_eval.chaos import Contract
from agentops_eval.chaos.conformance import CHECKS, Breaker, Declared, check
from agentops_eval.demo import flaws
from agentops_eval.harness.faulting import Runner, subject_of
from tests.chaos.conformance._kit import subjects
from tests.chaos.conformance.test_flaws import CASES

NAMES = sorted(found.name for found in pkgutil.iter_modules(flaws.__path__) if not found.name.startswith("_"))
CONTRACTS = {flaw.__name__.rpartition(".")[2]: given.get("contract") for _, flaw, given, _ in CASES}
CONTRACTS["breaker_never_recloses"] = Contract(
    checks=Declared(breakers={"get_rate": Breaker(failures=3, cooldown_s=30.0)})
)


@pytest.mark.parametrize("name", NAMES)
def test_mended_agents_give_no_finding(name: str) -> None:
    """Every check passes for every mended agent, or cannot tell."""
    flaw: Any = importlib.import_module(f"agentops_eval.demo.flaws.{name}")
    tasks = {"beside": ("globex",)} if name == "tenant_leak_in_cache" else None
    subject = subject_of(
        flaw.mended, world=getattr(flaw, "World", None), tasks=tasks, approver=lambda _: True
    )
    runner = Runner(subject)
    found = {one: subjects(check(one, runner, contract=CONTRACTS.get(name))) for one in CHECKS}
    assert {one: told for one, told in found.items() if told} == {}
