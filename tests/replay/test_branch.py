"""Branches: their files, and the shelf that puts a parent's prefix before what they recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.domain import CassetteStale, ConfigInvalid
from agentops_eval.replay import branch_path, branches_of, case_of, parent_path, shelf_of_branch
from agentops_eval.replay._shelf import Hit, Missed
from agentops_eval.traces.redaction import Redactor
from tests.replay._kit import RULES, call, chat, event, kept, told, use


def test_a_branch_lies_beside_its_parent(tmp_path) -> None:
    """The name of a branch's file is made of the case's and its own, and read back."""
    parent = tmp_path / "test_refund.cassette.jsonl"
    path = branch_path(parent, "prompt-v2")
    assert path == tmp_path / "test_refund@prompt-v2.cassette.jsonl"
    assert case_of(path) == case_of(parent) == "test_refund"
    assert parent_path(path) == parent_path(parent) == parent
    assert branch_path(path, "other").name == "test_refund@other.cassette.jsonl"
    assert case_of(Path("old/test_refund.yaml")) == "test_refund"


def test_branches_are_found(tmp_path) -> None:
    """All branches of a case are listed, and no other case's."""
    parent = tmp_path / "a.cassette.jsonl"
    for name in ("a@y", "a@x", "a", "ab@z"):
        (tmp_path / f"{name}.cassette.jsonl").touch()
    assert [path.name for path in branches_of(parent)] == ["a@x.cassette.jsonl", "a@y.cassette.jsonl"]
    assert branches_of(tmp_path / "none" / "a.cassette.jsonl") == ()


@pytest.mark.parametrize("name", ["", "a/b", "a@b", "..", "a b", "x" * 65, "-a"])
def test_a_name_that_is_no_file_name_is_refused(name) -> None:
    """Names that would leave the folder or be misread are an error."""
    with pytest.raises(ConfigInvalid, match="branch"):
        branch_path(Path("a.cassette.jsonl"), name)


def test_the_prefix_then_the_branch() -> None:
    """Of the parent only what the branch's run took is served, then the branch."""
    parent = kept((event(0, chat("a")), event(1, chat("b")), event(2, chat("a"), answer="late")))
    branch = kept(
        (event(1, chat("B"), answer="branched"), event(2, chat("a"), answer="again")),
        branch="v2",
        branch_of="parent-digest",
        prefix=(0,),
    )
    shelved = shelf_of_branch(parent, branch, rules=RULES, redactor=Redactor())
    said = [shelved.take(call(chat(text))) for text in ("a", "B", "a", "b")]
    assert [told(hit.event) for hit in said if isinstance(hit, Hit)] == ["answer 0", "branched", "again"]
    assert isinstance(said[3], Missed)
    assert shelved.unused == ()


def test_numbers_of_parent_and_branch_do_not_mix() -> None:
    """An event of the branch lies inside a tool of the branch, never of the parent."""
    parent = kept((event(0, use("t")), event(1, chat("inside"), parent=0)))
    branch = kept((event(1, chat("x"), parent=0),), branch_of="parent-digest", prefix=(0, 1))
    shelved = shelf_of_branch(parent, branch, rules=RULES, redactor=Redactor())
    shelved.take(call(use("t")))
    assert [told(e) for e in shelved.unused] == ["answer 1"]
    assert isinstance(shelved.take(call(chat("x"))), Hit)


def test_a_branch_of_another_recording_is_stale() -> None:
    """A parent that was recorded again no longer carries its branches."""
    branch = kept(branch="v2", branch_of="another-digest")
    with pytest.raises(CassetteStale, match="v2") as caught:
        shelf_of_branch(kept(), branch, rules=RULES, redactor=Redactor())
    assert "case.cassette.jsonl" in str(caught.value)
    assert caught.value.remedy
