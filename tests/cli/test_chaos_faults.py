"""``chaos faults``: the catalogue for people and for scripts."""

from __future__ import annotations

import json

import pytest

from agentops_eval.chaos import ATTACKS, CATALOGUE
from agentops_eval.cli._main import run


def test_every_fault_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The list names each kind, its class and its parameters, grouped by where it can happen."""
    assert run(["chaos", "faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert sorted(named) == sorted(CATALOGUE)
    assert any("permanent=false" in line for line in lines)


def test_scripts_get_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON holds all that a form needs: seams, class, defaults, choices; and the families of attacks."""
    assert run(["chaos", "faults", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["fault"] for one in document["faults"]] == list(CATALOGUE)
    assert [one["family"] for one in document["families"]] == list(ATTACKS)
    wrong = next(one for one in document["faults"] if one["fault"] == "tool_wrong")
    assert wrong["parameters"]["how"] == {"default": "any", "choices": ["any", "number", "id", "boolean"]}


def test_one_seam_or_one_fault_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """``--seam`` keeps what can happen there, a name what is called so with all its words."""
    assert run(["chaos", "faults", "--seam", "human", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["faults"]
    assert {one["fault"] for one in found} >= {"approver_silent", "kill"}
    assert all("human" in one["seams"] for one in found)
    assert run(["chaos", "faults", "tool_injection"]) == 0
    assert "memory_poisoning: wants to be remembered (ASI06)" in capsys.readouterr().out


def test_a_misspelt_fault_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The error says what was probably meant, with the exit code of usage."""
    assert run(["chaos", "faults", "tool_eror"]) == 2
    assert "did you mean 'tool_error'?" in capsys.readouterr().err
