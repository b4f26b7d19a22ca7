"""The catalogue of attacks: each family is told, and stands for a risk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentops_eval.chaos import ATTACKS

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "faults.md"


@pytest.mark.parametrize("family", ATTACKS)
def test_every_family_is_in_the_reference(family: str) -> None:
    """Each attack is listed, and has the id of a risk."""
    assert f"`{family}`" in PAGE.read_text(encoding="utf-8")
    assert re.fullmatch(r"ASI(0\d|10)", ATTACKS[family].risk)


def test_attacks_cover_all_ten_risks() -> None:
    """There is at least one family for each of the ten risks."""
    assert len({attack.risk for attack in ATTACKS.values()}) == 10
