"""The catalogue: each kind has a constructor, a row in the reference, variants and smaller parameters."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from agentops_eval import faults
from agentops_eval.chaos import ATTACKS, CATALOGUE, Kind
from agentops_eval.chaos._arming import arm
from agentops_eval.domain import Fault, Seam

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "faults.md"
TOLD = [kind for kind in CATALOGUE.values() if Seam.HTTP not in kind.seams or len(kind.seams) > 4]


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.name)
def test_every_kind_is_in_the_reference(kind: Kind) -> None:
    """The page has a row for it, with its class and each of its parameters."""
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{kind.name}` |")
    ]
    assert len(rows) == 1
    assert f"| {kind.fault_class.value} |" in rows[0]
    assert all(f"`{name}`" in rows[0] for name in kind.parameters)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_every_kind_can_be_made_by_name(kind: Kind) -> None:
    """``faults`` has a constructor of the same name, whose fault is accepted with its defaults."""
    fault = getattr(faults, kind.name)()
    assert fault.kind == kind.name
    arm(0, fault, CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_variants_and_smaller_parameters_are_accepted(kind: Kind) -> None:
    """What an exploration tries, and what makes a finding small, is valid; each smaller one is another."""
    for parameters in kind.variants:
        arm(0, Fault(kind=kind.name, parameters=parameters), CATALOGUE)
        for less in kind.smaller(parameters):
            arm(0, Fault(kind=kind.name, parameters=less), CATALOGUE)
            assert less != parameters
    json.dumps([kind.parameters, *kind.variants])
    assert kind.about.endswith(".")


@pytest.mark.parametrize("family", ATTACKS)
def test_every_family_is_in_the_reference(family: str) -> None:
    """Each attack is listed, and has the id of a risk."""
    assert f"`{family}`" in PAGE.read_text(encoding="utf-8")
    assert re.fullmatch(r"ASI(0\d|10)", ATTACKS[family].risk)


def test_attacks_cover_all_ten_risks() -> None:
    """There is at least one family for each of the ten risks."""
    assert len({attack.risk for attack in ATTACKS.values()}) == 10
