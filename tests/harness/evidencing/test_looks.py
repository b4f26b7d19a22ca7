"""What is looked for in a project's files: what is there passes, of what is lacking the share is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentops_eval.domain import Evidence, VerdictValue
from agentops_eval.harness import Settings
from agentops_eval.harness.evidencing import noted_of_project
from tests.harness.evidencing._project import fail_safely, whole_project, write_a_runbook_each

SETTINGS = Settings(agent_name="desk", prices="prices.toml")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project in which everything is there."""
    whole_project(tmp_path)
    return tmp_path


def looks(root: Path, **settings) -> dict[str, Evidence]:
    """The facts by subject."""
    return {one.subject: one for one in noted_of_project(root, replace(SETTINGS, **settings), "desk").facts}


def rewritten(root: Path, name: str, before: str, after: str) -> None:
    """Change one file."""
    text = (root / name).read_text(encoding="utf-8")
    assert before in text
    (root / name).write_text(text.replace(before, after), encoding="utf-8")


def test_an_llm_without_a_price_is_named(root):
    """A cost that is unknown is not zero: the look fails, and says of which llm."""
    assert looks(root)["prices"].measures["covered_share"] == 1
    rewritten(root, "prices.toml", "gpt-x", "another-llm")
    found = looks(root)["prices"]
    assert (found.verdict, found.measures["covered_share"]) == (VerdictValue.FAIL, 0)
    assert "none has gpt-x" in found.says


def test_who_pays_is_in_the_inventory_or_told_by_calls(root):
    """Without either nothing is known; attributes that the settings name suffice."""
    assert looks(root)["attribution"].verdict is VerdictValue.PASS
    rewritten(root, "pyproject.toml", 'payer = "team desk"\n', "")
    assert looks(root)["attribution"].verdict is VerdictValue.UNKNOWN
    told = looks(root, attribution={"team": ("cost.team",)})["attribution"]
    assert (told.verdict, told.says.endswith("team by attributes of their calls")) == (
        VerdictValue.PASS,
        True,
    )


def test_every_dependency_has_to_be_pinned(root):
    """One that no file pins is not covered, however its name is spelt elsewhere."""
    assert looks(root)["pinned"].measures["covered_share"] == 1
    rewritten(root, "requirements.txt", "ruamel-yaml==0.18", "another==0.18")
    assert looks(root)["pinned"].measures["covered_share"] == 0.5


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", '[[package]]\nname = "click"\n[[package]]\nname = "ruamel-yaml"\n'),
        ("Pipfile.lock", '{"default": {\n  "click": {\n  },\n  "ruamel.yaml": {\n  }}}'),
    ],
)
def test_lock_files_pin_too(root, name, text):
    """Whatever tool wrote the lock file."""
    (root / "requirements.txt").unlink()
    assert looks(root)["pinned"].verdict is VerdictValue.UNKNOWN
    (root / name).write_text(text)
    assert looks(root)["pinned"].measures["covered_share"] == 1


def test_runbooks_cover_what_was_shown(root):
    """Without a failure there is no share of any; then it is of the modes that a whole runbook names."""
    assert "covered_share" not in looks(root)["runbooks"].measures
    fail_safely(root, SETTINGS, "issue_refund", "get_order")
    assert looks(root)["runbooks"].measures["covered_share"] == 0
    first, _ = write_a_runbook_each(root, SETTINGS)
    assert looks(root)["runbooks"].measures["covered_share"] == 1
    first.unlink()
    assert looks(root)["runbooks"].measures["covered_share"] == 0.5


def test_what_lint_calls_destructive_the_contract_has_to_know(root):
    """A tool of one file that the other forgets is not covered, and is named."""
    assert looks(root)["approvals"].measures["covered_share"] == 1
    rewritten(root, "pyproject.toml", '["issue_refund"]', '["issue_refund", "close_account"]')
    found = looks(root)["approvals"]
    assert found.measures["covered_share"] == 0.5
    assert "close_account" in found.says


def test_whatever_is_looked_for_has_words_for_what_to_write(tmp_path):
    """In a folder with nothing in it each look that finds nothing says what would be found."""
    nothing = looks(tmp_path, prices="")
    unknown = {subject for subject, one in nothing.items() if one.verdict is VerdictValue.UNKNOWN}
    assert len(unknown) > 20
    assert {subject for subject in unknown if "; it takes " not in nothing[subject].says} == set()


def test_recordings_of_suites_need_no_golden(root):
    """Their scenarios judge them; any other recording without a golden is told."""
    for place in ("scenarios/refunds", "elsewhere"):
        assert looks(root)["goldens"].verdict is VerdictValue.PASS
        (root / "golden_traces" / place).mkdir(parents=True)
        (root / "golden_traces" / place / "whole.cassette.jsonl").write_text("{}\n", encoding="utf-8")
    assert looks(root)["goldens"].says.startswith("1 of 2 recordings have an approved golden")


def test_a_cap_of_cost_is_the_option_that_there_is(root):
    """What is looked for in workflows is an option of ``eval run``; without it there is no cap."""
    from agentops_eval.cli._eval_run import run

    assert "--max-cost" in {name for parameter in run.params for name in parameter.opts}
    assert looks(root)["cost-cap"].verdict is VerdictValue.PASS
    rewritten(root, ".github/workflows/ci.yml", " --max-cost 1", "")
    assert looks(root)["cost-cap"].verdict is VerdictValue.UNKNOWN
