"""Rules for incidents on labelled logs that they were not tuned on, where development data is present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentops_eval.domain import VerdictValue
from agentops_eval.operations import localise
from tests.operations._logs import logs

pytestmark = pytest.mark.skipif(
    "AGENTOPS_DEV_DATA" not in os.environ, reason="AGENTOPS_DEV_DATA names no folder"
)


def test_rules_name_the_step_better_than_any_baseline():
    """On the half of the logs kept for this steps are named better; agents are not, and stay unknown."""
    found = localise(logs(1))
    assert (found.logs, found.answered) == (62, 56)
    assert (found.step, found.agent) == (VerdictValue.PASS, VerdictValue.UNKNOWN)
    page = Path(__file__).parents[2] / "docs/explanation/operations.md"
    assert found.table in page.read_text(encoding="utf-8")
