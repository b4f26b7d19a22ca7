"""Agents without a flaw give no false finding: not under one fault, not under two, not in any check."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.chaos.conformance import CHECKS, check_all
from agentops_eval.demo.flaws import FLAWS, Flaw
from agentops_eval.harness.faulting import Runner, load_contract, load_subject
from tests.demo.flaws._kit import explored, planted

pytest.importorskip("openai")

ASKS_AN_LLM = frozenset({"injection_obeyed", "partial_stream_taken_whole", "swallowed_429"})
"""Agents that ask an llm through its SDK: some hundred pairs of faults take many seconds."""


def by_name(flaw: Flaw) -> str:
    """How a flaw is called in the names of tests."""
    return flaw.module


@pytest.mark.parametrize("flaw", FLAWS, ids=by_name)
def test_exploration_finds_nothing(flaw: Flaw) -> None:
    """All faults, alone and in pairs, leave the mended agent safe; the search agrees with its audit."""
    exploration = explored(flaw, "mended", depth=1 if flaw.module in ASKS_AN_LLM else 2)
    assert [str(one.impact.run.schedule) for one in exploration.findings] == []
    assert exploration.disagreements == ()
    assert exploration.complete
    assert exploration.coverage.singles.covered > 20


@pytest.mark.parametrize("flaw", FLAWS, ids=by_name)
def test_no_check_fails(flaw: Flaw) -> None:
    """Each check passes, or cannot tell."""
    contract = None if flaw.contract is None else load_contract(flaw.contract, root=Path.cwd())
    results = list(check_all(Runner(load_subject(planted(flaw, "mended"))), contract=contract))
    assert {one.name for one in results} == set(CHECKS)
    assert {one.name: one.why for one in results if one.passed is False} == {}
    if flaw.check:
        assert [one.passed for one in results if one.name == flaw.check] == [True]
