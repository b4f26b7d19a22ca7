"""Errors tell what, where, the difference and the remedy, and carry them as data."""

from __future__ import annotations

import pytest

from agentops_eval import domain
from agentops_eval.domain import AgentopsError, CassetteMissing, ReplayMiss

KINDS = [kind for kind in vars(domain).values() if isinstance(kind, type) and issubclass(kind, AgentopsError)]


def test_message_has_four_parts_in_order() -> None:
    """Each part stands on its own line, the code in front."""
    error = CassetteMissing("there is no recording", where="a.jsonl", difference="x\ny", remedy="record it")
    assert str(error).splitlines() == [
        "AE101 there is no recording",
        "  where: a.jsonl",
        "  x",
        "  y",
        "  fix:   record it",
    ]


def test_empty_parts_leave_no_line() -> None:
    """Only what is known is printed."""
    assert str(AgentopsError("plain")) == "AE000 plain"


def test_a_miss_is_no_ordinary_exception() -> None:
    """SDKs retry and rewrap what they can catch as Exception; a miss is not among it."""
    assert not issubclass(ReplayMiss, Exception)
    assert ReplayMiss("gone", reason="not-recorded").reason == "not-recorded"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_and_a_diagnosis(kind: type[AgentopsError]) -> None:
    """Each class names its own code and explains itself."""
    assert kind.code.startswith("AE")
    assert kind.__doc__


def test_codes_are_unique() -> None:
    """Two errors never share a code."""
    codes = [kind.code for kind in {*KINDS}] + [ReplayMiss.code]
    assert len(codes) == len(set(codes))
